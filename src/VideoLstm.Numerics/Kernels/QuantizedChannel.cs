namespace VideoLstm.Numerics.Kernels;

/// <summary>What the bytes of a channel stand for: <c>value = byte * Scale</c>, and which value to expect on average.</summary>
internal readonly record struct QuantizedChannel(float Scale, float Expected)
{
    /// <summary>A channel of pixels, whose 0 stands for -1, counted from there.</summary>
    public static QuantizedChannel Pixel => new(1 / 127.5f, 1);
}
