using VideoLstm.Core.Features;
using VideoLstm.Core.Frames;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Classification;

/// <summary>A frame that a window is judged by.</summary>
/// <param name="Window">Number of its window.</param>
/// <param name="Position">Its place in the window's sequence.</param>
/// <param name="WindowStart">Time of the window's first frame, seconds.</param>
internal readonly record struct WindowFrame(long Window, int Position, double WindowStart);

/// <summary>Takes frames, keeps as many of the last as a sequence has, and says what a classifier makes of them.</summary>
internal abstract class WindowJudge(Network model, int frames)
{
    private readonly float[] _sequence = new float[model.InputSize];
    private long _taken;

    /// <summary>Frames that a window is judged by.</summary>
    public int Frames => frames;

    /// <summary>Takes frames until there are no more.</summary>
    /// <param name="source">Gives them; called by one thread.</param>
    /// <param name="taken">Told of each frame that was taken, in order, by the caller's thread.</param>
    /// <param name="ct">Stops the work.</param>
    public abstract void Run(FrameSource<WindowFrame> source, Action<WindowFrame> taken, CancellationToken ct);

    /// <summary>The probability of each class for the last frames, as one sequence.</summary>
    public float[] Judge()
    {
        Fill(_sequence, (int)(_taken % frames));
        var probabilities = new float[model.Classes];
        model.Predict(_sequence, 1, probabilities);
        return probabilities;
    }

    /// <summary>Where the next frame goes.</summary>
    protected int NextSlot() => (int)(_taken++ % frames);

    /// <summary>Makes a sample of the frames, of which that in slot <paramref name="oldest"/> is the first.</summary>
    protected abstract void Fill(Memory<float> sequence, int oldest);
}

/// <summary>Judges by features.</summary>
internal sealed class FeatureJudge(Network model, CheckpointInfo info, FeatureExtractor extractor) : WindowJudge(model, info.Sequences.Length)
{
    private readonly float[] _ring = new float[info.Sequences.Length * InceptionV3.Features];

    /// <inheritdoc/>
    public override void Run(FrameSource<WindowFrame> source, Action<WindowFrame> taken, CancellationToken ct) => extractor.Run(source, (frame, features) =>
    {
        features.CopyTo(_ring.AsSpan(NextSlot() * InceptionV3.Features));
        taken(frame);
    }, ct);

    /// <inheritdoc/>
    protected override void Fill(Memory<float> sequence, int oldest)
    {
        int start = oldest * InceptionV3.Features;
        _ring.AsSpan(start).CopyTo(sequence.Span);
        _ring.AsSpan(0, start).CopyTo(sequence.Span[(_ring.Length - start)..]);
    }
}

/// <summary>Judges by the frames themselves.</summary>
internal sealed class FrameJudge : WindowJudge
{
    private readonly FrameSpec _spec;
    private readonly byte[][] _ring;

    /// <summary>A judge without frames.</summary>
    public FrameJudge(Network model, CheckpointInfo info)
        : this(model, SpecOf(info))
    {
    }

    private FrameJudge(Network model, FrameSpec spec)
        : base(model, spec.FrameCount)
    {
        _spec = spec;
        _ring = [.. Enumerable.Range(0, spec.FrameCount).Select(_ => new byte[spec.Sequences.Height * spec.Sequences.Width * 3])];
    }

    /// <inheritdoc/>
    public override void Run(FrameSource<WindowFrame> source, Action<WindowFrame> taken, CancellationToken ct)
    {
        byte[] rgb = new byte[_ring[0].Length];
        while (source(rgb, out WindowFrame frame))
        {
            ct.ThrowIfCancellationRequested();
            rgb.CopyTo(_ring[NextSlot()], 0);
            taken(frame);
        }
    }

    /// <inheritdoc/>
    protected override void Fill(Memory<float> sequence, int oldest) =>
        _spec.ToFloats(InputPictures.Make(_spec.Input, [.. _ring[oldest..], .. _ring[..oldest]], _spec.Sequences.Height, _spec.Sequences.Width), sequence);

    private static FrameSpec SpecOf(CheckpointInfo info)
    {
        (float scale, float offset) = Recipes.Find(info.Model.Recipe)!.Pixels;
        return new FrameSpec(info.Sequences, info.Source.Input!.Value, scale, offset);
    }
}
