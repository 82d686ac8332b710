using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>The largest value of each window of a picture, Keras' MaxPooling2D. The gradient goes to the first of the largest.</summary>
public sealed unsafe class MaxPooling2D : SpatialLayer
{
    private readonly ConvolutionAxis _rows, _columns;

    /// <summary>A layer without parameters.</summary>
    /// <param name="inputShape">Of one sample: 3 dimensions, or 4 of which the first is time.</param>
    /// <param name="pool">Height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="strides">From a window to the next, down and across; null: as large as the window.</param>
    /// <param name="padding">What windows do at the borders.</param>
    public MaxPooling2D(ReadOnlySpan<int> inputShape, (int Height, int Width) pool, Workspace workspace, (int Height, int Width)? strides = null, Padding padding = Padding.Valid)
        : this(inputShape, ConvolutionAxis.Of(Pictures(inputShape)[^3], pool.Height, (strides ?? pool).Height, padding), ConvolutionAxis.Of(inputShape[^2], pool.Width, (strides ?? pool).Width, padding), workspace)
    {
    }

    private MaxPooling2D(ReadOnlySpan<int> inputShape, ConvolutionAxis rows, ConvolutionAxis columns, Workspace workspace)
        : base(inputShape, [.. inputShape[..^3], rows.Output, columns.Output, inputShape[^1]], workspace) => (_rows, _columns) = (rows, columns);

    /// <inheritdoc/>
    public override bool NeedsOutput => true;

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes => [_rows, _columns];

    private protected override void Forward(float* x, float* y, in Pass pass) =>
        TrainablePooling.Max(x, y, new(1, 1, 1, 0, 1), _rows, _columns, Frames(InputShape, pass.Batch), ChannelBlocks.Count(InputChannels), Workspace.Level);

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        if (dx != null)
            TrainablePooling.MaxGradient(x, y, dy, dx, new(1, 1, 1, 0, 1), _rows, _columns, Frames(InputShape, pass.Batch), ChannelBlocks.Count(InputChannels), Workspace.Level);
    }
}
