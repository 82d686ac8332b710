namespace VideoLstm.Core.Features;

/// <summary>
/// Weights from a seed, bit for bit the same on every machine: integers from splitmix64, then only operations that IEEE 754
/// rounds exactly.
/// </summary>
internal static class InceptionRandom
{
    public static Dictionary<string, InceptionLayer> Layers(ulong seed)
    {
        Dictionary<string, InceptionLayer> layers = new(StringComparer.Ordinal);
        ulong state = seed;
        foreach (InceptionConvolution shape in InceptionV3.Convolutions)
            layers[shape.Name] = Layer(shape, ref state);
        return layers;
    }

    private static InceptionLayer Layer(InceptionConvolution shape, ref ulong state)
    {
        float[] kernel = new float[shape.Length];
        double scale = Math.Sqrt(2.0 / shape.Reduction);
        for (int i = 0; i < kernel.Length; i++)
            kernel[i] = (float)(Bell(ref state) * scale);
        return new(kernel, InceptionLayer.Ones(shape.Filters), new float[shape.Filters], new float[shape.Filters], InceptionLayer.Ones(shape.Filters));
    }

    /// <summary>Nearly normal, deviation 1: the sum of the four 16-bit quarters of a random number.</summary>
    private static double Bell(ref ulong state)
    {
        ulong bits = Next(ref state);
        long sum = (long)((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48));
        return (sum - 2 * 65535) / 37837.0;
    }

    /// <summary>splitmix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
