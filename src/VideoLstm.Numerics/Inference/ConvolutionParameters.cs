namespace VideoLstm.Numerics.Inference;

/// <summary>A convolution's constants, batch norm folded in.</summary>
/// <param name="Weights"><c>[filters, channels, kernel height, kernel width]</c>.</param>
/// <param name="Bias"><c>[filters]</c>.</param>
public readonly record struct ConvolutionParameters(ReadOnlyMemory<float> Weights, ReadOnlyMemory<float> Bias);
