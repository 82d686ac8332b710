namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Where the values of pictures lie in memory: of each <c>[blocks, height, width, 16 channels]</c>, with a border of zeros
/// around each plane where a consumer pads. All steps are in floats.
/// </summary>
/// <param name="Origin">The first channel of the upper left pixel, inside the border.</param>
/// <param name="Blocks">Blocks of 16 channels.</param>
/// <param name="Height">Rows, without the border.</param>
/// <param name="Width">Pixels in a row, without the border.</param>
/// <param name="PixelStride">Floats from a pixel to the next: 16, or 3 for a picture.</param>
/// <param name="RowStride">Floats from a row to the next.</param>
/// <param name="BlockStride">Floats from a block of channels to the next.</param>
/// <param name="Frames">Pictures.</param>
/// <param name="FrameStride">Floats from a picture to the next.</param>
internal readonly unsafe record struct ConvolutionActivations(
    nint Origin, int Blocks, int Height, int Width, nint PixelStride, nint RowStride, nint BlockStride, int Frames = 1, nint FrameStride = 0)
{
    /// <summary>Channels in a block: one AVX-512 register, one cache line.</summary>
    public const int BlockSize = 16;

    /// <summary>The channels of a pixel of the first picture. Rows and columns of the border have indices below zero and beyond the size.</summary>
    public float* At(int block, int y, int x) => (float*)Origin + block * BlockStride + y * RowStride + x * PixelStride;

    /// <summary>Some of the pictures.</summary>
    public ConvolutionActivations Slice(int first, int count) => this with { Origin = (nint)((float*)Origin + first * FrameStride), Frames = count };

    /// <summary>Blocked activations with a border of <paramref name="paddingY"/> rows and <paramref name="paddingX"/> columns, beginning at <paramref name="start"/>.</summary>
    public static ConvolutionActivations Blocked(float* start, int channels, int height, int width, int paddingY = 0, int paddingX = 0)
    {
        nint rowStride = (nint)(width + 2 * paddingX) * BlockSize;
        float* origin = start + paddingY * rowStride + paddingX * BlockSize;
        return new((nint)origin, channels / BlockSize, height, width, BlockSize, rowStride, (height + 2 * paddingY) * rowStride);
    }

    /// <summary>A picture <c>[height, width, channels]</c> beginning at <paramref name="start"/>.</summary>
    public static ConvolutionActivations Interleaved(float* start, int channels, int height, int width) =>
        new((nint)start, 1, height, width, channels, (nint)width * channels, (nint)height * width * channels);

    /// <summary>Floats that <see cref="Blocked"/> takes.</summary>
    public static long Length(int channels, int height, int width, int paddingY, int paddingX) =>
        (long)channels * (height + 2 * paddingY) * (width + 2 * paddingX);
}
