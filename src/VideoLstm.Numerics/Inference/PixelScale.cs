namespace VideoLstm.Numerics.Inference;

/// <summary>The scale of pixels that Inception networks learn with: bytes to -1..1.</summary>
internal static class PixelScale
{
    /// <summary>What a pixel of 0 stands for.</summary>
    public const float Zero = -1;

    // In single precision, in this order, as NumPy does it.
    private static readonly float[] _values = [.. Enumerable.Range(0, 256).Select(pixel => pixel / 127.5f - 1f)];

    /// <summary>pixel / 127.5 - 1 for each of <paramref name="pixels"/>.</summary>
    public static void Apply(ReadOnlySpan<byte> pixels, Span<float> target)
    {
        float[] values = _values;
        for (int i = 0; i < target.Length && i < pixels.Length; i++)
            target[i] = values[pixels[i]];
    }
}
