using System.Runtime.InteropServices;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Classification;

/// <summary>Takes frames, keeps them as long as windows need them, and says what a classifier makes of windows, several at a time.</summary>
internal abstract class WindowPredictor
{
    private const long MostBatchBytes = 64 << 20;
    private const int MostWindows = 32;

    private readonly Network _model;
    private readonly float[] _sequences;
    private readonly int _batch;

    /// <summary>A judge without frames.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="frames">Frames that a window is judged by.</param>
    /// <param name="oneByOne">Whether windows are judged as soon as they can be; several together go faster.</param>
    protected WindowPredictor(Network model, int frames, bool oneByOne)
    {
        (_model, Frames) = (model, frames);
        _batch = oneByOne ? 1 : (int)Math.Clamp(MostBatchBytes / (sizeof(float) * (long)model.InputSize), 1, MostWindows);
        _sequences = new float[_batch * model.InputSize];
    }

    /// <summary>A judge for a classifier.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="info">What it says of itself.</param>
    /// <param name="extractor">Where its features come from; null for one that sees frames.</param>
    /// <param name="oneByOne">Whether windows are judged as soon as they can be; several together go faster.</param>
    public static WindowPredictor Create(Network model, CheckpointInfo info, FeatureExtractor? extractor, bool oneByOne) =>
        extractor is null ? new FramePredictor(model, info, oneByOne) : new FeaturePredictor(model, info, extractor, oneByOne);

    /// <summary>Frames that a window is judged by.</summary>
    public int Frames { get; }

    /// <summary>Windows that are chosen and not yet judged.</summary>
    public int Pending { get; private set; }

    /// <summary>Whether no window can be chosen before those that are have been judged.</summary>
    public bool IsFull => Pending == _batch;

    /// <summary>Takes frames until there are no more.</summary>
    /// <param name="source">Gives them with their numbers, which rise; called by one thread.</param>
    /// <param name="taken">Told of each frame that was taken, in order, by the caller's thread.</param>
    /// <param name="ct">Stops the work.</param>
    public abstract void Run(FrameSource<long> source, Action<long> taken, CancellationToken ct);

    /// <summary>Forgets frames that no window will need.</summary>
    /// <param name="before">Number of the first that is kept.</param>
    public abstract void Forget(long before);

    /// <summary>Chooses a window; of a frame that was not taken, the nearest that was stands in for it.</summary>
    /// <param name="frames">Numbers of its frames, rising.</param>
    public void Choose(ReadOnlySpan<long> frames) =>
        Fill(_sequences.AsMemory(Pending++ * _model.InputSize, _model.InputSize), frames);

    /// <summary>The probability of each class for each chosen window.</summary>
    public float[][] Predict()
    {
        var probabilities = new float[Pending * _model.Classes];
        _model.Predict(_sequences.AsSpan(0, Pending * _model.InputSize), Pending, probabilities);
        Pending = 0;
        return [.. probabilities.Chunk(_model.Classes)];
    }

    /// <summary>Makes a sample of frames.</summary>
    protected abstract void Fill(Memory<float> sequence, ReadOnlySpan<long> frames);
}

/// <summary>The frames that a judge keeps, by number.</summary>
internal sealed class KeptFrames<T>(int size)
{
    private readonly List<(long Number, T[] Values)> _frames = [];
    private readonly Stack<T[]> _free = [];

    /// <summary>Keeps a frame, whose number is higher than that of any before.</summary>
    public void Add(long number, ReadOnlySpan<T> values)
    {
        if (!_free.TryPop(out T[]? kept))
            kept = new T[size];
        values.CopyTo(kept);
        _frames.Add((number, kept));
    }

    /// <summary>Forgets frames, but never the last.</summary>
    public void Forget(long before)
    {
        int count = 0;
        while (count < _frames.Count - 1 && _frames[count].Number < before)
            _free.Push(_frames[count++].Values);
        _frames.RemoveRange(0, count);
    }

    /// <summary>The frame of a number, or the nearest to it.</summary>
    public T[] Nearest(long number)
    {
        ReadOnlySpan<(long Number, T[] Values)> frames = CollectionsMarshal.AsSpan(_frames);
        int low = 0, high = frames.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (frames[middle].Number < number)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && number - frames[low - 1].Number <= frames[low].Number - number ? frames[low - 1].Values : frames[low].Values;
    }
}

/// <summary>Judges by features.</summary>
internal sealed class FeaturePredictor(Network model, CheckpointInfo info, FeatureExtractor extractor, bool oneByOne) : WindowPredictor(model, info.Sequences.Length, oneByOne)
{
    private readonly KeptFrames<float> _kept = new(InceptionV3.Features);

    /// <inheritdoc/>
    public override void Run(FrameSource<long> source, Action<long> taken, CancellationToken ct) => extractor.Run(source, (frame, features) =>
    {
        _kept.Add(frame, features);
        taken(frame);
    }, ct);

    /// <inheritdoc/>
    public override void Forget(long before) => _kept.Forget(before);

    /// <inheritdoc/>
    protected override void Fill(Memory<float> sequence, ReadOnlySpan<long> frames)
    {
        for (int i = 0; i < frames.Length; i++)
            _kept.Nearest(frames[i]).CopyTo(sequence[(i * InceptionV3.Features)..]);
    }
}

/// <summary>Judges by the frames themselves.</summary>
internal sealed class FramePredictor : WindowPredictor
{
    private readonly FrameSpec _spec;
    private readonly KeptFrames<byte> _kept;

    /// <summary>A judge without frames.</summary>
    public FramePredictor(Network model, CheckpointInfo info, bool oneByOne)
        : this(model, SpecOf(info), oneByOne)
    {
    }

    private FramePredictor(Network model, FrameSpec spec, bool oneByOne)
        : base(model, spec.FrameCount, oneByOne)
    {
        _spec = spec;
        _kept = new KeptFrames<byte>(spec.Sequences.Height * spec.Sequences.Width * 3);
    }

    /// <inheritdoc/>
    public override void Run(FrameSource<long> source, Action<long> taken, CancellationToken ct)
    {
        byte[] rgb = new byte[_spec.Sequences.Height * _spec.Sequences.Width * 3];
        while (source(rgb, out long frame))
        {
            ct.ThrowIfCancellationRequested();
            _kept.Add(frame, rgb);
            taken(frame);
        }
    }

    /// <inheritdoc/>
    public override void Forget(long before) => _kept.Forget(before);

    /// <inheritdoc/>
    protected override void Fill(Memory<float> sequence, ReadOnlySpan<long> frames)
    {
        byte[][] chosen = new byte[frames.Length][];
        for (int i = 0; i < frames.Length; i++)
            chosen[i] = _kept.Nearest(frames[i]);
        _spec.ToFloats(InputPictures.Make(_spec.Input, chosen, _spec.Sequences.Height, _spec.Sequences.Width), sequence);
    }

    private static FrameSpec SpecOf(CheckpointInfo info)
    {
        (float scale, float offset) = Recipes.Find(info.Model.Recipe)!.Pixels;
        return new FrameSpec(info.Sequences, info.Source.Input!.Value, scale, offset);
    }
}
