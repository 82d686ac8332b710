using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>
/// The memory in which an <see cref="InferenceNetwork"/> runs, and the threads that share the work on a picture: the
/// caller's and others of its own, asleep between pictures. Not to be used by two callers at once. Nothing is allocated
/// for a picture, and no result depends on the number of threads or on which pictures are computed together.
/// </summary>
public sealed unsafe class Session : IDisposable
{
    private readonly InferenceNetwork _network;
    private readonly AlignedBuffer _arena;
    private readonly AlignedBuffer[] _scratch;
    private readonly SimdLevel _level;
    private readonly Barrier? _barrier;
    private readonly Thread[] _helpers;
    private int _count;
    private bool _batched;
    private bool _ended;

    internal Session(InferenceNetwork network, int arenaLength, int scratchLength, int threads, SimdLevel level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_network, _level) = (network, level);
        _arena = new AlignedBuffer(arenaLength);
        _scratch = [.. Enumerable.Range(0, threads).Select(_ => new AlignedBuffer(scratchLength))];
        _barrier = threads > 1 ? new Barrier(threads) : null;
        _helpers = [.. Enumerable.Range(1, threads - 1).Select(part =>
            new Thread(() => Help(part)) { IsBackground = true, Name = "network" })];
        foreach (Thread helper in _helpers)
            helper.Start();
    }

    /// <summary>Whether all its own threads are asleep.</summary>
    internal bool Sleeps => _helpers.All(h => h.ThreadState.HasFlag(ThreadState.WaitSleepJoin));

    /// <summary>Takes in a picture and does what is done picture by picture.</summary>
    /// <param name="rgb">Pixels, <c>[height, width, 3]</c>.</param>
    /// <exception cref="InvalidOperationException">There are <see cref="InferenceNetwork.Frames"/> already.</exception>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (_count == _network.Frames)
            throw new InvalidOperationException($"the session takes {_count} pictures at a time");
        _network.Load(rgb, _count, _arena.Pointer);
        _count++;
        Run(batched: false);
    }

    /// <summary>Does the rest for all pictures added since the last time.</summary>
    /// <returns>How many they are.</returns>
    public int Finish()
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (_count > 0)
            Run(batched: true);
        int count = _count;
        _count = 0;
        return count;
    }

    /// <summary>The features of a picture that is finished, until another one is added.</summary>
    /// <param name="index">Which, in the order in which they were added.</param>
    public ReadOnlySpan<float> Features(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _network.Frames);
        return _network.Features(index, _arena.Pointer);
    }

    /// <summary>Runs the network on one picture.</summary>
    /// <param name="rgb">Pixels, <c>[height, width, 3]</c>.</param>
    /// <param name="output">The features.</param>
    public void Run(ReadOnlySpan<byte> rgb, Span<float> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, _network.OutputLength, nameof(output));
        Add(rgb);
        Finish();
        Features(0).CopyTo(output);
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_ended)
            return;
        _ended = true;
        _barrier?.SignalAndWait();
        foreach (Thread helper in _helpers)
            helper.Join();
        _barrier?.Dispose();
    }

    private void Run(bool batched)
    {
        // The threads meet after each step: without one, nobody would know when the others have seen what to do.
        if ((batched ? _network.Batched : _network.PerFrame).IsEmpty)
            return;
        _batched = batched;
        _barrier?.SignalAndWait();
        RunPart(part: 0);
    }

    private void Help(int part)
    {
        while (true)
        {
            _barrier!.SignalAndWait();
            if (_ended)
                return;
            RunPart(part);
        }
    }

    private void RunPart(int part)
    {
        fixed (float* arena = _arena, scratch = _scratch[part])
        {
            StepContext context =
                new((nint)arena, (nint)scratch, _level, part, _scratch.Length, _batched ? 0 : _count - 1, _batched ? _count : 1);
            foreach (Step step in _batched ? _network.Batched : _network.PerFrame)
            {
                step.Run(context);
                _barrier?.SignalAndWait();
            }
        }
    }
}
