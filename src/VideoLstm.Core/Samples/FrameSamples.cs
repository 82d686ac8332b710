using System.Collections.Concurrent;
using VideoLstm.Core.Datasets;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Samples;

/// <summary>
/// Clips as samples of pictures, for networks that see frames and not features. Frames are decoded once and kept, as bytes, as far
/// as the memory goes that was granted; others are decoded again each time. Random transforms are drawn anew for each epoch.
/// </summary>
public sealed class FrameSamples : ISampleReader
{
    private readonly DataFolder _data;
    private readonly FrameSpec _spec;
    private readonly Augmentation _augmentation;
    private readonly ulong _seed;
    private readonly ConcurrentDictionary<Clip, ClipData> _clips = [];
    private long _memoryLeft;

    /// <summary>Samples of a data folder.</summary>
    /// <param name="data">The folder.</param>
    /// <param name="spec">What is seen of the clips.</param>
    /// <param name="augmentation">How far they may be changed for training.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="memory">Bytes of frames that may be kept.</param>
    public FrameSamples(DataFolder data, FrameSpec spec, Augmentation augmentation, ulong seed, long memory) =>
        (_data, _spec, _augmentation, _seed, _memoryLeft) = (data, spec, augmentation, seed, memory);

    /// <inheritdoc/>
    public IReadOnlyList<int> SampleShape => [_spec.Sequences.Length, _spec.Sequences.Height, _spec.Sequences.Width, 3];

    /// <summary>Reads every clip once and says which samples it has. A clip that fails does not stop the others.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="classes">Class names in the order of the labels.</param>
    /// <param name="progress">Told of each clip.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>The samples, in the order of the clips, and one line for each clip that could not be used.</returns>
    public (IReadOnlyList<Sample> Samples, IReadOnlyList<Finding> Failures) Prepare(
        IReadOnlyList<Clip> clips, IReadOnlyList<string> classes, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(clips);
        var found = new Sample[clips.Count][];
        var failures = new SortedSet<Finding>(Finding.Order);
        int done = 0;
        Parallel.For(0, clips.Count, new ParallelOptions { MaxDegreeOfParallelism = Workers.Count, CancellationToken = ct }, i =>
        {
            Clip clip = clips[i];
            found[i] = [];
            try
            {
                ClipData data = Open(clip, ct);
                int label = classes.Index().First(c => c.Item == clip.Class).Index;
                int pictures = _spec.Sequences.Length, others = _spec.FrameCount - pictures;
                found[i] = [.. data.Plan.Windows.Select((w, n) =>
                    new Sample(clip, n, label, w.Frames, Math.Min(pictures, w.RealFrames - others)))];
                _clips[clip] = data;
            }
            catch (Exception e) when (InputFailure.IsOfOne(e))
            {
                lock (failures)
                    failures.Add(InputFailure.Of(clip.Label, e));
            }
            lock (failures)
                progress?.Report(new WorkProgress(++done, clips.Count));
        });
        return ([.. found.SelectMany(s => s).Where(s => s.RealFrames > 0)], [.. failures]);
    }

    /// <summary>Reads a sample, <c>[length, height, width, 3]</c>; zeros behind its real pictures.</summary>
    /// <param name="sample">One of those of <see cref="Prepare"/>.</param>
    /// <param name="epoch">The epoch whose transform is applied; 0: none.</param>
    /// <param name="x">Filled.</param>
    /// <exception cref="InputException">The clip cannot be read any more.</exception>
    public void Read(Sample sample, int epoch, Memory<float> x)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (!_clips.TryGetValue(sample.Clip, out ClipData? data))
            throw new ArgumentException($"{sample.Clip.Label} was not prepared", nameof(sample));
        byte[][] all = data.Frames ?? Decode(sample.Clip, data.Plan, CancellationToken.None);
        byte[][] frames = [.. data.Plan.Rows[sample.Window].Select(row => all[row])];
        (int height, int width) = (_spec.Sequences.Height, _spec.Sequences.Width);
        if (epoch > 0 && _augmentation != Augmentation.None)
            frames = _augmentation.Draw(height, width, _seed, $"{sample.Clip.Label}@{sample.Window}", epoch).Apply(frames, height, width);
        _spec.ToFloats(InputPictures.Make(_spec.Input, frames, height, width), x);
    }

    /// <inheritdoc/>
    public string Digest(ClipVariant clip) =>
        SequenceSource.Find(_data, clip.Clip, timed: _spec.Sequences.Sampling == FrameSampling.Sliding).Digest;

    private ClipData Open(Clip clip, CancellationToken ct)
    {
        SequencePlan plan = _spec.Sequences.Sampling == FrameSampling.Sliding
            ? SequencePlan.OfWindows(clip, SequenceSource.Find(_data, clip, timed: true).ReadTimes(clip.Frames, ct), _spec.Frames)
            : SequencePlan.OfClip(clip, _spec.Frames);
        byte[][] frames = Decode(clip, plan, ct);
        long bytes = frames.Sum(f => (long)f.Length);
        if (Interlocked.Add(ref _memoryLeft, -bytes) >= 0)
            return new ClipData(plan, frames);
        Interlocked.Add(ref _memoryLeft, bytes);
        return new ClipData(plan, null);
    }

    private byte[][] Decode(Clip clip, SequencePlan plan, CancellationToken ct)
    {
        SequenceSource source = SequenceSource.Find(_data, clip, timed: _spec.Sequences.Sampling == FrameSampling.Sliding);
        return ClipFrames.Read(source, clip, plan.Frames, _spec.Sequences, ct);
    }

    private sealed record ClipData(SequencePlan Plan, byte[][]? Frames);
}
