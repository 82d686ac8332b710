namespace VideoLstm.Core.Cutting;

/// <summary>A video to write, and the stretches of the source that are to be in it.</summary>
/// <param name="Path">Where to; the extension says the container.</param>
/// <param name="Stretches">In order of time; they do not overlap.</param>
public sealed record CutOutput(string Path, IReadOnlyList<Stretch> Stretches);
