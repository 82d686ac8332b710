using System.Globalization;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// A layer over pictures <c>[height, width, channels]</c>, or volumes <c>[time, height, width, channels]</c>, of which a two-dimensional
/// layer
/// treats each step by itself, as Keras' TimeDistributed.
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

/// <summary>
/// A convolution over height and width, <c>[height, width, channels]</c> to as many filters. Parameters: kernel <c>[size, size, in,
/// out]</c>, bias <c>[out]</c>.
/// </summary>
/// <param name="Filters">Channels that go out.</param>
/// <param name="Size">Height and width of a window.</param>
public sealed record Conv2DSpec(int Filters, int Size) : SpatialSpec
{
    /// <summary>From a window to the next, in both directions.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; } = Padding.Same;

    /// <summary>Whether there is a bias.</summary>
    public bool UseBias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "conv2d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return [ConvolutionAxis.Of(input[^3], Size, Stride, Padding), ConvolutionAxis.Of(input[^2], Size, Stride, Padding)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Filters);
        return Slid(input, Filters);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        ParameterSpec kernel = new("kernel", [Size, Size, input[^1], Filters]);
        return UseBias ? [kernel, new("bias", [Filters])] : [kernel];
    }

    private protected override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Filters}");
}

/// <summary>
/// A convolution of each channel by itself, <c>[height, width, channels]</c> to as many channels. Parameters: depthwise_kernel <c>[size,
/// size, channels, 1]</c>,
/// bias <c>[channels]</c>.
/// </summary>
/// <param name="Size">Height and width of a window.</param>
public sealed record DepthwiseConv2DSpec(int Size) : SpatialSpec
{
    /// <summary>From a window to the next, in both directions.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; } = Padding.Same;

    /// <summary>Whether there is a bias.</summary>
    public bool UseBias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "depthwise_conv2d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return [ConvolutionAxis.Of(input[^3], Size, Stride, Padding), ConvolutionAxis.Of(input[^2], Size, Stride, Padding)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return Slid(input, input[^1]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        ParameterSpec kernel = new("depthwise_kernel", [Size, Size, input[^1], 1]);
        return UseBias ? [kernel, new("bias", [input[^1]])] : [kernel];
    }
}

/// <summary>
/// A convolution over time, height and width, <c>[time, height, width, channels]</c> to as many filters. Parameters: kernel <c>[size, size,
/// size, in, out]</c>,
/// bias <c>[out]</c>.
/// </summary>
/// <param name="Filters">Channels that go out.</param>
/// <param name="Size">Steps, height and width of a window.</param>
public sealed record Conv3DSpec(int Filters, int Size) : SpatialSpec
{
    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; } = Padding.Same;

    /// <inheritdoc/>
    public override string Kind => "conv3d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return [.. input.Take(3).Select(length => ConvolutionAxis.Of(length, Size, 1, Padding))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Filters);
        return Slid(input, Filters);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return [new("kernel", [Size, Size, Size, input[^1], Filters]), new("bias", [Filters])];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => false;

    private protected override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Filters}");
}

/// <summary>The largest value of each window of a picture, <c>[height, width, channels]</c>; windows lie inside.</summary>
/// <param name="Size">Height and width of a window.</param>
public sealed record MaxPooling2DSpec(int Size = 2) : SpatialSpec
{
    /// <summary>From a window to the next, in both directions.</summary>
    public int Stride { get; init; } = Size;

    /// <inheritdoc/>
    public override string Kind => "max_pooling2d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return [ConvolutionAxis.Of(input[^3], Size, Stride, Padding.Valid), ConvolutionAxis.Of(input[^2], Size, Stride, Padding.Valid)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return Slid(input, input[^1]);
    }
}

/// <summary>
/// The largest value of each window of a volume, windows side by side: <c>[time, height, width, channels]</c> to <c>[time / time, height /
/// size, width / size, channels]</c>.
/// </summary>
/// <param name="Time">Steps of a window.</param>
/// <param name="Size">Height and width of a window.</param>
public sealed record MaxPooling3DSpec(int Time, int Size = 2) : SpatialSpec
{
    /// <inheritdoc/>
    public override string Kind => "max_pooling3d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return
        [
            ConvolutionAxis.Of(input[0], Time, Time, Padding.Valid),
            ConvolutionAxis.Of(input[1], Size, Size, Padding.Valid),
            ConvolutionAxis.Of(input[2], Size, Size, Padding.Valid),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return Slid(input, input[^1]);
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => false;
}

/// <summary>The mean of each window of a picture, <c>[height, width, channels]</c> to as many; windows reach over the border.</summary>
/// <param name="Size">Height and width of a window, odd.</param>
/// <param name="CountsPadding">Whether what lies outside the picture counts as zeros, PyTorch's default, or not at all, as in
/// Keras.</param>
public sealed record AveragePooling2DSpec(int Size, bool CountsPadding) : SpatialSpec
{
    /// <inheritdoc/>
    public override string Kind => "average_pooling2d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return input;
    }
}

/// <summary>The mean of each channel of a picture: <c>[height, width, channels]</c> to <c>[channels]</c>.</summary>
public sealed record GlobalAveragePooling2DSpec : SpatialSpec
{
    /// <inheritdoc/>
    public override string Kind => "global_average_pooling2d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return [.. input.SkipLast(3), input[^1]];
    }
}

/// <summary>The largest value of each channel of a picture: <c>[height, width, channels]</c> to <c>[channels]</c>.</summary>
public sealed record GlobalMaxPooling2DSpec : SpatialSpec
{
    /// <inheritdoc/>
    public override string Kind => "global_max_pooling2d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return [.. input.SkipLast(3), input[^1]];
    }
}

/// <summary>
/// A border of one pixel of zeros around pictures: <c>[height, width, channels]</c> to <c>[height + 2, width + 2, channels]</c>.
/// </summary>
public sealed record ZeroPadding2DSpec : LayerSpec
{
    /// <inheritdoc/>
    public override string Kind => "zero_padding2d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return [.. input.SkipLast(3), checked(input[^3] + 2), checked(input[^2] + 2), input[^1]];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Count == 4;
    }
}

/// <summary>
/// Brings each channel to the mean beta and the deviation gamma, over the batch in training, else by moving statistics; any shape with the
/// channels last.
/// Parameters, each <c>[channels]</c>: gamma, beta, moving_mean, moving_variance.
/// </summary>
/// <remarks>S. Ioffe, C. Szegedy, "Batch Normalization" (2015).</remarks>
public sealed record BatchNormalizationSpec : SpatialSpec
{
    /// <summary>The most channels: it is no layer for a whole sequence in one row.</summary>
    public const int MostChannels = 1 << 16;

    /// <summary>How much of the moving statistics stays in a step.</summary>
    public float Momentum { get; init; } = 0.99f;

    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "batch_normalization";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input[^1] <= MostChannels ? input : throw new ArgumentException($"{this} of {input[^1]} features", nameof(input));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int[] shape = [input[^1]];
        return
        [
            new("gamma", shape), new("beta", shape),
            new("moving_mean", shape, Trainable: false), new("moving_variance", shape, Trainable: false),
        ];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => true;
}
