namespace VideoLstm.Core.Features;

/// <summary>Where weights are.</summary>
/// <param name="Path">The file.</param>
/// <param name="From">How it came there, e.g. <c>Keras' cache</c>.</param>
public sealed record WeightsLocation(string Path, string From);
