using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Three-dimensional convolution, Keras' Conv3D: <c>[time, height, width, channels]</c> to as many filters. Parameters:
/// kernel <c>[kernel time, kernel height, kernel width, in, out]</c>, bias <c>[out]</c>.
/// </summary>
public sealed unsafe class Conv3D : SpatialLayer
{
    private readonly Activation _activation;
    private readonly TrainableConvolution _convolution;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputShape">Of one sample: 4 dimensions.</param>
    /// <param name="filters">Channels that go out.</param>
    /// <param name="kernel">Steps, height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="strides">From a window to the next, in time and in both directions of a picture; null: 1.</param>
    /// <param name="padding">What windows do at the borders.</param>
    /// <param name="activation">What is done to each output.</param>
    /// <param name="bias">Whether there is one.</param>
    public Conv3D(
        string name, ReadOnlySpan<int> inputShape, int filters, (int Time, int Height, int Width) kernel, Workspace workspace,
        (int Time, int Picture)? strides = null, Padding padding = Padding.Valid, Activation activation = Activation.None, bool bias = true)
        : this(
            name, inputShape, filters, ConvolutionAxis.Of(Volume(inputShape)[0], kernel.Time, (strides ?? (1, 1)).Time, padding), ConvolutionAxis.Of(inputShape[1], kernel.Height, (strides ?? (1, 1)).Picture, padding),
            ConvolutionAxis.Of(inputShape[2], kernel.Width, (strides ?? (1, 1)).Picture, padding), workspace, activation, bias)
    {
    }

    private Conv3D(string name, ReadOnlySpan<int> inputShape, int filters, ConvolutionAxis time, ConvolutionAxis rows, ConvolutionAxis columns, Workspace workspace, Activation activation, bool bias)
        : base(inputShape, [time.Output, rows.Output, columns.Output, filters], workspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(filters);
        (_activation, Axes) = (activation, [time, rows, columns]);
        _convolution = new TrainableConvolution(time, rows, columns, InputChannels, filters, workspace);
        Kernel = new Parameter(name + "/kernel", time.Size, rows.Size, columns.Size, InputChannels, filters);
        Bias = bias ? new Parameter(name + "/bias", filters) : null;
        Parameters = Bias is null ? [Kernel] : [Kernel, Bias];
    }

    /// <summary><c>[kernel time, kernel height, kernel width, in, out]</c>.</summary>
    public Parameter Kernel { get; }

    /// <summary><c>[out]</c>, or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override bool PropagatesMask => false;

    private protected override Activation OutputActivation => _activation;

    /// <inheritdoc/>
    public override void Initialize(RandomSource random) => ConvolutionParts.Initialize(Kernel, Bias, random);

    private protected override void Forward(float* x, float* y, in Pass pass) =>
        ConvolutionParts.Forward(_convolution, x, false, Kernel, Bias, _activation, y, pass.Batch, OutputLength(pass.Batch), Workspace);

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        ApplyActivationGradient(y, dy, pass, Bias);
        ConvolutionParts.Backward(_convolution, x, false, Kernel, dy, dx, pass.Batch);
    }
}
