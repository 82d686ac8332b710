namespace VideoLstm.Core.Cutting;

/// <summary>A chapter.</summary>
/// <param name="Start">Seconds from the start of the file.</param>
/// <param name="End">Seconds from the start of the file.</param>
/// <param name="Tags">Such as its title.</param>
internal sealed record Chapter(double Start, double End, IReadOnlyList<(string Name, string Value)> Tags);
