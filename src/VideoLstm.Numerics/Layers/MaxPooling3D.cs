using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The largest value of each window of a volume <c>[time, height, width, channels]</c>, Keras' MaxPooling3D. The gradient goes
/// to the first of the largest.
/// </summary>
public sealed unsafe class MaxPooling3D : SpatialLayer
{
    private readonly ConvolutionAxis _time, _rows, _columns;

    /// <summary>A layer without parameters.</summary>
    /// <param name="inputShape">Of one sample: 4 dimensions.</param>
    /// <param name="pool">Steps, height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="strides">From a window to the next, in time, down and across; null: as large as the window.</param>
    /// <param name="padding">What windows do at the borders.</param>
    public MaxPooling3D(
        ReadOnlySpan<int> inputShape, (int Time, int Height, int Width) pool, Workspace workspace, (int Time, int Height, int Width)? strides = null, Padding padding = Padding.Valid)
        : this(
            inputShape, ConvolutionAxis.Of(Volume(inputShape)[0], pool.Time, (strides ?? pool).Time, padding), ConvolutionAxis.Of(inputShape[1], pool.Height, (strides ?? pool).Height, padding),
            ConvolutionAxis.Of(inputShape[2], pool.Width, (strides ?? pool).Width, padding), workspace)
    {
    }

    private MaxPooling3D(ReadOnlySpan<int> inputShape, ConvolutionAxis time, ConvolutionAxis rows, ConvolutionAxis columns, Workspace workspace)
        : base(inputShape, [time.Output, rows.Output, columns.Output, inputShape[^1]], workspace) => (_time, _rows, _columns) = (time, rows, columns);

    /// <inheritdoc/>
    public override bool NeedsOutput => true;

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes => [_time, _rows, _columns];

    /// <inheritdoc/>
    public override bool PropagatesMask => false;

    private protected override void Forward(float* x, float* y, in Pass pass) =>
        TrainablePooling.Max(x, y, _time, _rows, _columns, pass.Batch, ChannelBlocks.Count(InputChannels), Workspace.Level);

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        if (dx != null)
            TrainablePooling.MaxGradient(x, y, dy, dx, _time, _rows, _columns, pass.Batch, ChannelBlocks.Count(InputChannels), Workspace.Level);
    }
}
