namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Memory that the spatial layers of a network share, because only one of them computes at a time. Each piece grows to the largest
/// need.
/// </summary>
internal sealed class ConvolutionScratch
{
    private AlignedBuffer?[] _slots = [];
    private int[] _taken = [];

    /// <summary>Values in blocks, of layers whose neighbours have them in row-major order.</summary>
    public AlignedBuffer? X, Y, XGradient, YGradient;

    /// <summary>
    /// Weights in the order of <see cref="DirectConvolution"/>, and what they become at Winograd's points, or gradients at these.
    /// </summary>
    public AlignedBuffer? Filter, Transformed, Bias;

    /// <summary>Pictures with borders, tiles at Winograd's points, sums of gradients.</summary>
    public AlignedBuffer? Padded, Tiles, Sums;

    /// <summary>
    /// Runs <paramref name="body"/> for each number below <paramref name="count"/>, each with memory of its own, of which there
    /// are as many as threads.
    /// </summary>
    public unsafe void For(int count, int scratchLength, Action<int, nint> body)
    {
        int slots = Math.Min(Workers.Count, count);
        if (_slots.Length < slots)
        {
            Array.Resize(ref _slots, slots);
            _taken = new int[slots];
        }
        for (int i = 0; i < slots; i++)
            Workspace.EnsureCapacity(ref _slots[i], scratchLength);
        Workers.For(count, index =>
        {
            int slot = 0;
            while (Interlocked.CompareExchange(ref _taken[slot], 1, 0) != 0)
                slot = (slot + 1) % slots;
            try
            {
                body(index, (nint)_slots[slot]!.Pointer);
            }
            finally
            {
                Volatile.Write(ref _taken[slot], 0);
            }
        });
    }
}
