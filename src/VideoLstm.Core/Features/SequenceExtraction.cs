using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Storage;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Features;

/// <summary>
/// From clips to sequences of features. As many clips are decoded at a time as there are cores; their frames share the network.
/// </summary>
public sealed class SequenceExtraction
{
    private readonly DataFolder _data;
    private readonly SequenceStore _store;
    private readonly ShardWork? _work;
    private readonly List<(ClipVariant Clip, SequenceSource Source)> _due = [];
    private readonly SortedSet<Finding> _failures = new(Finding.Order);
    private readonly SortedSet<Finding> _remarks = new(Finding.Order);
    private readonly HashSet<ClipVariant> _failed = [];
    private int _stale;
    private int _foreign;
    private long _leftOut;
    private string? _backend;

    private SequenceExtraction(DataFolder data, SequenceStore store, ShardWork? work)
    {
        _data = data;
        _store = store;
        _work = work;
        _backend = store.Spec.Backend;
    }

    /// <summary>Takes the sequences that are missing or stale. A clip that fails does not stop the others.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="store">Where the sequences go.</param>
    /// <param name="clips">The clips.</param>
    /// <param name="network">Builds the network; called only when there is work for it.</param>
    /// <param name="work">The shard that the clips are of; told of each. Null: they are of none.</param>
    /// <param name="progress">Told of each frame.</param>
    /// <param name="ct">Stops the work; finished sequences stay.</param>
    /// <exception cref="InputException">There are sequences of a network of another precision, or some of another backend; or there is no
    /// room on the disk.</exception>
    public static SequenceExtractionResult Run(
        DataFolder data, SequenceStore store, IReadOnlyList<ClipVariant> clips, Func<IFeatureExtractor> network, ShardWork? work = null,
        IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(network);
        var extraction = new SequenceExtraction(data, store, work);
        // What killed runs left, also where there is nothing else to do.
        foreach (string folder in clips.Select(c => Path.GetDirectoryName(store.PathOf(c))!).Distinct(StringComparer.Ordinal))
            PartialFile.Sweep(folder);
        extraction.FindWork(clips, ct);
        string[] due = [.. extraction._due.Select(d => d.Clip.Label)];
        work?.Found(clips.Count, clips.Count - due.Length - extraction._failed.Count);
        if (extraction._due.Count > 0)
            data.RequireWritable();
        (long frames, ExtractionRates? rates) = (0, null);
        if (extraction._due.Count > 0)
        {
            using IFeatureExtractor extractor = network();
            (frames, rates) = extraction.Extract(extractor, progress, ct);
        }
        int extracted = extraction._due.Count(d => !extraction._failed.Contains(d.Clip));
        ClipVariant[] usable = [.. clips.Where(c => !extraction._failed.Contains(c))];
        return new SequenceExtractionResult(usable, extracted, extraction._stale, extraction._foreign, frames, [.. extraction._failures],
            extraction._leftOut) { Remarks = [.. extraction._remarks], Rates = rates, Backend = extraction._backend, Due = due };
    }

    private void FindWork(IReadOnlyList<ClipVariant> clips, CancellationToken ct)
    {
        List<(ClipVariant Clip, SequenceState State)> otherwise = [];
        var found = new (SequenceSource Source, SequenceState State)?[clips.Count];
        // A network store takes its time with each file, and many at a time.
        Parallel.For(0, clips.Count, new ParallelOptions { MaxDegreeOfParallelism = 4 * Workers.Count, CancellationToken = ct }, i =>
        {
            try
            {
                if (!IsSliding)
                    _ = SequencePlan.OfClip(clips[i].Clip, _store.Spec);
                SequenceSource source = SequenceSource.Find(_data, clips[i].Clip, timed: IsSliding);
                found[i] = (source, _store.StateOf(clips[i], source));
            }
            catch (Exception e) when (InputFailure.IsOfOne(e))
            {
                Fail(clips[i], e);
            }
        });
        foreach ((ClipVariant clip, (SequenceSource Source, SequenceState State)? one) in clips.Zip(found))
        {
            if (one is not var (source, state))
                continue;
            _stale += state == SequenceState.Stale ? 1 : 0;
            _foreign += state == SequenceState.Foreign ? 1 : 0;
            if (state is SequenceState.Missing or SequenceState.Stale)
                _due.Add((clip, source));
            if (state is SequenceState.OtherPrecision or SequenceState.OtherBackend)
                otherwise.Add((clip, state));
        }
        // Neither mixed nor thrown away: they took time.
        if (otherwise.Count == 0)
            return;
        string these = $"{_store.PathOf(otherwise[0].Clip)}: this and {otherwise.Count - 1} other sequences were";
        if (otherwise.Find(o => o.State == SequenceState.OtherPrecision) is { Clip: not null } other)
            throw new InputException($"{these} taken with precision {Word(_store.ComputedWith(other.Clip).Precision)}, not " +
                $"{Word(_store.Spec.Precision)}", Remedy.TakeTheirPrecision);
        string?[] backends = [.. otherwise.Select(o => _store.ComputedWith(o.Clip).Backend).Distinct()];
        if (otherwise.Count + _failed.Count < clips.Count || backends.Length > 1)
            throw new InputException($"{these} not computed by {Name(_store.Spec.Backend)}, whose features are other ones by their last " +
                "digits; compute with what they were taken with, or delete them");
        _backend = backends[0];
        _remarks.Add($"{otherwise.Count} sequences were computed by {Name(_backend)} and are used as they are: those of " +
            $"{Name(_store.Spec.Backend)} are other ones by their last digits");
    }

    private static string Name(string? backend) => backend ?? CpuBackend.BackendName;

    private static string Word(Precision precision) => precision.ToString().ToLowerInvariant();

    private bool IsSliding => _store.Spec.Sampling == FrameSampling.Sliding;

    private void Fail(ClipVariant clip, Exception e) => Fail(clip, InputFailure.Of(clip.Label, e));

    private void Fail(ClipVariant clip, Finding message)
    {
        lock (_failures)
        {
            _failures.Add(message);
            _failed.Add(clip);
        }
        _work?.Failed(clip.Clip.Label, message);
    }

    private void LeaveOut(ClipVariant clip, Finding remark)
    {
        lock (_failures)
        {
            _remarks.Add(remark);
            _failed.Add(clip);
        }
        _work?.Failed(clip.Clip.Label, remark);
    }

    private (long Frames, ExtractionRates Rates) Extract(
        IFeatureExtractor extractor, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        // How many there are is known of each clip when it is reached; until then it has them all.
        long total = _due.Sum(d => IsSliding ? d.Clip.Clip.Frames : Math.Min(d.Clip.Clip.Frames, _store.Spec.Length)), frames = 0;
        int decoders = Math.Min(Workers.Count, _due.Count);
        int sampleBytes = extractor.ClipFrames * _store.Spec.Height * _store.Spec.Width * 3;
        using var feed = new FrameFeed<Tag>(_due.Count, decoders, sampleBytes,
            (number, sink, stopped) => Decode(_due[number], Math.Max(1, Workers.Count / decoders), sink, stopped), ct);
        progress?.Report(new WorkProgress(0, total));
        foreach ((Tag tag, ReadOnlyMemory<float> row) in extractor.Run<Tag>(feed.Next, ct))
        {
            (ClipWork work, int frame, bool isLast) = tag;
            if (frame == 0 && IsSliding)
                total += work.Plan.Frames.Length - work.Clip.Clip.Frames;
            row.Span.CopyTo(work.Features.AsSpan(frame * _store.Spec.Features));
            // Sequences are written when the source has seen its clip to the end and found no fault.
            if (isLast)
                Write(work);
            frames++;
            progress?.Report(new WorkProgress(frames, total));
        }
        return (frames, new ExtractionRates(frames / Math.Max(feed.DecodingSeconds, 1e-9), decoders, extractor.Rates));
    }

    private void Decode(
        (ClipVariant Clip, SequenceSource Source) due, int threads, FrameFeed<Tag>.Sink sink, CancellationToken ct)
    {
        (ClipVariant clip, SequenceSource source) = due;
        SequenceSpec spec = _store.Spec;
        try
        {
            SequencePlan plan = IsSliding
                ? SequencePlan.OfWindows(clip.Clip, source.ReadTimes(clip.Clip.Frames, ct), spec) : SequencePlan.OfClip(clip.Clip, spec);
            FrameClips? clips = FrameClips.Of(spec);
            long[] frames = clips?.Around(plan.Frames, clip.Clip.Frames) ?? plan.Frames;
            using FrameReader reader = source.Open(frames, spec, threads, ct);
            Array.ForEach(clips is null ? [] : plan.Frames, frame => clips!.Want(frame));
            int read = 0;
            var work = new ClipWork(clip, source, plan, new float[plan.Frames.Length * spec.Features]);
            for (int frame = 0; frame < plan.Frames.Length; frame++)
            {
                if (clips is null)
                    Read(reader, sink.Rgb, clip, spec, (read++, frames.Length));
                while (clips?.TryTake(isOver: read == frames.Length, sink.Rgb, out _) == false)
                {
                    byte[] rgb = clips.NewFrame();
                    Read(reader, rgb, clip, spec, (read++, frames.Length));
                    clips.Add(frames[read - 1], rgb);
                }
                sink.Add(new Tag(work, frame, frame == plan.Frames.Length - 1 && IsValid(reader, clip, source, ct)));
            }
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            Fail(clip, e);
        }
    }

    private static void Read(FrameReader reader, byte[] rgb, ClipVariant clip, SequenceSpec spec, (int Read, int All) frames)
    {
        if (!reader.Read(rgb, out _))
            throw new InputException($"{clip.Label}: ended after {frames.Read} of {frames.All} chosen frames, " +
                $"data_file.csv says it has {clip.Clip.Frames}", Remedy.ExtractFilesAgain);
        clip.Copy?.Transform.Apply(rgb, rgb, spec.Height, spec.Width);
    }

    // A decoder tells of damage only at the end of its input.
    private bool IsValid(FrameReader reader, ClipVariant clip, SequenceSource source, CancellationToken ct)
    {
        reader.ReadToEnd();
        try
        {
            if (source.Accept(reader, clip.Clip, ct) is { } remark)
            {
                lock (_failures)
                    _remarks.Add(remark);
            }
            return true;
        }
        catch (LeftOutException e)
        {
            LeaveOut(clip, e.Finding);
        }
        catch (InputException e)
        {
            Fail(clip, e.Finding);
        }
        return false;
    }

    private void Write(ClipWork work)
    {
        try
        {
            _store.Write(work.Clip, work.Source, work.Plan, work.Features);
            _leftOut += work.Plan.LeftOut;
            _work?.Done();
        }
        catch (IOException e) when (StoreFault.IsFull(e))
        {
            // Nothing after it would find room either.
            throw new StoreFullException($"{_store.PathOf(work.Clip)}: cannot be written ({e.Message})", e);
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            Fail(work.Clip, $"{work.Clip.Label}: its features cannot be written: {e.Message}");
        }
    }

    /// <summary>A clip that is in work; as many are as there are decoders, and those whose last frames are on their way.</summary>
    /// <param name="Clip">The clip.</param>
    /// <param name="Source">Where its frames come from.</param>
    /// <param name="Plan">What is taken of it.</param>
    /// <param name="Features">Of the frames of the plan, <c>[frames, features]</c>.</param>
    private sealed record ClipWork(ClipVariant Clip, SequenceSource Source, SequencePlan Plan, float[] Features);

    /// <summary>A frame that goes through the network.</summary>
    /// <param name="Work">Its clip.</param>
    /// <param name="Frame">Its place in the plan.</param>
    /// <param name="IsLast">Whether it is the last of a valid clip.</param>
    private readonly record struct Tag(ClipWork Work, int Frame, bool IsLast);
}
