namespace VideoLstm.Core.Samples;

/// <summary>
/// Two neighbouring frames seen through a mask, as keras-video-generators' METHOD_FLOW_MASK and METHOD_DIFF_MASK have them: the mean of
/// the frames times the mask, both of 0 to 1, after the mask was blurred by a Gaussian over 15 x 15 pixels whose deviation is the one that
/// OpenCV takes for that size.
/// </summary>
internal static class MaskedFrame
{
    private const int Radius = 7;
    private const double Sigma = 0.3 * (Radius - 1) + 0.8;

    private static readonly float[] Kernel = Gaussian();

    /// <summary>Makes the picture in place of its mask.</summary>
    /// <param name="first">The frame, RGB <c>[height, width, 3]</c>.</param>
    /// <param name="second">The next one.</param>
    /// <param name="mask">The same size; overwritten.</param>
    /// <param name="width">Width, pixels.</param>
    public static void Make(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mask, int width)
    {
        int height = mask.Length / (3 * width);
        float[] values = new float[mask.Length], across = new float[mask.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = mask[i];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                Span<float> sums = across.AsSpan((y * width + x) * 3, 3);
                for (int k = -Radius; k <= Radius; k++)
                    Add(sums, values.AsSpan((y * width + Reflect(x + k, width)) * 3, 3), Kernel[k + Radius]);
            }
        }
        Array.Clear(values);
        for (int y = 0; y < height; y++)
        {
            Span<float> row = values.AsSpan(y * width * 3, width * 3);
            for (int k = -Radius; k <= Radius; k++)
                Add(row, across.AsSpan(Reflect(y + k, height) * width * 3, width * 3), Kernel[k + Radius]);
        }
        for (int i = 0; i < values.Length; i++)
            mask[i] = (byte)Math.Min((first[i] + second[i]) * 0.5f * values[i] / 255 + 0.5f, 255);
    }

    private static void Add(Span<float> sums, ReadOnlySpan<float> values, float weight)
    {
        for (int i = 0; i < sums.Length; i++)
            sums[i] += weight * values[i];
    }

    // What lies outside is what lies as far inside; the pixel at the edge stands there once: OpenCV's BORDER_REFLECT_101.
    private static int Reflect(int place, int size)
    {
        if (size == 1)
            return 0;
        int period = 2 * size - 2, within = Math.Abs(place) % period;
        return within < size ? within : period - within;
    }

    private static float[] Gaussian()
    {
        double[] weights = [.. Enumerable.Range(-Radius, 2 * Radius + 1).Select(x => Math.Exp(-x * x / (2 * Sigma * Sigma)))];
        return [.. weights.Select(w => (float)(w / weights.Sum()))];
    }
}
