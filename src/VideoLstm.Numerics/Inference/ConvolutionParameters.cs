namespace VideoLstm.Numerics.Inference;

/// <summary>A convolution's constants, batch norm folded in.</summary>
/// <param name="Weights"><c>[filters, channels, kernel height, kernel width]</c>.</param>
/// <param name="Bias"><c>[filters]</c>.</param>
/// <param name="Mean">
/// The mean of each filter's sums, before ReLU, that training saw, <c>[filters]</c>: for <see cref="Precision.Int8"/> only.
/// </param>
/// <param name="Deviation">Their standard deviation, likewise.</param>
public readonly record struct ConvolutionParameters(
    ReadOnlyMemory<float> Weights, ReadOnlyMemory<float> Bias, ReadOnlyMemory<float> Mean = default,
        ReadOnlyMemory<float> Deviation = default);
