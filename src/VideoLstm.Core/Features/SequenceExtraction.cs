using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Features;

/// <summary>From clips to sequences of features.</summary>
public sealed class SequenceExtraction
{
    private readonly DataFolder _data;
    private readonly SequenceStore _store;
    private readonly List<(ClipVariant Clip, SequenceSource Source)> _due = [];
    private readonly SortedSet<Finding> _failures = new(Finding.Order);
    private readonly SortedSet<Finding> _remarks = new(Finding.Order);
    private readonly HashSet<ClipVariant> _failed = [];
    private int _stale;
    private int _foreign;
    private long _leftOut;
    private string? _backend;

    private SequenceExtraction(DataFolder data, SequenceStore store)
    {
        _data = data;
        _store = store;
        _backend = store.Spec.Backend;
    }

    /// <summary>Takes the sequences that are missing or stale. A clip that fails does not stop the others.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="store">Where the sequences go.</param>
    /// <param name="clips">The clips.</param>
    /// <param name="network">Builds the network; called only when there is work for it.</param>
    /// <param name="progress">Told of each frame.</param>
    /// <param name="ct">Stops the work; finished sequences stay.</param>
    /// <exception cref="InputException">There are sequences of a network of another precision, or some of another backend.</exception>
    public static SequenceExtractionResult Run(
        DataFolder data, SequenceStore store, IReadOnlyList<ClipVariant> clips, Func<IFeatureExtractor> network,
        IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(network);
        var extraction = new SequenceExtraction(data, store);
        extraction.FindWork(clips, ct);
        if (extraction._due.Count > 0)
            data.RequireWritable();
        long frames = 0;
        if (extraction._due.Count > 0)
        {
            using IFeatureExtractor extractor = network();
            frames = extraction.Extract(extractor, progress, ct);
        }
        int extracted = extraction._due.Count(d => !extraction._failed.Contains(d.Clip));
        ClipVariant[] usable = [.. clips.Where(c => !extraction._failed.Contains(c))];
        return new SequenceExtractionResult(usable, extracted, extraction._stale, extraction._foreign, frames, [.. extraction._failures],
            extraction._leftOut) { Remarks = [.. extraction._remarks], Backend = extraction._backend };
    }

    private void FindWork(IReadOnlyList<ClipVariant> clips, CancellationToken ct)
    {
        List<(ClipVariant Clip, SequenceState State)> otherwise = [];
        foreach (ClipVariant clip in clips)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                if (!IsSliding)
                    _ = SequencePlan.OfClip(clip.Clip, _store.Spec);
                SequenceSource source = SequenceSource.Find(_data, clip.Clip, timed: IsSliding);
                SequenceState state = _store.StateOf(clip, source);
                _stale += state == SequenceState.Stale ? 1 : 0;
                _foreign += state == SequenceState.Foreign ? 1 : 0;
                if (state is SequenceState.Missing or SequenceState.Stale)
                    _due.Add((clip, source));
                if (state is SequenceState.OtherPrecision or SequenceState.OtherBackend)
                    otherwise.Add((clip, state));
            }
            catch (Exception e) when (InputFailure.IsOfOne(e))
            {
                Fail(clip, e);
            }
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
    }

    private void LeaveOut(ClipVariant clip, Finding remark)
    {
        lock (_failures)
        {
            _remarks.Add(remark);
            _failed.Add(clip);
        }
    }

    private long Extract(IFeatureExtractor extractor, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        // How many there are is known of each clip when it is reached; until then it has them all.
        long total = _due.Sum(d => IsSliding ? d.Clip.Clip.Frames : Math.Min(d.Clip.Clip.Frames, _store.Spec.Length)), frames = 0;
        float[] features = [];

        using var reader = new Reader(this, ct);
        progress?.Report(new WorkProgress(0, total));
        foreach ((Tag tag, ReadOnlyMemory<float> row) in extractor.Run<Tag>(reader.Next, ct))
        {
            (ClipVariant clip, SequenceSource source) = _due[tag.Clip];
            int length = tag.Plan.Frames.Length * _store.Spec.Features;
            if (tag.Frame == 0)
            {
                if (IsSliding)
                    total += tag.Plan.Frames.Length - clip.Clip.Frames;
                if (features.Length < length)
                    features = new float[length];
            }
            row.Span.CopyTo(features.AsSpan(tag.Frame * _store.Spec.Features));
            // Sequences are written when the source has seen its clip to the end and found no fault.
            if (tag.IsLast)
            {
                Write(clip, source, tag.Plan, features.AsMemory(0, length));
            }
            frames++;
            progress?.Report(new WorkProgress(frames, total));
        }
        return frames;
    }

    private void Write(ClipVariant clip, SequenceSource source, SequencePlan plan, ReadOnlyMemory<float> features)
    {
        try
        {
            _store.Write(clip, source, plan, features);
            _leftOut += plan.LeftOut;
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            Fail(clip, $"{clip.Label}: its features cannot be written: {e.Message}");
        }
    }

    /// <summary>A frame that goes through the network.</summary>
    /// <param name="Clip">Number of its clip among those that are due.</param>
    /// <param name="Plan">What is taken of the clip.</param>
    /// <param name="Frame">Its place in the plan.</param>
    /// <param name="IsLast">Whether it is the last of a valid clip.</param>
    private readonly record struct Tag(int Clip, SequencePlan Plan, int Frame, bool IsLast);

    /// <summary>The chosen frames of all clips that are due, one clip after the other.</summary>
    private sealed class Reader(SequenceExtraction owner, CancellationToken ct) : IDisposable
    {
        private int _clip = -1;
        private int _frame;
        private SequencePlan? _plan;
        private FrameReader? _open;
        private byte[]? _beyond;

        public bool Next(Span<byte> rgb, out Tag tag)
        {
            while (true)
            {
                if (_open is null && !OpenNext())
                {
                    tag = default;
                    return false;
                }
                try
                {
                    if (!_open!.Read(rgb, out _))
                        throw new InputException($"{Current.Label}: ended after {_frame} of {_plan!.Frames.Length} chosen frames, " +
                            $"data_file.csv says it has {Current.Clip.Frames}", Remedy.ExtractFilesAgain);
                    Current.Copy?.Transform.Apply(rgb, rgb, owner._store.Spec.Height, owner._store.Spec.Width);
                    int frame = _frame++;
                    bool last = _frame == _plan!.Frames.Length;
                    tag = new Tag(_clip, _plan, frame, last && IsValid());
                    if (last)
                        Close();
                    return true;
                }
                catch (Exception e) when (InputFailure.IsOfOne(e))
                {
                    owner.Fail(Current, e);
                    Close();
                }
            }
        }

        public void Dispose() => Close();

        private ClipVariant Current => owner._due[_clip].Clip;

        // A decoder tells of damage only at the end of its input.
        private bool IsValid()
        {
            _beyond ??= new byte[owner._store.Spec.Height * owner._store.Spec.Width * 3];
            while (_open!.Read(_beyond, out _))
            {
                // The frames after the last chosen one.
            }
            try
            {
                if (owner._due[_clip].Source.Accept(_open, Current.Clip, ct) is { } remark)
                    owner._remarks.Add(remark);
                return true;
            }
            catch (LeftOutException e)
            {
                owner.LeaveOut(Current, e.Finding);
            }
            catch (InputException e)
            {
                owner.Fail(Current, e.Finding);
            }
            return false;
        }

        private bool OpenNext()
        {
            while (++_clip < owner._due.Count)
            {
                (ClipVariant clip, SequenceSource source) = owner._due[_clip];
                try
                {
                    _frame = 0;
                    _plan = owner.IsSliding
                        ? SequencePlan.OfWindows(clip.Clip, source.ReadTimes(clip.Clip.Frames, ct), owner._store.Spec)
                        : SequencePlan.OfClip(clip.Clip, owner._store.Spec);
                    _open = source.Open(_plan.Frames, owner._store.Spec, ct);
                    return true;
                }
                catch (Exception e) when (InputFailure.IsOfOne(e))
                {
                    owner.Fail(clip, e);
                }
            }
            return false;
        }

        private void Close()
        {
            _open?.Dispose();
            _open = null;
        }
    }
}
