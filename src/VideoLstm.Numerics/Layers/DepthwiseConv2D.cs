using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// A convolution of each channel by itself, Keras' DepthwiseConv2D with a depth multiplier of 1: shapes as those of
/// <see cref="Conv2D"/>, as many channels out as in. Parameters: depthwise_kernel <c>[kernel height, kernel width, channels, 1]</c>,
/// bias <c>[channels]</c>.
/// </summary>
public sealed unsafe class DepthwiseConv2D : ConvolutionLayer
{
    private AlignedBuffer? _weights, _bias, _gradients;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputShape">Of one sample: 3 dimensions, or 4 of which the first is time.</param>
    /// <param name="kernel">Height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="options">What else it has; null: stride 1, padding valid, no activation, a bias.</param>
    public DepthwiseConv2D(
        string name, ReadOnlySpan<int> inputShape, (int Height, int Width) kernel, Workspace workspace,
        ConvolutionOptions? options = null)
        : base(name, inputShape, [kernel.Height, kernel.Width], null, workspace, options ?? new())
    {
    }

    private protected override bool ReadsPlain => false;

    private int BlockCount => ChannelBlocks.Count(InputChannels);

    private int Taps => Axes[0].Size * Axes[1].Size;

    private protected override void Forward(float* x, float* y, in Pass pass)
    {
        ChannelBlocks.FromPlain(Kernel.Value.Pointer, Weights().Pointer, 1, Taps, InputChannels);
        AlignedBuffer bias = Workspace.EnsureCapacity(ref _bias, BlockCount * ActivationMap.BlockSize);
        Bias?.Value.Span.CopyTo(bias.Span);
        int frames = Frames(InputShape, pass.Batch);
        TrainableDepthwise.Forward(x, _weights!.Pointer, bias.Pointer, y, (Axes[0], Axes[1]), frames, BlockCount, Workspace.Level);
        if (OutputActivation != Activation.None)
            ActivationFunctions.Forward(y, y, OutputLength(pass.Batch), OutputActivation, Workspace.Level);
    }

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        int frames = Frames(InputShape, pass.Batch);
        ApplyActivationGradient(y, dy, pass, Bias);
        if (Kernel.Trainable)
        {
            AlignedBuffer gradients = Workspace.EnsureCapacity(ref _gradients, checked(frames * Weights().Length));
            TrainableDepthwise.WeightGradient(x, dy, gradients.Pointer, Axes[0], Axes[1], frames, BlockCount, Workspace.Level);
            float* sums = gradients.Pointer;
            Workers.For(BlockCount, block =>
            {
                // In double precision and in order, whatever the number of threads.
                double[] totals = new double[Taps * ActivationMap.BlockSize];
                for (int frame = 0; frame < frames; frame++)
                {
                    ReadOnlySpan<float> part = new(sums + ((nint)frame * BlockCount + block) * totals.Length, totals.Length);
                    for (int i = 0; i < totals.Length; i++)
                        totals[i] += part[i];
                }
                int first = block * ActivationMap.BlockSize;
                for (int tap = 0; tap < Taps; tap++)
                    for (int lane = 0; lane < Math.Min(ActivationMap.BlockSize, InputChannels - first); lane++)
                        Kernel.Gradient.Span[tap * InputChannels + first + lane] = (float)totals[tap * ActivationMap.BlockSize + lane];
            });
        }
        if (dx != null)
        {
            ChannelBlocks.FromPlain(Kernel.Value.Pointer, Weights().Pointer, 1, Taps, InputChannels);
            TrainableDepthwise.InputGradient(dy, _weights!.Pointer, dx, Axes[0], Axes[1], frames, BlockCount, Workspace.Level);
        }
    }

    private AlignedBuffer Weights() => Workspace.EnsureCapacity(ref _weights, BlockCount * Taps * ActivationMap.BlockSize);
}
