using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Extractors;

/// <summary>Takes features by a network that ONNX Runtime computes: bytes to numbers in the network's order, its output to
/// one row.</summary>
internal sealed class OnnxExtractor : ArrayBatchedExtractor
{
    private const int UsualBatch = 4, MostFeatures = 1 << 20;

    private readonly string _path;
    private readonly IOnnxSession _session;
    private readonly OnnxSettings _settings;
    private readonly int _height, _width;
    private readonly float[][] _tables;
    private readonly long[] _shape;

    /// <summary>A network that is ready; a black picture is computed to see what it gives.</summary>
    /// <param name="path">Its file, for messages.</param>
    /// <param name="session">What computes it; disposed of with this.</param>
    /// <param name="settings">What it is given, and what is taken.</param>
    /// <param name="size">Height and width of the pictures.</param>
    /// <param name="batch">Pictures that it takes at a time; null: any number.</param>
    /// <param name="workers">Threads that compute, a batch each.</param>
    /// <exception cref="InputException">What it gives is no row of features a picture.</exception>
    public OnnxExtractor(
        string path, IOnnxSession session, OnnxSettings settings, (int Height, int Width) size, int? batch, int workers)
        : base(batch ?? BatchOf(UsualBatch, (long)settings.ClipFrames * size.Height * size.Width * 3), workers)
    {
        (_path, _session, _settings, (_height, _width)) = (path, session, settings, size);
        _tables = [.. Enumerable.Range(0, 3).Select(settings.Table)];
        _shape =
        [
            .. settings.Layout.ToString().Select(axis => (long)(axis switch
            {
                'N' => BatchSize,
                'C' => 3,
                'T' => settings.ClipFrames,
                'H' => _height,
                _ => _width,
            })),
        ];
        (int[] shape, float[] values) = Give(new byte[checked(BatchSize * settings.ClipFrames * _height * _width * 3)]);
        Features = FeaturesOf(shape);
        Take(shape, values, new float[BatchSize * Features]);
    }

    /// <summary>The card that computes; null: the processor.</summary>
    public int? Card { get; init; }

    /// <inheritdoc/>
    public override int Height => _height;

    /// <inheritdoc/>
    public override int Width => _width;

    /// <inheritdoc/>
    public override int Features { get; }

    /// <inheritdoc/>
    public override int ClipFrames => _settings.ClipFrames;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _session.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Compute(byte[] frames, int count, float[] features)
    {
        (int[] shape, float[] values) = Give(frames);
        if (FeaturesOf(shape) != Features)
            throw Refuse(shape);
        Take(shape, values, features);
        if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(features))
            throw new InputException($"{_path}: gives NaN or infinite features", Remedy.SayPreprocessing);
    }

    // Pictures, RGB [batch, time, height, width, 3], in the network's order and type.
    private (int[] Shape, float[] Values) Give(byte[] frames)
    {
        Array input = _settings.Type switch
        {
            "uint8" => Arrange(frames, (value, _) => value),
            "float16" => Arrange(frames, (value, channel) => (Half)_tables[channel][value]),
            _ => ArrangeSingle(frames),
        };
        (int[] shape, float[] values) = _session.Run(_settings.Input, input, _shape);
        // Sizes of 1 at the end say nothing.
        while (shape is [_, _, .., 1] && shape.Length > 2)
            shape = shape[..^1];
        return (shape, values);
    }

    // Where a pixel's channel goes: to the first of its channel in its picture, and how far from a pixel to the next.
    private (int First, int Step) Place(int picture, int channel)
    {
        int pixels = _height * _width, clip = _settings.ClipFrames;
        (int sample, int time) = (picture / clip, picture % clip);
        return _settings.Layout switch
        {
            OnnxLayout.NHWC or OnnxLayout.NTHWC => (picture * pixels * 3 + channel, 3),
            OnnxLayout.NCTHW => (((sample * 3 + channel) * clip + time) * pixels, 1),
            _ => ((picture * 3 + channel) * pixels, 1),
        };
    }

    private float[] ArrangeSingle(byte[] frames)
    {
        var input = new float[frames.Length];
        int pixels = _height * _width;
        for (int picture = 0; picture < frames.Length / (3 * pixels); picture++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                ReadOnlySpan<float> table = _tables[channel];
                ReadOnlySpan<byte> from = frames.AsSpan(picture * pixels * 3, pixels * 3);
                (int to, int step) = Place(picture, channel);
                for (int i = _settings.Bgr ? 2 - channel : channel; i < from.Length; i += 3, to += step)
                    input[to] = table[from[i]];
            }
        }
        return input;
    }

    private T[] Arrange<T>(byte[] frames, Func<byte, int, T> value)
    {
        var input = new T[frames.Length];
        int pixels = _height * _width;
        for (int picture = 0; picture < frames.Length / (3 * pixels); picture++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                (int to, int step) = Place(picture, channel);
                int from = picture * pixels * 3 + (_settings.Bgr ? 2 - channel : channel);
                for (int i = 0; i < pixels; i++, from += 3, to += step)
                    input[to] = value(frames[from], channel);
            }
        }
        return input;
    }

    private bool ChannelsLast => _settings.Layout is OnnxLayout.NHWC or OnnxLayout.NTHWC;

    // [N, F]; [N, tokens, F]; [N, F, ...] or [N, ..., F] of the mean of all places.
    private int FeaturesOf(int[] shape)
    {
        int width = shape switch
        {
            [_, var features] => features,
            [_, _, var features] => features,
            [_, _, _, ..] => ChannelsLast ? shape[^1] : shape[1],
            _ => 0,
        };
        return shape is [var batch, ..] && batch == BatchSize && width is > 0 and <= MostFeatures && !shape.Contains(0)
            ? width : throw Refuse(shape);
    }

    private void Take(int[] shape, float[] values, float[] features)
    {
        int width = FeaturesOf(shape), each = values.Length / BatchSize, places = each / width;
        if (shape.Length == 2)
        {
            values.CopyTo(features, 0);
            return;
        }
        bool featuresLast = shape.Length == 3 || ChannelsLast;
        if (shape.Length == 3 && _settings.Pooling == TokenPooling.First)
            places = 1;
        for (int sample = 0; sample < BatchSize; sample++)
        {
            for (int feature = 0; feature < width; feature++)
            {
                double sum = 0;
                for (int place = 0; place < places; place++)
                    sum += values[sample * each + (featuresLast ? place * width + feature : feature * places + place)];
                features[sample * width + feature] = (float)(sum / places);
            }
        }
    }

    private InputException Refuse(int[] shape) => new(
        $"{_path}: its output {Printable.Quote(_settings.Output)} is [{string.Join(", ", shape)}] for {BatchSize} pictures, expected a " +
            "row of features for each: [N, F], [N, tokens, F], [N, C, H, W] or [N, H, W, C]", Remedy.NameOutput);
}
