namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Where the values of pictures lie in memory, as <see cref="ConvolutionActivations"/> are, but bytes: 0 is zero, and what
/// 1 stands for is each channel's own. All steps are in bytes.
/// </summary>
internal readonly unsafe record struct QuantizedActivations(
    nint Origin, int Blocks, int Height, int Width, nint PixelStride, nint RowStride, nint BlockStride, int Frames = 1, nint FrameStride = 0)
{
    /// <summary>The largest value.</summary>
    public const int Largest = byte.MaxValue;

    /// <summary>The same places, counted from an address.</summary>
    public QuantizedActivations At(nint start) => this with { Origin = start + Origin };

    /// <summary>Some of the pictures.</summary>
    public QuantizedActivations Slice(int first, int count) => this with { Origin = Origin + first * FrameStride, Frames = count };

    /// <summary>The channels of a pixel of the first picture.</summary>
    public byte* At(int block, int y, int x) => (byte*)Origin + block * BlockStride + y * RowStride + x * PixelStride;

    /// <summary>As many bytes as <paramref name="map"/> has floats, in the same order.</summary>
    public static QuantizedActivations Of(in ConvolutionActivations map) =>
        new(map.Origin / sizeof(float), map.Blocks, map.Height, map.Width, map.PixelStride, map.RowStride, map.BlockStride, map.Frames, map.FrameStride);
}
