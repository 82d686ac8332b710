using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The largest value of each channel of a picture, Keras' GlobalMaxPooling2D: <c>[height, width, channels]</c> to
/// <c>[channels]</c>, or <c>[time, height, width, channels]</c> to <c>[time, channels]</c>. Where several are the largest,
/// they share the gradient.
/// </summary>
/// <param name="inputShape">Of one sample.</param>
/// <param name="workspace">Shared by the layers of a network.</param>
public sealed unsafe class GlobalMaxPooling2D(ReadOnlySpan<int> inputShape, Workspace workspace)
    : SpatialLayer(inputShape, [.. Pictures(inputShape)[..^3], inputShape[^1]], workspace)
{
    /// <inheritdoc/>
    public override bool NeedsOutput => true;

    internal override (bool Input, bool Output) Blocks => (true, false);

    private protected override void Forward(float* x, float* y, in Pass pass) =>
        TrainablePooling.GlobalMax(x, y, Planes(pass), Pixels(InputShape), Workspace.Level);

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        if (dx != null)
            TrainablePooling.GlobalMaxGradient(x, y, dy, dx, Planes(pass), Pixels(InputShape), Workspace.Level);
    }

    private int Planes(in Pass pass) => checked(Frames(InputShape, pass.Batch) * ChannelBlocks.Count(InputChannels));
}
