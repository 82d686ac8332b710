using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Features;

/// <summary>
/// How large the outputs of each convolution become, for networks of bytes: from the weights alone, so that equal weights give
/// equal features, whatever was seen before. The batch norms of a trained network know it: their outputs had in training the
/// mean beta and the deviation gamma. Those of an untrained one do not; it is shown some made pictures.
/// </summary>
internal sealed class InceptionRanges(InceptionWeights weights)
{
    // What is further than this above the mean is cut off. With 8, features of photographs came out closest.
    private const float Deviations = 8;

    // Of what made pictures reach, so that others fit in.
    private const float Margin = 1.5f;

    // So that a channel that is always zero has a range, too.
    private const float Least = 1e-3f;

    // 2 / pi makes the mean of what ReLU leaves of a normal distribution around zero exact.
    private const float Spread = 0.63661977f;

    private const int PictureSize = 150;

    private readonly Lazy<Dictionary<string, ConvolutionOutputs>> _observed = new(() => Observe(weights));

    /// <summary>The largest output that matters and the mean of all, of each filter.</summary>
    public (float[] Largest, float[] Expected) Of(InceptionConvolution shape)
    {
        InceptionLayer layer = weights.Layer(shape.Name);
        float[] largest = new float[shape.Filters], expected = new float[shape.Filters];
        if (!IsTrained(layer))
        {
            ConvolutionOutputs outputs = _observed.Value[shape.Name];
            for (int i = 0; i < largest.Length; i++)
                largest[i] = Coarse(Math.Max(Least, Margin * outputs.Largest[i]));
            return (largest, [.. outputs.Mean().Select(Coarse)]);
        }
        for (int i = 0; i < largest.Length; i++)
        {
            (float mean, float deviation) = (layer.Beta[i], Math.Abs(layer.Gamma[i]));
            largest[i] = Math.Max(Least, mean + Deviations * deviation);
            expected[i] = (mean + MathF.Sqrt(mean * mean + Spread * deviation * deviation)) / 2;
        }
        return (largest, expected);
    }

    /// <summary>Whether the batch norm has seen anything: it begins with the mean 0 and the variance 1.</summary>
    private static bool IsTrained(InceptionLayer layer) => !(layer.Mean.All(m => m == 0) && layer.Variance.All(v => v == 1));

    /// <summary>The nearest number of 5 bits: instruction sets may differ in the last bits of what they observe.</summary>
    private static float Coarse(float value) => BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) + (1 << 18)) & ~((1u << 19) - 1));

    private static Dictionary<string, ConvolutionOutputs> Observe(InceptionWeights weights)
    {
        IReadOnlyList<ConvolutionOutputs> outputs = InceptionV3.Build(weights, PictureSize, PictureSize).Observe(Pictures());
        return InceptionV3.Convolutions.Zip(outputs).ToDictionary(p => p.First.Name, p => p.Second, StringComparer.Ordinal);
    }

    /// <summary>Random squares of several sizes and contrasts, stripes and gradients, in integers.</summary>
    private static IEnumerable<byte[]> Pictures()
    {
        foreach (int square in new[] { 1, 3, 8, 20, 50 })
            foreach (int contrast in new[] { 256, 100 })
                yield return Draw((y, x, c) => 128 + (Hash(y / square, x / square, c) - 128) * contrast / 256);
        foreach (int period in new[] { 4, 12, 40 })
        {
            yield return Draw((y, x, c) => x / period % 2 * 255);
            yield return Draw((y, x, c) => (y / period + x / period + (c == 1 ? 1 : 0)) % 2 * 200);
        }
        yield return Draw((y, x, c) => c == 0 ? x : c == 1 ? y : 255 - x);
        yield return Draw((y, x, c) => (y * y + x * x) / 180 % 256);
        yield return Draw((_, _, _) => 0);
        yield return Draw((_, _, _) => 255);
    }

    private static byte[] Draw(Func<int, int, int, int> value)
    {
        byte[] pixels = new byte[PictureSize * PictureSize * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)value(i / 3 / PictureSize, i / 3 % PictureSize, i % 3);
        return pixels;
    }

    private static int Hash(int y, int x, int channel)
    {
        uint z = (uint)((y * 1024 + x) * 4 + channel + 1) * 2654435761;
        z = (z ^ (z >> 15)) * 2246822519;
        return (int)((z >> 16) & 255);
    }
}
