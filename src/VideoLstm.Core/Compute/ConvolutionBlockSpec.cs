using System.Globalization;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// A convolution without bias, batch norm by moving statistics and ReLU, <c>[height, width, channels]</c> to as many filters:
/// torchvision's BasicConv2d, with its parameters: conv.weight <c>[filters, channels, kernel height, kernel width]</c>; bn.weight, bn.bias,
/// bn.running_mean and bn.running_var <c>[filters]</c>.
/// </summary>
/// <param name="Filters">Channels that go out.</param>
/// <param name="KernelHeight">Rows of a window.</param>
/// <param name="KernelWidth">Columns of a window.</param>
public sealed record ConvolutionBlockSpec(int Filters, int KernelHeight, int KernelWidth) : SpatialSpec
{
    /// <summary>What is added to the variance.</summary>
    public const double Epsilon = 1e-3;

    /// <summary>Names of the parameters, in this order.</summary>
    public const string Weight = "conv.weight", Gamma = "bn.weight", Beta = "bn.bias", Mean = "bn.running_mean",
        Variance = "bn.running_var";

    /// <summary>From a window to the next, in both directions.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <inheritdoc/>
    public override string Kind => "basic_conv2d";

    /// <inheritdoc/>
    internal override char Separator => '.';

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input) =>
        PictureAxes(input, (KernelHeight, KernelWidth), Stride, Padding);

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input) => Slid(input, Filters);

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        int[] filters = [Filters];
        return
        [
            new(Weight, [Filters, input[^1], KernelHeight, KernelWidth]), new(Gamma, filters), new(Beta, filters),
            new(Mean, filters, Trainable: false), new(Variance, filters, Trainable: false),
        ];
    }

    /// <summary>The convolution with its batch norm folded in.</summary>
    /// <param name="tensors">The parameters, in their order.</param>
    /// <returns>Weights as those of the convolution, and bias <c>[filters]</c>.</returns>
    public (float[] Weights, float[] Bias) Fold(IReadOnlyList<NamedTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ReadOnlySpan<float> kernel = tensors[0].Values.Span, gamma = tensors[1].Values.Span, beta = tensors[2].Values.Span;
        ReadOnlySpan<float> mean = tensors[3].Values.Span, variance = tensors[4].Values.Span;
        float[] weights = new float[kernel.Length], bias = new float[Filters];
        int reduction = kernel.Length / Filters;
        for (int filter = 0; filter < Filters; filter++)
        {
            double factor = gamma[filter] / Math.Sqrt(variance[filter] + Epsilon);
            bias[filter] = (float)(beta[filter] - mean[filter] * factor);
            for (int i = filter * reduction; i < (filter + 1) * reduction; i++)
                weights[i] = (float)(kernel[i] * factor);
        }
        return (weights, bias);
    }

    private protected override string Describe() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kind} {KernelHeight} x {KernelWidth}, {Filters}");
}
