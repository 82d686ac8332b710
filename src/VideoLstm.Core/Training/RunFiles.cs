using System.Globalization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Training;

/// <summary>
/// What one training run writes into the folder of checkpoints. All names hold the digest of what the run depends on, so that another run
/// meets none of them, and the same run again writes the same files:
/// <code>
/// lstm-features.012-0.034.1a2b3c4d.bin       a classifier: epoch, validation loss, digest
/// lstm-training-75-2-299x299-1a2b3c4d.state  where the run stands
/// .lstm-training-75-2-299x299-1a2b3c4d.lock  held open while it runs
/// </code>
/// </summary>
/// <param name="data">The data folder.</param>
/// <param name="run">Name of the run.</param>
/// <param name="kind">What the classifiers' names begin with.</param>
/// <param name="digest">What ends them.</param>
internal sealed class RunFiles(DataFolder data, string run, string kind, string digest)
{
    /// <summary>Where the run stands.</summary>
    public string State { get; } = Path.Combine(data.Checkpoints, run + ".state");

    /// <summary>The classifier after an epoch.</summary>
    public string Checkpoint(EpochResult epoch) =>
        Path.Combine(data.Checkpoints, string.Create(CultureInfo.InvariantCulture,
            $"{kind}.{epoch.Epoch:000}-{epoch.ValidationLoss:0.000}.{digest}.bin"));

    /// <summary>Keeps other processes from the same run until it is disposed of, or the process ends in any way.</summary>
    /// <exception cref="InputException">Another process is at it.</exception>
    public FileStream Lock()
    {
        Directory.CreateDirectory(data.Checkpoints);
        string path = Path.Combine(data.Checkpoints, $".{run}.lock");
        try
        {
            return StoreFault.Outlast(() => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), waits: false);
        }
        catch (IOException e) when (StoreFault.IsHeld(e))
        {
            throw new InputException($"{State}: another training with the same clips and options is running", Remedy.WaitOrReseed, e);
        }
    }

    /// <summary>Deletes all but the best classifiers among those that the run has written.</summary>
    /// <param name="epochs">All epochs so far.</param>
    /// <param name="keep">How many stay, at least 1.</param>
    /// <param name="resumable">Epochs that the stored state knows of: their best stays, or the run could not go on from there.</param>
    public void Prune(IReadOnlyList<EpochResult> epochs, int keep, int resumable)
    {
        List<EpochResult> saved = [];
        EpochResult? needed = null;
        foreach (EpochResult epoch in epochs)
        {
            if (saved.Count == 0 || epoch.ValidationLoss < saved[^1].ValidationLoss)
                saved.Add(epoch);
            if (epoch.Epoch <= resumable)
                needed = saved[^1];
        }
        foreach (EpochResult epoch in saved.SkipLast(keep).Where(e => e != needed))
            File.Delete(Checkpoint(epoch));
    }
}
