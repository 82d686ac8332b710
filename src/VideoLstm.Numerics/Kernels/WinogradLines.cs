using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Lines of blocks to transform: where the first begins, the steps along a line, the steps to the next line. Handed over by
/// its address: a copy would have to wait until all that was stored before it is in the cache.
/// </summary>
internal unsafe struct WinogradLines
{
    public float* Source;
    public nint SourceStep;
    public nint SourceLine;
    public float* Target;
    public nint TargetStep;
    public nint TargetLine;
    public int Count;
}
