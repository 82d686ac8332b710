using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>
/// What goes from a video into what is cut from it, beside pictures and audio: tags, chapters and text subtitles at their new times,
/// cover pictures, attached files; as far as the container holds it. What is missing in the end is told by looking at the result.
/// </summary>
internal sealed partial class CutExtras : IDisposable
{
    // Of the file or of the program that wrote it, not of what is in it; a time code would tell the wrong time.
    private static readonly string[] NotKept =
        ["encoder", "software", "major_brand", "minor_version", "compatible_brands", "duration", "timecode"];

    private readonly CutSource _source;
    private readonly CancellationToken _ct;
    private readonly Storage.ScratchFolder _folder = new();
    private readonly (string Name, string Value)[] _tags;
    private IReadOnlyList<CutSubtitles>? _subtitles;
    private List<(string File, string Codec)>? _covers;

    /// <summary>Begins; nothing is read before it is needed.</summary>
    /// <param name="source">The video.</param>
    /// <param name="ct">Ends what reads it.</param>
    public CutExtras(CutSource source, CancellationToken ct)
    {
        (_source, _ct) = (source, ct);
        _tags = [.. source.Tags.Where(t => !NotKept.Contains(t.Name, StringComparer.OrdinalIgnoreCase))];
    }

    /// <summary>Whether all of it is left out: not every muxer takes what it is said to take.</summary>
    public bool AreLeftOut { get; set; }

    /// <summary>ffmpeg's arguments.</summary>
    /// <param name="plan">What is kept.</param>
    /// <param name="container">The container.</param>
    /// <param name="inputs">How many inputs come before.</param>
    /// <returns>Further inputs; and options of the output, to come behind those of pictures and audio.</returns>
    public (string[] Inputs, string[] Output) Arguments(CutPlan plan, Container container, int inputs)
    {
        List<string> before = [], after = ["-map_metadata:s", "-1"];
        if (AreLeftOut)
            return ([], [.. after, "-map_metadata", "-1", "-map_chapters", "-1"]);
        after.AddRange(_source.Notes.Arguments("v", 0));

        int described = Add("-f", "ffmetadata", "-i", Write("tags.txt", Describe(container.HasChapters ? ChaptersOf(plan) : [])));
        after.AddRange(["-map_metadata", Text(described), "-map_chapters", container.HasChapters ? Text(described) : "-1"]);
        int number = 0;
        foreach ((CutSubtitles subtitles, string text) in SubtitlesOf(plan, container))
        {
            int input = Add("-f", subtitles.Format, "-i", Write($"subtitles-{Text(number)}.txt", text));
            after.AddRange(["-map", $"{Text(input)}:s:0", $"-c:s:{Text(number)}", container.TextSubtitles(subtitles.Info.Codec)!,
                .. subtitles.Info.Notes.Arguments("s", number)]);
            number++;
        }
        if (_source.Covers.Count > 0 && (container.HasCoverTracks || container.HasAttachments))
        {
            _covers ??= ReadCovers();
            for (int i = 0; i < _covers.Count; i++)
            {
                (string file, string codec) = _covers[i];
                bool isPng = codec == "png";
                if (container.HasCoverTracks)
                {
                    int input = Add("-f", isPng ? "png_pipe" : "jpeg_pipe", "-i", "file:" + file);
                    after.AddRange(["-map", $"{Text(input)}:v:0", $"-c:v:{Text(i + 1)}", "copy", $"-disposition:v:{Text(i + 1)}",
                        "attached_pic"]);
                    continue;
                }
                string track = Text(_source.Attachments + i);
                after.AddRange(["-attach", file, $"-metadata:s:t:{track}", isPng ? "mimetype=image/png" : "mimetype=image/jpeg",
                    $"-metadata:s:t:{track}", $"filename=cover{(i == 0 ? "" : Text(i + 1))}.{(isPng ? "png" : "jpg")}"]);
            }
        }
        if (_source.Attachments > 0 && container.HasAttachments)
        {
            // They are read with the head of the file.
            int input = Add(["-t", "0.001", .. Ffmpeg.Input(_source.Video.Path)]);
            after.AddRange(["-map", $"{Text(input)}:t", "-map_metadata:s:t", $"{Text(input)}:s:t", "-c:t", "copy"]);
        }
        // Names that are not Apple's old four letters go into a table of names, which only some programs read.
        if (container.IsQuickTime && _tags.Any(t => t.Name.StartsWith("com.", StringComparison.OrdinalIgnoreCase))
            && _source.Covers.Count == 0)
            after.AddRange(["-movflags", "+use_metadata_tags"]);
        return ([.. before], [.. after]);

        int Add(params string[] input)
        {
            before.AddRange(input);
            return inputs++;
        }
    }

    /// <summary>What of the source is not in a result, in words; empty if all is.</summary>
    /// <param name="result">The file.</param>
    /// <param name="plan">What was kept.</param>
    /// <param name="container">Its container.</param>
    public string Missing(string result, CutPlan plan, Container container)
    {
        CutSource found = CutSource.Read(result, _ct);
        List<string> missing = [.. _source.Others];
        if (_source.IsTransparent && !found.IsTransparent)
            missing.Add("transparency");
        int chapters = ChaptersOf(plan).Count();
        if (found.Chapters.Count < chapters)
            missing.Add(Count(chapters, "chapter"));
        CutSubtitles[] written = [.. SubtitlesOf(plan, container).Select(s => s.Subtitles)];
        IEnumerable<SubtitleInfo> kept = found.Subtitles.Count < written.Length ? [] : written.Select(s => s.Info);
        SubtitleInfo[] subtitles = [.. _source.Subtitles.Except(kept)
            .Where(s => !s.IsText || _subtitles?.FirstOrDefault(t => t.Info == s)?.After(plan) is not null
                || _subtitles?.Any(t => t.Info == s) != true)];
        if (subtitles.Length > 0)
            missing.Add(
                $"{Count(subtitles.Length, "track")} of subtitles ({string.Join(", ", subtitles.Select(s => s.Codec).Distinct())})");
        if (found.Covers.Count < _source.Covers.Count)
            missing.Add(Count(_source.Covers.Count - found.Covers.Count, "cover picture"));
        if (found.Attachments < _source.Attachments)
            missing.Add(Count(_source.Attachments, "attached file"));
        string[] tags = [.. _tags.Select(t => Language().Replace(t.Name, "")).Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(name => !found.Tags.Any(t => Language().Replace(t.Name, "").Equals(name, StringComparison.OrdinalIgnoreCase)))];
        if (tags.Length > 0)
            missing.Add($"the {(tags.Length == 1 ? "tag" : "tags")} {string.Join(", ", tags.Take(8))}{(tags.Length > 8 ? ", ..." : "")}");
        (string Name, string Value)[] names = [.. found.AudioTracks.SelectMany(NamesOf)];
        if (_source.AudioTracks.SelectMany(NamesOf).Except(names).Select(t => t.Name).Distinct(StringComparer.Ordinal)
            .ToArray() is { Length: > 0 } lost)
            missing.Add($"the {string.Join(" and ", lost)} of audio tracks");
        return string.Join(", ", missing);

        static IEnumerable<(string Name, string Value)> NamesOf(AudioInfo audio) => audio.Notes.Tags
            .Select(t => (Name: t.Name.ToLowerInvariant(), t.Value))
            .Where(t => t.Name is "language" or "title" && t.Value is not ("und" or ""));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private IEnumerable<Chapter> ChaptersOf(CutPlan plan) => _source.Chapters
        .Select(c => c with { Start = plan.Moved(c.Start), End = plan.Moved(Math.Max(c.Start, c.End)) })
        .Where(c => c.End - c.Start >= 0.001);

    private IEnumerable<(CutSubtitles Subtitles, string Text)> SubtitlesOf(CutPlan plan, Container container)
    {
        if (!_source.Subtitles.Any(s => s.IsText && container.TextSubtitles(s.Codec) is not null))
            return [];
        _subtitles ??= CutSubtitles.Read(_source, _folder.Path, _ct);
        return _subtitles.Select(s => (s, s.After(plan))).Where(s => s.Item2 is not null).Select(s => (s.s, s.Item2!));
    }

    private List<(string File, string Codec)> ReadCovers()
    {
        var covers = new List<(string, string)>();
        foreach ((int stream, string codec) in _source.Covers.Where(c => c.Codec is "png" or "mjpeg"))
        {
            string file = _folder.File($"cover-{Text(stream)}");
            using var process = new MediaProcess(
                "ffmpeg", [.. Ffmpeg.Start(), .. Ffmpeg.Input(_source.Video.Path), "-map", $"0:{Text(stream)}", "-c", "copy", "-frames:v",
                    "1", "-f", "image2pipe", "file:" + file], ct: _ct);
            process.CloseInput();
            if (process.Wait() == 0 && new FileInfo(file) is { Exists: true, Length: > 0 })
                covers.Add((file, codec));
        }
        return covers;
    }

    // FFMETADATA1, as ffmpeg documents it.
    private string Describe(IEnumerable<Chapter> chapters)
    {
        var text = new StringBuilder(";FFMETADATA1\n");
        Add(_tags);
        foreach (Chapter chapter in chapters)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"[CHAPTER]\nTIMEBASE=1/1000000\nSTART={Math.Round(chapter.Start * 1e6):0}\nEND={Math.Round(chapter.End * 1e6):0}\n");
            Add(chapter.Tags);
        }
        return text.ToString();

        void Add(IEnumerable<(string Name, string Value)> tags)
        {
            foreach ((string name, string value) in tags)
                text.Append(Special().Replace(name, "\\$0")).Append('=').Append(Special().Replace(value, "\\$0")).Append('\n');
        }
    }

    private string Write(string name, string text)
    {
        string file = _folder.File(name);
        File.WriteAllText(file, text);
        return "file:" + file;
    }

    private static string Count(int count, string what) => $"{Text(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"[=;#\\\n]")]
    private static partial Regex Special();

    [GeneratedRegex("-[a-z]{3}$")]
    private static partial Regex Language();
}
