using System.Globalization;
using CsvHelper;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Training;

/// <summary>
/// The table of epochs as CSV: epoch, loss, acc, val_loss, val_acc, lr, the names of Keras' CSVLogger; epochs count from 1. Where there
/// are more than 5 classes, top_k_categorical_accuracy and val_top_k_categorical_accuracy follow. Whole after every epoch.
/// </summary>
public sealed class TrainingLog
{
    private const string Top = "top_k_categorical_accuracy", ValidationTop = "val_" + Top;

    private static readonly string[] Columns = ["epoch", "loss", "acc", "val_loss", "val_acc", "lr"];

    private readonly string _path;
    private readonly List<EpochResult> _epochs = [];

    /// <summary>Begins a table, or goes on with one.</summary>
    /// <param name="path">The file; not touched before the first epoch is added.</param>
    /// <param name="resumedEpoch">The epoch after which training goes on: the file's rows up to it are kept. 0: none is.</param>
    /// <exception cref="InputException">Training goes on, and the file is not such a table.</exception>
    public TrainingLog(string path, int resumedEpoch = 0)
    {
        _path = path;
        if (resumedEpoch > 0 && File.Exists(path))
            _epochs.AddRange(Read(path).Where(e => e.Epoch <= resumedEpoch));
    }

    /// <summary>The epochs so far.</summary>
    public IReadOnlyList<EpochResult> Epochs => _epochs;

    /// <summary>Adds an epoch and writes the file.</summary>
    public void Add(EpochResult epoch)
    {
        _epochs.Add(epoch);
        AtomicFile.Write(_path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture);
            bool hasTop = _epochs.Any(e => e.TopAccuracy is not null);
            foreach (string name in hasTop ? (string[])[.. Columns, Top, ValidationTop] : Columns)
                csv.WriteField(name);
            csv.NextRecord();
            foreach (EpochResult e in _epochs)
            {
                csv.WriteField(e.Epoch);
                csv.WriteField(e.Loss);
                csv.WriteField(e.Accuracy);
                csv.WriteField(e.ValidationLoss);
                csv.WriteField(e.ValidationAccuracy);
                csv.WriteField(e.LearningRate);
                if (hasTop)
                {
                    csv.WriteField(e.TopAccuracy);
                    csv.WriteField(e.ValidationTopAccuracy);
                }
                csv.NextRecord();
            }
        });
    }

    /// <summary>Reads a table; columns may be in any order, and others beside them.</summary>
    /// <exception cref="InputException">It is no such table: the message names the row.</exception>
    public static IReadOnlyList<EpochResult> Read(string path)
    {
        using var reader = new StreamReader(path);
        using var csv = new CsvReader(reader, CultureInfo.InvariantCulture);
        try
        {
            var epochs = new List<EpochResult>();
            csv.Read();
            csv.ReadHeader();
            while (csv.Read())
            {
                epochs.Add(new EpochResult(
                    csv.GetField<int>("epoch"), csv.GetField<double>("loss"), csv.GetField<double>("acc"),
                        csv.GetField<double>("val_loss"), csv.GetField<double>("val_acc"))
                {
                    LearningRate = csv.GetField<double?>("lr"),
                    TopAccuracy = csv.TryGetField(Top, out double? top) ? top : null,
                    ValidationTopAccuracy = csv.TryGetField(ValidationTop, out double? validationTop) ? validationTop : null,
                });
            }
            return epochs;
        }
        catch (CsvHelperException e)
        {
            throw new InputException($"{path}, row {csv.Parser.Row}: expected {string.Join(',', Columns)} " +
                $"({e.Message.Split('\n', 2)[0].TrimEnd('\r', '.')}); delete the file, and the table begins anew", e);
        }
    }
}
