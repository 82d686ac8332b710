namespace VideoLstm.Core.Datasets;

/// <summary>A row of a list before the classes of all are known.</summary>
/// <param name="Set">Train or test.</param>
/// <param name="File">Path of the clip, with slashes.</param>
/// <param name="Class">What may be the name of its class; null if nothing is said.</param>
/// <param name="Number">Number of its class as written; null if there is none.</param>
internal sealed record ListRow(ClipSet Set, string File, string? Class, string? Number)
{
    /// <summary>Where it is, for messages.</summary>
    public string Place { get; init; } = "";

    /// <summary>Why it cannot be used; null if it can.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether <see cref="Class"/> is that of the folder, which may say something else.</summary>
    public bool IsFolder { get; init; }
}
