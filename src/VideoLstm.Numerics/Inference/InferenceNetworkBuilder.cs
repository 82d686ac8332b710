using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>
/// Describes a network layer by layer, as a paper's table does, and builds it. Layers run in the order in which they are
/// added. Channels come in multiples of 16, but for the 3 of the picture.
/// </summary>
public sealed class InferenceNetworkBuilder
{
    private const int PictureChannels = 3;

    // InceptionV3's maps from 17 x 17 on: few pixels, many weights.
    private const int DefaultPixels = 600;

    private readonly List<Layer> _layers = [];

    /// <summary>Begins with a picture of <paramref name="height"/> x <paramref name="width"/> RGB pixels.</summary>
    public InferenceNetworkBuilder(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        Input = new FeatureMap(PictureChannels, height, width, isPicture: true) { FirstStep = 0, LastStep = 0 };
    }

    /// <summary>The picture, each value scaled to pixel / 127.5 - 1.</summary>
    public FeatureMap Input { get; }

    /// <summary>Convolution, bias and ReLU.</summary>
    /// <param name="input">What is convolved; the picture only without padding.</param>
    /// <param name="filters">Output channels.</param>
    /// <param name="kernel">Kernel height and width.</param>
    /// <param name="stride">Of both directions.</param>
    /// <param name="padding">Zeros above and below, left and right.</param>
    /// <param name="parameters">Gives the weights when the network is built, on any thread, at the same time as others.</param>
    public FeatureMap Convolution(
        FeatureMap input, int filters, (int Height, int Width) kernel, int stride, (int Y, int X) padding,
            Func<ConvolutionParameters> parameters)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.IsPicture && padding != (0, 0))
            throw new ArgumentException("the picture has no border to pad it with", nameof(padding));
        ConvolutionShape shape = new(input.Channels, filters, kernel.Height, kernel.Width, stride, padding.Y, padding.X);
        FeatureMap output = Output(filters, shape.OutputHeight(input.Height), shape.OutputWidth(input.Width), input);
        return Add(input, output, padding, precision =>
        {
            (ReadOnlyMemory<float> weights, ReadOnlyMemory<float> bias, ReadOnlyMemory<float> mean, ReadOnlyMemory<float> deviation) =
                parameters();
            if (precision == Precision.Int8)
            {
                IConvolution<byte> quantized = Quantize(shape, input, output, weights.Span, bias.Span, mean.Span, deviation.Span);
                return new ConvolutionStep<byte>(quantized, input.LocateBytes(), output.LocateBytes());
            }
            (int Height, int Width)? tile = WinogradCost.BestTile(shape, output.Height, output.Width, output.Owner.Map.Frames);
            IConvolution<float> convolution = tile is null
                ? new DirectConvolution(shape, weights.Span, bias.Span)
                : new WinogradConvolution(shape, tile.Value, weights.Span, bias.Span);
            return new ConvolutionStep<float>(convolution, input.Locate(), output.Locate());
        });
    }

    /// <summary>The largest value of each window of <paramref name="size"/> x <paramref name="size"/>, without padding.</summary>
    public FeatureMap MaxPool(FeatureMap input, int size, int stride)
    {
        ArgumentNullException.ThrowIfNull(input);
        PoolingShape shape = new(size, stride, Padding: 0);
        FeatureMap output = Output(input.Channels, shape.Output(input.Height), shape.Output(input.Width), input);
        return AddPooling(
            input, output, (in ActivationMap<float> x, in ActivationMap<float> y, SimdLevel level) => Pooling.Max(x, y, shape, level),
            (in ActivationMap<byte> x, in ActivationMap<byte> y, SimdLevel _) => QuantizedPooling.Max(x, y, shape));
    }

    /// <summary>The mean of each window of <paramref name="size"/> x <paramref name="size"/>.</summary>
    /// <param name="input">What is averaged.</param>
    /// <param name="size">Side of the window.</param>
    /// <param name="stride">Of both directions.</param>
    /// <param name="padding">On all four sides, at most half of <paramref name="size"/>.</param>
    /// <param name="countPadding">Whether padding counts as zeros (PyTorch's default) or not at all (TensorFlow, Keras).</param>
    public FeatureMap AveragePool(FeatureMap input, int size, int stride, int padding, bool countPadding)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(padding, size / 2);
        PoolingShape shape = new(size, stride, padding);
        FeatureMap output = Output(input.Channels, shape.Output(input.Height), shape.Output(input.Width), input);
        return AddPooling(
            input, output, (in ActivationMap<float> x, in ActivationMap<float> y, SimdLevel level) =>
                Pooling.Average(x, y, shape, countPadding, level),
            (in ActivationMap<byte> x, in ActivationMap<byte> y, SimdLevel _) => QuantizedPooling.Average(x, y, shape, countPadding));
    }

    /// <summary>The mean of each channel: <c>[channels, 1, 1]</c>.</summary>
    public FeatureMap GlobalAveragePool(FeatureMap input)
    {
        ArgumentNullException.ThrowIfNull(input);
        FeatureMap output = Output(input.Channels, 1, 1, input);
        return Add(input, output, default, precision => precision == Precision.Float
            ? new PoolingStep<float>(
                input.Locate(), output.Locate(), (in ActivationMap<float> x, in ActivationMap<float> y, SimdLevel _) =>
                    Pooling.GlobalAverage(x, y))
            : new QuantizedGlobalAveragePoolStep(input.LocateBytes(), input.Quantized, output.LocateBytes()), isGlobal: true);
    }

    /// <summary>Builds the network: takes in the weights and lays out the memory.</summary>
    /// <param name="output">What it puts out: <c>[channels, 1, 1]</c>.</param>
    /// <param name="precision">What it computes with.</param>
    /// <param name="frames">Pictures that a session can take at a time.</param>
    /// <param name="pixels">From where on no map has more pixels than that, the pictures are computed together.</param>
    /// <exception cref="ArgumentException">
    /// The output is larger, or the picture is so large that one frame needs more than 8 GB (<see cref="Precision.Int8"/>: 2 GB);
    /// or a network of bytes does not end with <see cref="GlobalAveragePool"/>, or lacks what to expect of a convolution; or the precision
    /// is <see cref="Precision.Half"/>.
    /// </exception>
    public InferenceNetwork Build(FeatureMap output, Precision precision = Precision.Float, int frames = 1, int pixels = DefaultPixels)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        if ((output.Height, output.Width) != (1, 1) || output.IsPicture)
            throw new ArgumentException($"the output must be of one pixel, not {output}", nameof(output));

        if (precision == Precision.Half)
            throw new ArgumentException("there are no kernels for 16-bit floats", nameof(precision));
        bool quantized = precision == Precision.Int8;
        if (quantized)
        {
            if (_layers.Count == 0 || _layers[^1] is not { IsGlobal: true } last || last.Output != output || output.Whole is not null)
                throw new ArgumentException("a network of bytes must end with a global average pool", nameof(output));
            output.Cells = sizeof(float);
            Input.Quantized.Span.Fill(QuantizedChannel.Pixel);
        }

        // Step 0 scales the picture; the step after the last one hands over the output.
        for (int i = 0; i < _layers.Count; i++)
        {
            FeatureMap source = _layers[i].Input.Owner.Map, target = _layers[i].Output.Owner.Map;
            source.PaddingY = Math.Max(source.PaddingY, _layers[i].Padding.Y);
            source.PaddingX = Math.Max(source.PaddingX, _layers[i].Padding.X);
            source.LastStep = Math.Max(source.LastStep, i + 1);
            target.FirstStep = Math.Min(target.FirstStep, i + 1);
            target.LastStep = Math.Max(target.LastStep, i + 1);
        }
        output.Owner.Map.LastStep = _layers.Count + 1;

        int batched = 1 + _layers.FindLastIndex(l => l.Output.Height * l.Output.Width > pixels);
        foreach (FeatureMap map in Maps().Where(m => m.LastStep > batched))
        {
            map.Frames = frames;
            // What is kept of a picture must outlast all that is done for the next one before that.
            if (map.FirstStep <= batched)
                map.FirstStep = 0;
        }

        long length = Arena.Place(Maps());
        if (length > Array.MaxLength - 64)
            throw new ArgumentException(
                $"a picture of {Input.Width} x {Input.Height} needs {length >> (quantized ? 30 : 28)} GB of memory", nameof(output));
        // Weights take longer to transform than to run.
        Step[] built = new Step[_layers.Count];
        if (quantized)
            // A layer must know what the bytes of the one before stand for.
            for (int i = 0; i < built.Length; i++)
                built[i] = _layers[i].Create(precision);
        else
            Workers.For(built.Length, i => built[i] = _layers[i].Create(precision));
        List<Step> steps = [];
        int stepsApart = 0;
        HashSet<FeatureMap> begun = [];
        for (int i = 0; i < built.Length; i++)
        {
            FeatureMap target = _layers[i].Output.Owner.Map;
            if (begun.Add(target) && (target.PaddingY, target.PaddingX) != (0, 0))
                steps.Add(quantized
                    ? new ClearBorderStep<byte>(target.LocateBytes(), target.PaddingY, target.PaddingX)
                    : new ClearBorderStep<float>(target.Locate(), target.PaddingY, target.PaddingX));
            steps.Add(built[i]);
            if (i < batched)
                stepsApart = steps.Count;
        }
        // Tiles may read, not use, a few bytes behind the picture.
        return new InferenceNetwork(Input, output, [.. steps], stepsApart, (int)(quantized ? length / sizeof(float) + 2 : length),
            precision);
    }

    private IEnumerable<FeatureMap> Maps() => _layers.Select(l => l.Output.Owner.Map).Append(Input).Distinct();

    private static FeatureMap Output(int channels, int height, int width, FeatureMap input) =>
        height > 0 && width > 0
            ? new FeatureMap(channels, height, width)
            : throw new ArgumentException($"{input} is too small for this layer", nameof(input));

    private static IConvolution<byte> Quantize(
        ConvolutionShape shape, FeatureMap input, FeatureMap output, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias,
            ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        if (mean.Length != shape.OutputChannels || deviation.Length != shape.OutputChannels)
            throw new ArgumentException("a convolution of bytes must know the mean and the deviation of its sums", nameof(mean));
        Span<QuantizedChannel> channels = output.Quantized.Span;
        for (int i = 0; i < channels.Length; i++)
            channels[i] = QuantizedChannel.Rectified(mean[i], deviation[i]);
        return WinogradCost.BestQuantizedTile(shape, output.Height, output.Width, output.Owner.Map.Frames) is { } tile
            ? new QuantizedWinogradConvolution(shape, tile, weights, bias, input.Quantized.Span, channels)
            : new QuantizedDirectConvolution(shape, weights, bias, input.Quantized.Span, input.IsPicture ? PixelScale.Zero : 0, channels);
    }

    private FeatureMap AddPooling(FeatureMap input, FeatureMap output, PoolingAction<float> pool, PoolingAction<byte> poolBytes) =>
        Add(input, output, default, precision =>
        {
            if (precision == Precision.Float)
                return new PoolingStep<float>(input.Locate(), output.Locate(), pool);
            input.Quantized.CopyTo(output.Quantized);
            return new PoolingStep<byte>(input.LocateBytes(), output.LocateBytes(), poolBytes);
        });

    private FeatureMap Add(FeatureMap input, FeatureMap output, (int Y, int X) padding, Func<Precision, Step> create, bool isGlobal = false)
    {
        _layers.Add(new Layer(input, output, padding, create, isGlobal));
        return output;
    }

    private sealed record Layer(FeatureMap Input, FeatureMap Output, (int Y, int X) Padding, Func<Precision, Step> Create, bool IsGlobal);
}
