namespace VideoLstm.Numerics.Kernels;

/// <summary>What the bytes of a channel stand for: <c>value = byte * Scale</c>, and which value to expect on average.</summary>
internal readonly record struct QuantizedChannel(float Scale, float Expected)
{
    // Values further than this many deviations above the mean are cut off. With 8, features of photographs came out closest.
    private const float Deviations = 8;

    // So that a channel that is always zero has a scale, too.
    private const float LeastRange = 1e-3f;

    // 2 / pi makes the mean of what ReLU leaves of a normal distribution around zero exact.
    private const float Spread = 0.63661977f;

    /// <summary>A channel of pixels, whose 0 stands for -1, counted from there.</summary>
    public static QuantizedChannel Pixel => new(1 / 127.5f, 1);

    /// <summary>
    /// What ReLU leaves of sums with this mean and standard deviation. No data is needed, and only operations are used that
    /// IEEE 754 rounds in one way: equal weights give equal bytes on every machine.
    /// </summary>
    public static QuantizedChannel Rectified(float mean, float deviation) => new(
        Math.Max(LeastRange, mean + Deviations * deviation) / byte.MaxValue,
        (mean + MathF.Sqrt(mean * mean + Spread * deviation * deviation)) / 2);
}
