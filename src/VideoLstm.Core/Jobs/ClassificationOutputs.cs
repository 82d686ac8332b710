using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Jobs;

/// <summary>What labelling writes of one video.</summary>
/// <param name="Video">The labelled video; null: none.</param>
/// <param name="Timelines">The timeline, in any number of formats.</param>
/// <param name="Report">The page; null: none.</param>
public sealed record ClassificationOutputs(string? Video, IReadOnlyList<string> Timelines, string? Report)
{
    /// <summary>A small moving picture of the video under its labels; null: none.</summary>
    public string? Gif { get; init; }

    private const string Name = "{name}", Folder = "{folder}";

    /// <summary>All of them.</summary>
    public IEnumerable<string> All => [.. Video is null ? (string[])[] : [Video], .. Timelines, .. Report is null ? (string[])[]
        : [Report], .. Gif is null ? (string[])[] : [Gif]];

    /// <summary>The same with a video's name and folder in place of <c>{name}</c> and <c>{folder}</c>.</summary>
    public ClassificationOutputs For(string video) => new(Video is null ? null
        : Fill(Video, video), [.. Timelines.Select(t => Fill(t, video))], Report is null ? null : Fill(Report, video))
    {
        Gif = Gif is null ? null : Fill(Gif, video),
    };

    /// <summary>Gives each video its outputs.</summary>
    /// <param name="videos">The videos. One that was not named itself, and is what becomes of another, is left out.</param>
    /// <returns>The videos and what becomes of them.</returns>
    /// <exception cref="InputException">Two outputs would be one file, or an output is one of the videos.</exception>
    public IReadOnlyList<(string Video, ClassificationOutputs Outputs)> Assign(IReadOnlyList<(string Path, bool IsNamed)> videos)
    {
        if (videos.Count > 1 && All.FirstOrDefault(o => !o.Contains(Name, StringComparison.Ordinal)) is { } single)
            throw new InputException($"{single}: would be written for each of the {videos.Count} videos; put {Name} into it, which " +
                $"stands for the name of the video, and {Folder} if need be, e.g. {Folder}/{Name}{Path.GetExtension(single)}");
        var from = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = new List<(string Video, ClassificationOutputs Outputs)>();
        HashSet<string> written = [.. videos.SelectMany(v => For(v.Path).All).Select(RealPath.Of)];
        foreach ((string video, _) in videos.Where(v => v.IsNamed || !written.Contains(RealPath.Of(v.Path))))
        {
            ClassificationOutputs outputs = For(video);
            foreach (string output in outputs.All)
            {
                if (from.TryAdd(RealPath.Of(output), video))
                    continue;
                string other = from[RealPath.Of(output)];
                throw new InputException(
                    $"{output}: would be written {(other == video ? "twice" : $"for {other} and for {video}; put {Folder} before {Name}")}");
            }
            found.Add((video, outputs));
        }
        foreach ((string video, _) in found)
        {
            if (from.ContainsKey(RealPath.Of(video)))
                throw new InputException($"{video}: is the video itself; give another name for what is written");
        }
        return found;
    }

    private static string Fill(string pattern, string video)
    {
        string folder = Path.GetDirectoryName(video) is { Length: > 0 } f ? f : ".";
        // One after the other: a name may hold the words itself.
        return string.Join(Path.GetFileNameWithoutExtension(video),
            pattern.Split(Name).Select(part => part.Replace(Folder, folder, StringComparison.Ordinal)));
    }
}
