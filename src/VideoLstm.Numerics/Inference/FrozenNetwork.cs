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
    private readonly int _scratchLength;
    private readonly Precision _precision;

    internal FrozenNetwork(FeatureMap input, FeatureMap output, Step[] steps, int arenaLength, Precision precision)
    {
        (_input, _output, _steps, _arenaLength, _precision) = (input, output, steps, arenaLength, precision);
        _scratchLength = steps.Max(s => s.ScratchLength);
    }

    /// <summary>Rows of the picture.</summary>
    public int InputHeight => _input.Height;

    /// <summary>Pixels in a row of the picture.</summary>
    public int InputWidth => _input.Width;

    /// <summary>Features of a picture.</summary>
    public int OutputLength => _output.Channels;

    /// <summary>Bytes of memory that each session takes for the picture.</summary>
    public long ArenaBytes => (long)_arenaLength * sizeof(float);

    internal ReadOnlySpan<Step> Steps => _steps;

    /// <summary>A session in which <paramref name="threads"/> threads share the work on a picture.</summary>
    public Session CreateSession(int threads = 1) => CreateSession(Simd.Level, threads);

    internal Session CreateSession(SimdLevel level, int threads = 1) => new(this, _arenaLength, _scratchLength, threads, level);

    internal unsafe void Begin(ReadOnlySpan<byte> rgb, int outputLength, float* arena)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, _input.Channels * InputHeight * InputWidth, nameof(rgb));
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputLength, OutputLength, nameof(outputLength));
        if (_precision == Precision.Int8)
            rgb.CopyTo(new Span<byte>((byte*)arena + _input.Offset, rgb.Length));
        else
            PixelScale.Apply(rgb, new Span<float>(arena + _input.Offset, rgb.Length));
    }

    internal unsafe void End(float* arena, Span<float> output)
    {
        (FeatureMap owner, int channel) = _output.Owner;
        float* first = _precision == Precision.Int8 ? (float*)((byte*)arena + owner.Offset) : arena + owner.Offset + channel;
        new ReadOnlySpan<float>(first, OutputLength).CopyTo(output);
    }
}
