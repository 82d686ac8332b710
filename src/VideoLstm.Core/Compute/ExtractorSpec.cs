namespace VideoLstm.Core.Compute;

/// <summary>A network from pictures to features, with its weights: what a backend makes a feature extractor of.</summary>
/// <param name="Network">From <c>[height, width, 3]</c> to <c>[features]</c>.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Divisor">What a pixel of RGB is taken for: byte / divisor + offset, in single precision.</param>
/// <param name="Offset">See <paramref name="Divisor"/>.</param>
public sealed record ExtractorSpec(NetworkSpec Network, TensorSet Weights, float Divisor, float Offset);
