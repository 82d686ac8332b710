namespace VideoLstm.Numerics.Kernels;

/// <summary>Windows along one dimension.</summary>
/// <param name="Input">Positions that there are.</param>
/// <param name="Size">Positions in a window.</param>
/// <param name="Stride">From a window to the next.</param>
/// <param name="PadBefore">Positions of the first window that lie before the first position.</param>
/// <param name="Output">Windows.</param>
public readonly record struct ConvolutionAxis(int Input, int Size, int Stride, int PadBefore, int Output)
{
    /// <summary>A dimension of one position, and one window.</summary>
    internal static ConvolutionAxis One => new(1, 1, 1, 0, 1);

    /// <summary>Windows of that size and stride.</summary>
    /// <exception cref="ArgumentException">Not one fits.</exception>
    public static ConvolutionAxis Of(int input, int size, int stride, Padding padding)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        if (padding == Padding.Same)
        {
            int output = (input + stride - 1) / stride;
            return new(input, size, stride, Math.Max(0, (output - 1) * stride + size - input) / 2, output);
        }
        if (size > input)
            throw new ArgumentException(
                $"a window of {size} does not fit into {input}: take padding '{nameof(Padding.Same)}' or larger pictures", nameof(size));
        return new(input, size, stride, 0, (input - size) / stride + 1);
    }

    /// <summary>Positions of the last window that lie behind the last position.</summary>
    public int PadAfter => Math.Max(0, Padded - PadBefore - Input);

    /// <summary>Positions of all windows, with what they lack on either side.</summary>
    public int Padded => (Output - 1) * Stride + Size;

    /// <summary>The positions of window <paramref name="index"/> that there are.</summary>
    public (int Start, int End) At(int index)
    {
        int start = index * Stride - PadBefore;
        return (Math.Max(0, start), Math.Min(Input, start + Size));
    }
}
