using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>The largest value of each window. The gradient goes to the first of the largest.</summary>
public abstract unsafe class MaxPooling : SpatialLayer
{
    private readonly ConvolutionAxis _time, _rows, _columns;

    /// <summary>A layer without parameters.</summary>
    /// <param name="inputShape">Of one sample.</param>
    /// <param name="axes">Windows: [time,] rows, columns.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    private protected MaxPooling(ReadOnlySpan<int> inputShape, ConvolutionAxis[] axes, Workspace workspace)
        : base(inputShape, axes, inputShape[^1], workspace) =>
        (_time, _rows, _columns) = (axes.Length == 3 ? axes[0] : ConvolutionAxis.One, axes[^2], axes[^1]);

    /// <inheritdoc/>
    public override bool NeedsOutput => true;

    private protected override void Forward(float* x, float* y, in Pass pass) =>
        TrainablePooling.Max(x, y, _time, _rows, _columns, Samples(pass), ChannelBlocks.Count(InputChannels), Workspace.Level);

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        if (dx != null)
            TrainablePooling.MaxGradient(x, y, dy, dx, (_time, _rows, _columns), Samples(pass), ChannelBlocks.Count(InputChannels),
                Workspace.Level);
    }
}
