using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>The memory in which one thread runs a <see cref="FrozenNetwork"/>. Not to be used by two threads at once.</summary>
public sealed class Session
{
    private readonly FrozenNetwork _network;
    private readonly AlignedBuffer _arena;
    private readonly SimdLevel _level;

    internal Session(FrozenNetwork network, int arenaLength, SimdLevel level) =>
        (_network, _arena, _level) = (network, new AlignedBuffer(arenaLength), level);

    /// <summary>Runs the network on one picture. Allocates nothing.</summary>
    /// <param name="rgb">Pixels, <c>[height, width, 3]</c>.</param>
    /// <param name="output">The features.</param>
    public unsafe void Run(ReadOnlySpan<byte> rgb, Span<float> output)
    {
        _network.Run(rgb, output, _arena.Pointer, _level);
        GC.KeepAlive(this);
    }
}
