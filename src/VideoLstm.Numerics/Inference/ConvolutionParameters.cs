namespace VideoLstm.Numerics.Inference;

/// <summary>A convolution's constants, batch norm folded in.</summary>
/// <param name="Weights"><c>[filters, channels, kernel height, kernel width]</c>.</param>
/// <param name="Bias"><c>[filters]</c>.</param>
/// <param name="Largest">
/// The largest output to expect, above zero, <c>[filters]</c>: what is larger is cut off where outputs are bytes. Needed for
/// <see cref="Precision.Int8"/> only.
/// </param>
public readonly record struct ConvolutionParameters(ReadOnlyMemory<float> Weights, ReadOnlyMemory<float> Bias, ReadOnlyMemory<float> Largest = default);
