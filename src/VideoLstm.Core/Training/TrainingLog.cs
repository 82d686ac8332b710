using System.Globalization;
using CsvHelper;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Training;

/// <summary>An epoch as logged.</summary>
/// <param name="Epoch">Number, from 1.</param>
/// <param name="Loss">Mean cross-entropy of the training batches, with dropout.</param>
/// <param name="Accuracy">Share of training clips right, with dropout.</param>
/// <param name="ValidationLoss">Mean cross-entropy of the test clips.</param>
/// <param name="ValidationAccuracy">Share of test clips right.</param>
public readonly record struct EpochResult(int Epoch, double Loss, double Accuracy, double ValidationLoss, double ValidationAccuracy);

/// <summary>The table of epochs as CSV: epoch, loss, acc, val_loss, val_acc, the names of Keras' CSVLogger. Whole after every epoch.</summary>
public sealed class TrainingLog(string path, IEnumerable<EpochResult> before)
{
    private readonly List<EpochResult> _epochs = [.. before];

    /// <summary>Adds an epoch and writes the file.</summary>
    public void Add(EpochResult epoch)
    {
        _epochs.Add(epoch);
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture);
            foreach (string name in (string[])["epoch", "loss", "acc", "val_loss", "val_acc"])
                csv.WriteField(name);
            csv.NextRecord();
            foreach (EpochResult e in _epochs)
            {
                csv.WriteField(e.Epoch);
                csv.WriteField(e.Loss);
                csv.WriteField(e.Accuracy);
                csv.WriteField(e.ValidationLoss);
                csv.WriteField(e.ValidationAccuracy);
                csv.NextRecord();
            }
        });
    }
}
