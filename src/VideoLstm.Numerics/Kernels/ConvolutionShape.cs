namespace VideoLstm.Numerics.Kernels;

/// <summary>The shape of a convolution. Stride is that of both directions; padding is zeros on both sides.</summary>
internal readonly record struct ConvolutionShape(
    int InputChannels, int OutputChannels, int KernelHeight, int KernelWidth, int Stride, int PaddingY, int PaddingX)
{
    /// <summary>Multiply-adds for one output pixel of one channel.</summary>
    public int Reduction => InputChannels * KernelHeight * KernelWidth;

    public int OutputHeight(int height) => Size(height, KernelHeight, Stride, PaddingY);

    public int OutputWidth(int width) => Size(width, KernelWidth, Stride, PaddingX);

    /// <summary>How many windows fit; zero or less where none does.</summary>
    internal static int Size(int input, int kernel, int stride, int padding)
    {
        int room = input + 2 * padding - kernel;
        return room < 0 ? 0 : room / stride + 1;
    }
}
