namespace VideoLstm.Core.Timelines;

/// <summary>What an event of BORIS is of.</summary>
/// <param name="Observation">The observation.</param>
/// <param name="Video">Its video; null if it has none.</param>
/// <param name="Subject">Who is observed; empty for nobody in particular.</param>
/// <param name="Behavior">The behaviour: the class.</param>
/// <param name="Category">Its category; empty if it has none.</param>
/// <param name="Modifiers">What else is said of it.</param>
internal sealed record BorisEvent(string Observation, string? Video, string Subject, string Behavior, string Category, string Modifiers);
