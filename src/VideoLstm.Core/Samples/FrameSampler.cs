namespace VideoLstm.Core.Samples;

/// <summary>Chooses frames.</summary>
public static class FrameSampler
{
    /// <summary>
    /// Numbers (from 0, rising) of the <paramref name="length"/> frames that stand for a clip, or for a window of a clip, of
    /// <paramref name="frames"/> frames.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The clip has fewer frames than the sequence, or the sequence has none.</exception>
    public static long[] Indices(long frames, int length, FrameSampling sampling)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, length);

        var indices = new long[length];
        long stride = frames / length;
        for (int i = 0; i < length; i++)
        {
            indices[i] = sampling switch
            {
                FrameSampling.Stride => i * stride,
                FrameSampling.Head => i,
                _ => (long)((2 * i + 1) * (Int128)frames / (2 * length)),
            };
        }
        return indices;
    }
}
