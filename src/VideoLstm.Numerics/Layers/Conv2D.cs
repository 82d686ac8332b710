using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Two-dimensional convolution, Keras' Conv2D: <c>[height, width, channels]</c>, or <c>[time, height, width, channels]</c>
/// step by step, to as many filters. Parameters: kernel <c>[kernel height, kernel width, in, out]</c>, bias <c>[out]</c>.
/// </summary>
public sealed unsafe class Conv2D : SpatialLayer
{
    private readonly Activation _activation;
    private readonly TrainableConvolution _convolution;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputShape">Of one sample: 3 dimensions, or 4 of which the first is time.</param>
    /// <param name="filters">Channels that go out.</param>
    /// <param name="kernel">Height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="stride">From a window to the next, in both directions.</param>
    /// <param name="padding">What windows do at the borders.</param>
    /// <param name="activation">What is done to each output.</param>
    /// <param name="bias">Whether there is one.</param>
    public Conv2D(
        string name, ReadOnlySpan<int> inputShape, int filters, (int Height, int Width) kernel, Workspace workspace,
        int stride = 1, Padding padding = Padding.Valid, Activation activation = Activation.None, bool bias = true)
        : this(name, inputShape, filters, ConvolutionAxis.Of(Pictures(inputShape)[^3], kernel.Height, stride, padding), ConvolutionAxis.Of(inputShape[^2], kernel.Width, stride, padding), workspace, activation, bias)
    {
    }

    private Conv2D(string name, ReadOnlySpan<int> inputShape, int filters, ConvolutionAxis rows, ConvolutionAxis columns, Workspace workspace, Activation activation, bool bias)
        : base(inputShape, [.. inputShape[..^3], rows.Output, columns.Output, filters], workspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(filters);
        (_activation, Axes) = (activation, [rows, columns]);
        _convolution = new TrainableConvolution(new(1, 1, 1, 0, 1), rows, columns, InputChannels, filters, workspace);
        Kernel = new Parameter(name + "/kernel", rows.Size, columns.Size, InputChannels, filters);
        Bias = bias ? new Parameter(name + "/bias", filters) : null;
        Parameters = Bias is null ? [Kernel] : [Kernel, Bias];
    }

    /// <summary><c>[kernel height, kernel width, in, out]</c>.</summary>
    public Parameter Kernel { get; }

    /// <summary><c>[out]</c>, or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    private protected override Activation OutputActivation => _activation;

    private protected override bool ReadsPlain => InputChannels < ActivationMap.BlockSize;

    /// <inheritdoc/>
    public override void Initialize(RandomSource random) => ConvolutionParts.Initialize(Kernel, Bias, random);

    private protected override void Forward(float* x, float* y, in Pass pass) => ConvolutionParts.Forward(
        _convolution, x, ReadsPlain && !InputBlocked, Kernel, Bias, _activation, y, Frames(InputShape, pass.Batch), OutputLength(pass.Batch), Workspace);

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        ApplyActivationGradient(y, dy, pass, Bias);
        ConvolutionParts.Backward(_convolution, x, ReadsPlain && !InputBlocked, Kernel, dy, dx, Frames(InputShape, pass.Batch));
    }
}

/// <summary>What convolutions of two and three dimensions have in common.</summary>
internal static unsafe class ConvolutionParts
{
    /// <summary>Kernel uniform in ±sqrt(6 / (inputs + outputs of a window)) (X. Glorot, Y. Bengio, 2010), bias 0.</summary>
    public static void Initialize(Parameter kernel, Parameter? bias, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double window = 1;
        for (int i = 0; i < kernel.Shape.Count - 2; i++)
            window *= kernel.Shape[i];
        double limit = Math.Sqrt(6 / (window * ((double)kernel.Shape[^2] + kernel.Shape[^1])));
        foreach (ref float weight in kernel.Value.Span)
            weight = (float)((2 * random.NextUniform() - 1) * limit);
        bias?.Value.Span.Clear();
    }

    public static void Forward(
        TrainableConvolution convolution, float* x, bool interleaved, Parameter kernel, Parameter? bias, Activation activation, float* y, int samples, int length, Workspace workspace)
    {
        convolution.Forward(x, interleaved, kernel.Value.Pointer, bias is null ? null : bias.Value.Pointer, activation == Activation.Relu, y, samples);
        if (activation == Activation.Relu6)
            ActivationFunctions.Forward(y, y, length, activation, workspace.Level);
    }

    public static void Backward(TrainableConvolution convolution, float* x, bool interleaved, Parameter kernel, float* dy, float* dx, int samples)
    {
        if (kernel.Trainable)
            convolution.WeightGradient(x, interleaved, dy, kernel.Gradient.Pointer, samples);
        if (dx != null)
            convolution.InputGradient(dy, kernel.Value.Pointer, dx, samples);
    }
}
