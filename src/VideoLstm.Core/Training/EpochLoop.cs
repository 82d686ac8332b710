using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Training;

/// <summary>
/// Trains a network epoch by epoch: each sample once, in random order, the last batch as small as it is. The next batch is read while one
/// is learnt from.
/// </summary>
/// <param name="reader">Where the samples come from.</param>
/// <param name="session">What learns.</param>
/// <param name="options">The size of a batch, the seed, and whether the order is kept.</param>
/// <param name="most">Samples of an epoch at most.</param>
internal sealed class EpochLoop(ISampleReader reader, ITrainingSession session, TrainingOptions options, int most)
{
    private Batch _batch = new(reader, Math.Min(options.BatchSize, most)), _nextBatch = new(reader, Math.Min(options.BatchSize, most));

    /// <summary>Epochs so far, with the part of one that was stopped.</summary>
    public double Epochs { get; private set; }

    /// <summary>Learns from samples.</summary>
    /// <param name="samples">All that can be read.</param>
    /// <param name="epoch">From 1. Each has random numbers of its own: a run that is resumed needs no memory of those before.</param>
    /// <param name="unreadable">Told of each sample that cannot be read and is left out.</param>
    /// <param name="progress">Told of each sample.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>
    /// The mean loss, NaN as soon as that of a step is no number; the share that came out right, and that of those among the likeliest.
    /// </returns>
    public (double Loss, double Accuracy, double InTop) Run(
        Sample[] samples, int epoch, Action<Sample, Exception>? unreadable = null, IProgress<WorkProgress>? progress = null,
        CancellationToken ct = default)
    {
        var random = new RandomSource((ulong)options.Seed, (ulong)epoch);
        samples = [.. samples];
        if (!options.KeepsOrder)
            random.Shuffle(samples.AsSpan());
        double sum = 0, before = Epochs;
        int right = 0, inTop = 0, done = 0, seen = 0;
        Sample[][] parts = [.. samples.Chunk(options.BatchSize)];
        Task reading = Read(0);
        try
        {
            for (int i = 0; i < parts.Length; i++)
            {
                ct.ThrowIfCancellationRequested();
                reading.GetAwaiter().GetResult();
                (_batch, _nextBatch) = (_nextBatch, _batch);
                reading = i + 1 < parts.Length ? Read(i + 1) : Task.CompletedTask;
                foreach ((Sample sample, Exception why) in _batch.Unreadable)
                    unreadable?.Invoke(sample, why);
                int part = _batch.Samples.Count;
                if (part > 0)
                {
                    StepResult step = session.Step(_batch.X, _batch.Labels, _batch.Mask, random);
                    if (!float.IsFinite(step.Loss))
                        return (double.NaN, 0, 0);
                    seen += part;
                    sum += part * (double)step.Loss;
                    right += step.Correct;
                    inTop += step.CorrectInTop;
                }
                done += parts[i].Length;
                Epochs = before + (double)done / samples.Length;
                progress?.Report(new WorkProgress(done, samples.Length));
            }
        }
        finally
        {
            // Whoever reads next finds nobody reading; what went wrong there is of no interest any more.
            Task.WhenAny(reading).Wait(CancellationToken.None);
        }
        return (sum / seen, (double)right / seen, (double)inTop / seen);

        Task Read(int part) => Task.Run(() => _nextBatch.Read(parts[part], epoch), CancellationToken.None);
    }
}
