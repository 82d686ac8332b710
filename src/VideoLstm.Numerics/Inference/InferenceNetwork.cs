using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>
/// A network whose weights will not change: RGB pictures in, a vector of features out for each. Immutable, shared by all
/// threads; each thread has a <see cref="Session"/> of its own. The first steps, whose maps are large, run picture by
/// picture; the last ones, whose weights are many, on all pictures of a session together, so that the weights are read once.
/// </summary>
public sealed class InferenceNetwork
{
    private readonly FeatureMap _input;
    private readonly FeatureMap _output;
    private readonly Step[] _steps;
    private readonly int _batched;
    private readonly int _arenaLength;
    private readonly Precision _precision;

    /// <param name="input">The picture.</param>
    /// <param name="output">The features.</param>
    /// <param name="steps">All steps.</param>
    /// <param name="batched">From which step on all pictures are computed together.</param>
    /// <param name="arenaLength">Floats.</param>
    /// <param name="precision">What it computes with.</param>
    internal InferenceNetwork(FeatureMap input, FeatureMap output, Step[] steps, int batched, int arenaLength, Precision precision)
    {
        (_input, _output, _steps, _batched, _arenaLength, _precision) = (input, output, steps, batched, arenaLength, precision);
        ScratchLength = steps.Max(s => s.ScratchLength);
    }

    /// <summary>Rows of the picture.</summary>
    public int InputHeight => _input.Height;

    /// <summary>Pixels in a row of the picture.</summary>
    public int InputWidth => _input.Width;

    /// <summary>Features of a picture.</summary>
    public int OutputLength => _output.Channels;

    /// <summary>Pictures that a session can take at a time.</summary>
    public int Frames => _output.Owner.Map.Frames;

    /// <summary>Bytes of memory that each session takes for its pictures.</summary>
    public long ArenaBytes => (long)_arenaLength * sizeof(float);

    /// <summary>Floats of scratch memory of each thread.</summary>
    internal int ScratchLength { get; }

    /// <summary>The steps that run picture by picture.</summary>
    internal ReadOnlySpan<Step> PerFrame => _steps.AsSpan(0, _batched);

    /// <summary>The steps that run on all pictures together.</summary>
    internal ReadOnlySpan<Step> Batched => _steps.AsSpan(_batched);

    /// <summary>A session in which <paramref name="threads"/> threads share the work on a picture.</summary>
    public Session CreateSession(int threads = 1) => CreateSession(Simd.Level, threads);

    internal Session CreateSession(SimdLevel level, int threads = 1) => new(this, _arenaLength, ScratchLength, threads, level);

    internal unsafe void Load(ReadOnlySpan<byte> rgb, int frame, float* arena)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, _input.Channels * InputHeight * InputWidth, nameof(rgb));
        void* target = Locate(_input, frame, arena);
        if (_precision == Precision.Int8)
            rgb.CopyTo(new Span<byte>(target, rgb.Length));
        else
            PixelScale.Apply(rgb, new Span<float>(target, rgb.Length));
    }

    internal unsafe ReadOnlySpan<float> Features(int frame, float* arena) => new(Locate(_output, frame, arena), OutputLength);

    private unsafe void* Locate(FeatureMap map, int frame, float* arena)
    {
        return (byte*)arena + (_precision == Precision.Int8 ? map.LocateBytes().Slice(frame, 1).Origin
            : map.Locate().Slice(frame, 1).Origin);
    }
}
