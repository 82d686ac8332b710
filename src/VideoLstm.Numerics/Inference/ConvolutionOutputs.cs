using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>What a convolution put out for some pictures, channel by channel.</summary>
public sealed class ConvolutionOutputs
{
    private readonly float[] _largest;
    private readonly double[] _sums;
    private long _count;

    internal ConvolutionOutputs(int channels)
    {
        (_largest, _sums) = (new float[channels], new double[channels]);
    }

    /// <summary>The largest output, <c>[filters]</c>.</summary>
    public IReadOnlyList<float> Largest => _largest;

    /// <summary>The mean of the outputs, <c>[filters]</c>.</summary>
    public float[] Mean() => [.. _sums.Select(s => (float)(s / _count))];

    internal unsafe void Add(in ConvolutionActivations map)
    {
        for (int channel = 0; channel < _largest.Length; channel++)
            for (int y = 0; y < map.Height; y++)
                for (int x = 0; x < map.Width; x++)
                {
                    float value = map.At(channel / ConvolutionActivations.BlockSize, y, x)[channel % ConvolutionActivations.BlockSize];
                    _largest[channel] = Math.Max(_largest[channel], value);
                    _sums[channel] += value;
                }
        _count += (long)map.Height * map.Width;
    }
}
