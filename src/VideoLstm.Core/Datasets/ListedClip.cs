namespace VideoLstm.Core.Datasets;

/// <summary>A clip as a list names it.</summary>
/// <param name="Set">Train or test.</param>
/// <param name="Class">Name of its class.</param>
/// <param name="File">Its path as listed, with slashes: at least a file name.</param>
/// <param name="Row">Where it is listed, for messages: <c>train.csv, line 2</c>.</param>
public sealed record ListedClip(ClipSet Set, string Class, string File, string Row);
