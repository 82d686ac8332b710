using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// A layer over pictures <c>[height, width, channels]</c>, or volumes <c>[time, height, width, channels]</c> of which a
/// two-dimensional layer treats each step by itself, as Keras' TimeDistributed. Leading dimensions count as more of the batch.
/// <para>
/// It computes in blocks of 16 channels, <c>[frames, channels / 16, height, width, 16]</c>, the last one filled up with zeros.
/// Where a neighbour has row-major floats, they are turned here: see <see cref="Layer.Connect"/>.
/// </para>
/// </summary>
public abstract unsafe class SpatialLayer : Layer
{
    /// <summary>A layer of these shapes.</summary>
    /// <param name="inputShape">Of one sample.</param>
    /// <param name="outputShape">Of one sample.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    private protected SpatialLayer(ReadOnlySpan<int> inputShape, ReadOnlySpan<int> outputShape, Workspace workspace)
        : base(inputShape, outputShape)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        Workspace = workspace;
    }

    /// <summary>A layer whose windows slide over the last dimensions but the channels.</summary>
    /// <param name="inputShape">Of one sample.</param>
    /// <param name="axes">Windows: [time,] rows, columns.</param>
    /// <param name="channels">Channels that go out.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    private protected SpatialLayer(ReadOnlySpan<int> inputShape, ConvolutionAxis[] axes, int channels, Workspace workspace)
        : this(inputShape, [.. inputShape[..^(axes.Length + 1)], .. axes.Select(a => a.Output), channels], workspace) => Axes = axes;

    /// <inheritdoc/>
    public override bool PropagatesMask => InputShape.Count == 4 && Axes.Count < 3;

    /// <summary>The windows along each dimension over which they slide: [time,] rows, columns; none where a layer has no windows.</summary>
    public IReadOnlyList<ConvolutionAxis> Axes { get; } = [];

    /// <summary>What is done to each output.</summary>
    public Activation Activation => OutputActivation;

    private protected Workspace Workspace { get; }

    /// <summary>Channels that come in.</summary>
    private protected int InputChannels => InputShape[^1];

    /// <summary>Channels that go out.</summary>
    private protected int OutputChannels => OutputShape[^1];

    internal override (bool Input, bool Output) Blocks => (true, true);

    /// <summary>Whether x may come in row-major order all the same.</summary>
    private protected virtual bool ReadsPlain => false;

    private protected sealed override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        ConvolutionScratch scratch = Workspace.Convolution;
        AlignedBuffer blockedX = Input(x, pass.Batch),
            blockedY = OutputBlocked ? y : Workspace.EnsureCapacity(ref scratch.Y, BlockedSize(OutputShape, pass.Batch));
        Forward(blockedX.Pointer, blockedY.Pointer, pass);
        if (!OutputBlocked)
            ChannelBlocks.ToPlain(blockedY.Pointer, y.Pointer, Frames(OutputShape, pass.Batch), Pixels(OutputShape), OutputChannels);
    }

    private protected sealed override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient,
        AlignedBuffer? xGradient, in Pass pass)
    {
        ConvolutionScratch scratch = Workspace.Convolution;
        AlignedBuffer blockedX = Input(x, pass.Batch), blockedY = Output(y, pass.Batch, ref scratch.Y),
            dy = Output(yGradient, pass.Batch, ref scratch.YGradient);
        AlignedBuffer? dx = xGradient is null
            || InputBlocked ? xGradient : Workspace.EnsureCapacity(ref scratch.XGradient, BlockedSize(InputShape, pass.Batch));
        Backward(blockedX.Pointer, blockedY.Pointer, dy.Pointer, dx is null ? null : dx.Pointer, pass);
        if (xGradient is not null && !InputBlocked)
            ChannelBlocks.ToPlain(dx!.Pointer, xGradient.Pointer, Frames(InputShape, pass.Batch), Pixels(InputShape), InputChannels);
    }

    /// <summary>As <see cref="Layer.Forward"/>, in blocks; x in row-major order where <see cref="ReadsPlain"/> and it comes so.</summary>
    private protected abstract void Forward(float* x, float* y, in Pass pass);

    /// <summary>As <see cref="Layer.Backward"/>, in blocks.</summary>
    private protected abstract void Backward(float* x, float* y, float* dy, float* dx, in Pass pass);

    /// <summary>
    /// Multiplies the gradient by the derivative of what the layer ends with, as far as that is left to it, and takes the
    /// gradient of the bias, where there is one that learns.
    /// </summary>
    private protected void ApplyActivationGradient(float* y, float* dy, in Pass pass, Parameter? bias)
    {
        if (bias is { Trainable: true })
            ChannelStatistics.Sum(
                dy, y, OwnActivation, (Frames(OutputShape, pass.Batch), Pixels(OutputShape)), bias.Gradient.Span, Workspace.Level);
        else if (OwnActivation != Activation.None)
            ActivationFunctions.Backward(y, dy, dy, OutputLength(pass.Batch), OwnActivation, Workspace.Level);
    }

    /// <summary>Floats that go out, in blocks.</summary>
    private protected int OutputLength(int batch) => BlockedSize(OutputShape, batch);

    /// <summary>Pictures of a batch.</summary>
    private protected static int Frames(IReadOnlyList<int> shape, int batch)
    {
        for (int i = 0; i < shape.Count - (shape.Count < 3 ? 1 : 3); i++)
            batch = checked(batch * shape[i]);
        return batch;
    }

    /// <summary>Pixels of a picture; features without a place are one.</summary>
    private protected static int Pixels(IReadOnlyList<int> shape) => shape.Count < 3 ? 1 : checked(shape[^3] * shape[^2]);

    /// <summary>Checks that there are three dimensions or four.</summary>
    private protected static ReadOnlySpan<int> Pictures(ReadOnlySpan<int> shape)
    {
        if (shape.Length is not (3 or 4))
            throw Unexpected("[height, width, channels] or [time, height, width, channels]", shape);
        return shape;
    }

    /// <summary>Windows over the last dimensions but the channels, as many as there are sizes: of pictures, or of volumes.</summary>
    private protected static ConvolutionAxis[] Windows(ReadOnlySpan<int> shape, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides,
        Padding padding)
    {
        if (Pictures(shape).Length < sizes.Length + 1)
            throw Unexpected("[time, height, width, channels]", shape);
        var axes = new ConvolutionAxis[sizes.Length];
        for (int i = 0; i < axes.Length; i++)
            axes[i] = ConvolutionAxis.Of(shape[shape.Length - 1 - axes.Length + i], sizes[i], strides[i], padding);
        return axes;
    }

    private static ArgumentException Unexpected(string expected, ReadOnlySpan<int> shape) =>
        new($"expected {expected}, found [{string.Join(", ", shape.ToArray())}]", nameof(shape));

    /// <summary>What the windows slide over: samples, or where they do not slide in time, pictures.</summary>
    private protected int Samples(in Pass pass) => Axes.Count == 3 ? pass.Batch : Frames(InputShape, pass.Batch);

    private static int BlockedSize(IReadOnlyList<int> shape, int batch) =>
        checked(Frames(shape, batch) * Pixels(shape) * ChannelBlocks.Count(shape[^1]) * ActivationMap.BlockSize);

    private AlignedBuffer Input(AlignedBuffer x, int batch)
    {
        if (InputBlocked || ReadsPlain)
            return x;
        AlignedBuffer blocked = Workspace.EnsureCapacity(ref Workspace.Convolution.X, BlockedSize(InputShape, batch));
        ChannelBlocks.FromPlain(x.Pointer, blocked.Pointer, Frames(InputShape, batch), Pixels(InputShape), InputChannels);
        return blocked;
    }

    private AlignedBuffer Output(AlignedBuffer y, int batch, ref AlignedBuffer? buffer)
    {
        if (OutputBlocked)
            return y;
        AlignedBuffer blocked = Workspace.EnsureCapacity(ref buffer, BlockedSize(OutputShape, batch));
        ChannelBlocks.FromPlain(y.Pointer, blocked.Pointer, Frames(OutputShape, batch), Pixels(OutputShape), OutputChannels);
        return blocked;
    }
}
