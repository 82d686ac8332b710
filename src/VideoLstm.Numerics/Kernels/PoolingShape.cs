using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>A square pooling window. Padding is on all sides; a window never begins or ends beyond it.</summary>
internal readonly record struct PoolingShape(int Size, int Stride, int Padding)
{
    public int Output(int input) => ConvolutionShape.Size(input, Size, Stride, Padding);

    /// <summary>The windows along one direction.</summary>
    public ConvolutionAxis Axis(int input) => new(input, Size, Stride, Padding, Output(input));
}
