using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>
/// A network whose weights will not change: RGB picture in, a vector of features out. Immutable, shared by all threads;
/// each thread has a <see cref="Session"/> of its own.
/// </summary>
public sealed class FrozenNetwork
{
    private readonly FeatureMap _input;
    private readonly FeatureMap _output;
    private readonly Step[] _steps;
    private readonly int _arenaLength;

    internal FrozenNetwork(FeatureMap input, FeatureMap output, Step[] steps, int arenaLength) =>
        (_input, _output, _steps, _arenaLength) = (input, output, steps, arenaLength);

    /// <summary>Rows of the picture.</summary>
    public int InputHeight => _input.Height;

    /// <summary>Pixels in a row of the picture.</summary>
    public int InputWidth => _input.Width;

    /// <summary>Features of a picture.</summary>
    public int OutputLength => _output.Channels;

    /// <summary>Bytes of memory that each session takes.</summary>
    public long ArenaBytes => (long)_arenaLength * sizeof(float);

    /// <summary>A session for one thread.</summary>
    public Session CreateSession() => CreateSession(Simd.Level);

    internal Session CreateSession(SimdLevel level) => new(this, _arenaLength, level);

    internal unsafe void Run(ReadOnlySpan<byte> rgb, Span<float> output, float* arena, SimdLevel level)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, _input.Channels * InputHeight * InputWidth, nameof(rgb));
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, OutputLength, nameof(output));
        PixelScale.Apply(rgb, new Span<float>(arena + _input.Offset, rgb.Length));
        foreach (Step step in _steps)
            step.Run(arena, level);
        (FeatureMap owner, int channel) = _output.Owner;
        new ReadOnlySpan<float>(arena + owner.Offset + channel, OutputLength).CopyTo(output);
    }
}
