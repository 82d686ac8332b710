using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// A layer over pictures <c>[height, width, channels]</c>, or volumes <c>[time, height, width, channels]</c>, of which a two-dimensional
/// layer treats each step by itself, as Keras' TimeDistributed.
/// </summary>
public abstract record SpatialSpec : LayerSpec
{
    /// <summary>What is done to each value that goes out.</summary>
    public ActivationKind Activation { get; init; }

    /// <summary>The windows along each dimension over which they slide: [time,] rows, columns; none where there are no windows.</summary>
    /// <exception cref="ArgumentException">Not one fits.</exception>
    public virtual IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input) => [];

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Count == 4;
    }

    /// <summary>The shape of what slides: one value a window.</summary>
    private protected int[] Slid(IReadOnlyList<int> input, int channels)
    {
        IReadOnlyList<ConvolutionAxis> axes = Axes(input);
        return [.. input.Take(input.Count - 1 - axes.Count), .. axes.Select(a => a.Output), channels];
    }

    private protected static IReadOnlyList<ConvolutionAxis> PictureAxes(
        IReadOnlyList<int> input, (int Rows, int Columns) size, int stride, Padding padding)
    {
        CheckPictures(input);
        return [ConvolutionAxis.Of(input[^3], size.Rows, stride, padding), ConvolutionAxis.Of(input[^2], size.Columns, stride, padding)];
    }

    private protected static void CheckPictures(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Count is not (3 or 4))
        {
            string found = string.Join(", ", input);
            throw new ArgumentException(
                $"expected [height, width, channels] or [time, height, width, channels], found [{found}]", nameof(input));
        }
    }

    private protected static void CheckVolume(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Count != 4)
            throw new ArgumentException($"expected [time, height, width, channels], found [{string.Join(", ", input)}]", nameof(input));
    }
}
