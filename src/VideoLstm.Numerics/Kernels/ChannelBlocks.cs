using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Turns pictures <c>[frames, pixels, channels]</c> into <c>[frames, blocks, pixels, 16 channels]</c> and back. Channels that
/// fill the last block are zero.
/// </summary>
internal static unsafe class ChannelBlocks
{
    // Pixels whose floats stay in the first-level cache between the blocks.
    private const int Run = 64;

    public static int Count(int channels) => Parts.CeilDiv(channels, BlockSize);

    public static void FromPlain(float* plain, float* blocked, int frames, int pixels, int channels) =>
        ForEachRun(frames, pixels, (frame, first, end) =>
    {
        for (int block = 0; block < Count(channels); block++)
        {
            int count = Math.Min(BlockSize, channels - block * BlockSize);
            float* source = plain + ((nint)frame * pixels + first) * channels + block * BlockSize,
                target = Place(blocked, frame, block, first, pixels, channels);
            for (int pixel = first; pixel < end; pixel++, source += channels, target += BlockSize)
            {
                new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(target, count));
                new Span<float>(target + count, BlockSize - count).Clear();
            }
        }
    });

    public static void ToPlain(float* blocked, float* plain, int frames, int pixels, int channels) =>
        ForEachRun(frames, pixels, (frame, first, end) =>
    {
        for (int block = 0; block < Count(channels); block++)
        {
            int count = Math.Min(BlockSize, channels - block * BlockSize);
            float* source = Place(blocked, frame, block, first, pixels, channels),
                target = plain + ((nint)frame * pixels + first) * channels + block * BlockSize;
            for (int pixel = first; pixel < end; pixel++, source += BlockSize, target += channels)
                new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(target, count));
        }
    });

    private static float* Place(float* blocked, int frame, int block, int pixel, int pixels, int channels) =>
        blocked + (((nint)frame * Count(channels) + block) * pixels + pixel) * BlockSize;

    private static void ForEachRun(int frames, int pixels, Action<int, int, int> body)
    {
        int runs = Parts.CeilDiv(pixels, Run);
        Workers.For(frames, frame =>
        {
            for (int run = 0; run < runs; run++)
                body(frame, Parts.Start(pixels, runs, run), Parts.Start(pixels, runs, run + 1));
        });
    }
}
