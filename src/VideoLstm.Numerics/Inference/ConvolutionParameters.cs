namespace VideoLstm.Numerics.Inference;

/// <summary>A convolution's constants, batch norm folded in. What its outputs are like is needed for <see cref="Precision.Int8"/> only.</summary>
/// <param name="Weights"><c>[filters, channels, kernel height, kernel width]</c>.</param>
/// <param name="Bias"><c>[filters]</c>.</param>
/// <param name="Largest">The largest output that a byte shall stand for, above zero, <c>[filters]</c>; what is larger is cut off.</param>
/// <param name="Expected">The output to expect on average, <c>[filters]</c>.</param>
public readonly record struct ConvolutionParameters(
    ReadOnlyMemory<float> Weights, ReadOnlyMemory<float> Bias, ReadOnlyMemory<float> Largest = default, ReadOnlyMemory<float> Expected = default);
