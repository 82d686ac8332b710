using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>
/// The memory in which a <see cref="FrozenNetwork"/> runs, and the threads that share the work on one picture: the
/// caller's and others of its own, asleep between pictures. Not to be used by two callers at once.
/// </summary>
public sealed unsafe class Session : IDisposable
{
    private readonly FrozenNetwork _network;
    private readonly AlignedBuffer _arena;
    private readonly AlignedBuffer[] _scratch;
    private readonly SimdLevel _level;
    private readonly Barrier? _barrier;
    private readonly Thread[] _helpers;
    private bool _ended;

    internal Session(FrozenNetwork network, int arenaLength, int scratchLength, int threads, SimdLevel level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_network, _level) = (network, level);
        _arena = new AlignedBuffer(arenaLength);
        _scratch = [.. Enumerable.Range(0, threads).Select(_ => new AlignedBuffer(scratchLength))];
        _barrier = threads > 1 ? new Barrier(threads) : null;
        _helpers = [.. Enumerable.Range(1, threads - 1).Select(part => new Thread(() => Help(part)) { IsBackground = true, Name = "network" })];
        foreach (Thread helper in _helpers)
            helper.Start();
    }

    /// <summary>Whether all its own threads are asleep.</summary>
    internal bool Sleeps => _helpers.All(h => h.ThreadState.HasFlag(ThreadState.WaitSleepJoin));

    /// <summary>Runs the network on one picture. Allocates nothing. The result does not depend on the number of threads.</summary>
    /// <param name="rgb">Pixels, <c>[height, width, 3]</c>.</param>
    /// <param name="output">The features.</param>
    public void Run(ReadOnlySpan<byte> rgb, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        _network.Begin(rgb, output.Length, _arena.Pointer);
        _barrier?.SignalAndWait();
        RunSteps(part: 0);
        _network.End(_arena.Pointer, output);
        GC.KeepAlive(this);
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

    private void Help(int part)
    {
        while (true)
        {
            _barrier!.SignalAndWait();
            if (_ended)
                return;
            RunSteps(part);
        }
    }

    private void RunSteps(int part)
    {
        foreach (Step step in _network.Steps)
        {
            step.Run(_arena.Pointer, _scratch[part].Pointer, _level, part, _scratch.Length);
            _barrier?.SignalAndWait();
        }
    }
}
