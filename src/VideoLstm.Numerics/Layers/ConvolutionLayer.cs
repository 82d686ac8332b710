using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>What layers of convolutions have in common: weights, a bias or none, and an activation that is done to each output.</summary>
public abstract unsafe class ConvolutionLayer : SpatialLayer
{
    // Null where each channel is convolved by itself.
    private readonly TrainableConvolution? _convolution;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputShape">Of one sample.</param>
    /// <param name="kernel">Size of a window: [time,] rows, columns.</param>
    /// <param name="filters">Channels that go out; null: each channel that comes in is convolved by itself.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="options">What else it has.</param>
    private protected ConvolutionLayer(
        string name, ReadOnlySpan<int> inputShape, int[] kernel, int? filters, Workspace workspace, ConvolutionOptions options)
        : base(inputShape, Windows(inputShape, kernel, Strides(kernel, options), options.Padding), filters ?? inputShape[^1], workspace)
    {
        if (options.Activation > Activation.Relu6)
            throw new ArgumentException($"no convolution ends with {options.Activation}", nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(OutputChannels, nameof(filters));
        OutputActivation = options.Activation;
        Kernel = filters is null
            ? new Parameter(name + "/depthwise_kernel", [.. kernel, InputChannels, 1])
            : new Parameter(name + "/kernel", [.. kernel, InputChannels, OutputChannels]);
        Bias = options.UseBias ? new Parameter(name + "/bias", OutputChannels) : null;
        Parameters = Bias is null ? [Kernel] : [Kernel, Bias];
        ConvolutionAxis time = kernel.Length == 3 ? Axes[0] : ConvolutionAxis.One;
        _convolution = filters is null ? null
            : new TrainableConvolution(time, Axes[^2], Axes[^1], InputChannels, OutputChannels, workspace);
    }

    /// <summary>
    /// <c>[[kernel time,] kernel height, kernel width, in, out]</c>; where each channel is convolved by itself, <c>[..., channels,
    /// 1]</c>.
    /// </summary>
    public Parameter Kernel { get; }

    /// <summary><c>[out]</c>, or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    private protected override Activation OutputActivation { get; }

    private protected override bool ReadsPlain => Axes.Count == 2 && InputChannels < ActivationMap.BlockSize;

    /// <summary>Kernel uniform in ±sqrt(6 / (inputs + outputs of a window)) (X. Glorot, Y. Bengio, 2010), bias 0.</summary>
    public override void Initialize(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double window = Axes.Aggregate(1.0, (product, axis) => product * axis.Size);
        double limit = Math.Sqrt(6 / (window * ((double)Kernel.Shape[^2] + Kernel.Shape[^1])));
        foreach (ref float weight in Kernel.Value.Span)
            weight = (float)((2 * random.NextUniform() - 1) * limit);
        Bias?.Value.Span.Clear();
    }

    private protected override void Forward(float* x, float* y, in Pass pass)
    {
        float* bias = Bias is null ? null : Bias.Value.Pointer;
        _convolution!.Forward(x, ReadsPlain && !InputBlocked, Kernel.Value.Pointer, bias, OutputActivation == Activation.Relu, y,
            Samples(pass));
        if (OutputActivation == Activation.Relu6)
            ActivationFunctions.Forward(y, y, OutputLength(pass.Batch), OutputActivation, Workspace.Level);
    }

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        ApplyActivationGradient(y, dy, pass, Bias);
        if (Kernel.Trainable)
            _convolution!.WeightGradient(x, ReadsPlain && !InputBlocked, dy, Kernel.Gradient.Pointer, Samples(pass));
        if (dx != null)
            _convolution!.InputGradient(dy, Kernel.Value.Pointer, dx, Samples(pass));
    }

    private static int[] Strides(int[] kernel, ConvolutionOptions options) =>
        kernel.Length == 3 ? [options.TimeStride, options.Stride, options.Stride] : [options.Stride, options.Stride];
}
