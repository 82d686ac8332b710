namespace VideoLstm.Core.Datasets;

/// <summary>One labelled clip: a row of data_file.csv.</summary>
/// <param name="Set">Train or test.</param>
/// <param name="Class">Name of its class, which is the name of its folder.</param>
/// <param name="Name">File name without extension.</param>
/// <param name="Frames">Number of its frames.</param>
public sealed record Clip(ClipSet Set, string Class, string Name, long Frames)
{
    /// <summary>The clip without its extension, as a person would point to it: <c>train/Football/match 1</c>.</summary>
    public string Label => Key.Label;

    /// <summary>What tells it from other clips.</summary>
    internal ClipKey Key => new(Set, Class, Name);

    /// <summary>Name of a set in folders and in data_file.csv.</summary>
    public static string SetName(ClipSet set) => set == ClipSet.Train ? "train" : "test";
}
