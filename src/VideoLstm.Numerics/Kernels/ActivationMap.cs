namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Where the values of pictures lie in memory: of each <c>[blocks, height, width, 16 channels]</c>, with a border of zeros
/// around each plane where a consumer pads. All steps are in values: floats, or bytes whose 0 is zero and whose 1 stands for
/// what each channel says.
/// </summary>
/// <param name="Origin">The first channel of the upper left pixel, inside the border.</param>
/// <param name="Blocks">Blocks of 16 channels.</param>
/// <param name="Height">Rows, without the border.</param>
/// <param name="Width">Pixels in a row, without the border.</param>
/// <param name="PixelStride">From a pixel to the next: 16, or 3 for a picture.</param>
/// <param name="RowStride">From a row to the next.</param>
/// <param name="BlockStride">From a block of channels to the next.</param>
internal readonly unsafe record struct ActivationMap<T>(
    nint Origin, int Blocks, int Height, int Width, nint PixelStride, nint RowStride, nint BlockStride)
    where T : unmanaged
{
    /// <summary>Pictures.</summary>
    public int Frames { get; init; } = 1;

    /// <summary>From a picture to the next.</summary>
    public nint FrameStride { get; init; }

    /// <summary>
    /// The channels of a pixel of the first picture. Rows and columns of the border have indices below zero and beyond the size.
    /// </summary>
    public T* At(int block, int y, int x) => (T*)Origin + block * BlockStride + y * RowStride + x * PixelStride;

    /// <summary>The blocks from <paramref name="block"/> on.</summary>
    public ActivationMap<T> From(int block) => this with { Origin = (nint)At(block, 0, 0), Blocks = Blocks - block };

    /// <summary>Some of the pictures.</summary>
    public ActivationMap<T> Slice(int first, int count) => this with { Origin = (nint)((T*)Origin + first * FrameStride), Frames = count };
}

/// <summary>Makes <see cref="ActivationMap{T}"/>s.</summary>
internal static unsafe class ActivationMap
{
    /// <summary>Channels in a block: one AVX-512 register, one cache line of floats.</summary>
    public const int BlockSize = 16;

    /// <summary>
    /// Blocked activations with a border of <paramref name="paddingY"/> rows and <paramref name="paddingX"/> columns, beginning at
    /// <paramref name="start"/>.
    /// </summary>
    public static ActivationMap<float> Blocked(float* start, int channels, int height, int width, int paddingY = 0, int paddingX = 0)
    {
        nint rowStride = (nint)(width + 2 * paddingX) * BlockSize;
        float* origin = start + paddingY * rowStride + paddingX * BlockSize;
        return new((nint)origin, channels / BlockSize, height, width, BlockSize, rowStride, (height + 2 * paddingY) * rowStride);
    }

    /// <summary>A picture <c>[height, width, channels]</c> beginning at <paramref name="start"/>.</summary>
    public static ActivationMap<float> Interleaved(float* start, int channels, int height, int width) =>
        new((nint)start, 1, height, width, channels, (nint)width * channels, (nint)height * width * channels);

    /// <summary>As many bytes as a map has floats, in the same order; a map whose places count from address 0.</summary>
    public static ActivationMap<byte> AsBytes(this in ActivationMap<float> map) =>
        new(map.Origin / sizeof(float), map.Blocks, map.Height, map.Width, map.PixelStride, map.RowStride, map.BlockStride)
        {
            Frames = map.Frames, FrameStride = map.FrameStride,
        };

    /// <summary>Floats that <see cref="Blocked"/> takes.</summary>
    public static long Length(int channels, int height, int width, int paddingY, int paddingX) =>
        (long)channels * (height + 2 * paddingY) * (width + 2 * paddingX);
}
