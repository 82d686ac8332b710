namespace VideoLstm.Numerics.Kernels;

/// <summary>Blocks of 16 channels at all points of a tile, see <see cref="WinogradPoints"/>.</summary>
/// <param name="first">The block at the first point.</param>
/// <param name="stride">Floats from a point to the next.</param>
internal readonly unsafe struct PointBlocks(float* first, nint stride)
{
    public readonly float* First = first;
    public readonly nint Stride = stride;

    /// <summary>Those that lie so many floats further at each point.</summary>
    public static PointBlocks operator +(PointBlocks blocks, nint offset) => new(blocks.First + offset, blocks.Stride);

    /// <summary>The block at a point.</summary>
    public float* At(int point) => First + point * Stride;
}
