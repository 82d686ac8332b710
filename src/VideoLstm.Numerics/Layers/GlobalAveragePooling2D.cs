using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The mean of each channel of a picture, Keras' GlobalAveragePooling2D: shapes as those of <see cref="GlobalMaxPooling2D"/>.
/// </summary>
/// <param name="inputShape">Of one sample.</param>
/// <param name="workspace">Shared by the layers of a network.</param>
public sealed unsafe class GlobalAveragePooling2D(ReadOnlySpan<int> inputShape, Workspace workspace)
    : SpatialLayer(inputShape, [.. Pictures(inputShape)[..^3], inputShape[^1]], workspace)
{
    internal override (bool Input, bool Output) Blocks => (true, false);

    private protected override void Forward(float* x, float* y, in Pass pass) =>
        TrainablePooling.GlobalAverage(x, y, Planes(pass), Pixels(InputShape), Workspace.Level);

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        if (dx != null)
            TrainablePooling.GlobalAverageGradient(dy, dx, Planes(pass), Pixels(InputShape), Workspace.Level);
    }

    private int Planes(in Pass pass) => checked(Frames(InputShape, pass.Batch) * ChannelBlocks.Count(InputChannels));
}
