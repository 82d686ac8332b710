using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>The text subtitles of one track, as SubRip or, where they have styles, as ASS; and what is left of them after a cut.</summary>
internal sealed partial class CutSubtitles
{
    // Shorter ones cannot be read, and ASS counts hundredths.
    private const double ShortestSeconds = 0.01;

    private readonly bool _isAss;
    private readonly string _head;
    private readonly List<(double Start, double End, string Before, string Text)> _cues = [];

    private CutSubtitles(SubtitleInfo info, string text)
    {
        Info = info;
        _isAss = FormatOf(info.Codec) == "ass";
        text = text.ReplaceLineEndings("\n");
        Match[] matches = [.. (_isAss ? Dialogue() : Cue()).Matches(text).Cast<Match>()];
        _head = _isAss && matches.Length > 0 ? text[..matches[0].Index] : "";
        for (int i = 0; i < matches.Length; i++)
        {
            int begin = matches[i].Index + matches[i].Length, end = i + 1 < matches.Length ? matches[i + 1].Index : text.Length;
            _cues.Add((Seconds(matches[i].Groups["start"].Value), Seconds(matches[i].Groups["end"].Value),
                matches[i].Groups["before"].Value, text[begin..end].Trim('\n')));
        }
    }

    /// <summary>The track.</summary>
    public SubtitleInfo Info { get; }

    /// <summary>ffmpeg's name of the format.</summary>
    public string Format => _isAss ? "ass" : "srt";

    /// <summary>Reads all tracks of text, from the source's start on. One that cannot be decoded is missing.</summary>
    /// <param name="source">The video.</param>
    /// <param name="folder">For what ffmpeg writes.</param>
    /// <param name="ct">Ends it.</param>
    public static IReadOnlyList<CutSubtitles> Read(CutSource source, string folder, CancellationToken ct)
    {
        SubtitleInfo[] texts = [.. source.Subtitles.Where(s => s.IsText)];
        if (texts.Length == 0)
            return [];
        string FileOf(SubtitleInfo s) => Path.Combine(folder, Invariant($"source-{s.Number}.txt"));
        string[] outputs = [.. texts.SelectMany(s => (string[])[
            "-map", Invariant($"0:s:{s.Number}"), "-c:s", FormatOf(s.Codec), "-f", FormatOf(s.Codec), "file:" + FileOf(s)])];
        using (var process = new MediaProcess(
            "ffmpeg", [.. Ffmpeg.Start(), .. Ffmpeg.Input(source.Video.Path), "-progress", "pipe:1", .. outputs], ct: ct))
        {
            process.CloseInput();
            process.ReadProgress();
            process.Wait();
        }
        return [.. texts.Where(s => File.Exists(FileOf(s))).Select(s => new CutSubtitles(s, File.ReadAllText(FileOf(s))))];
    }

    /// <summary>What is shown in the stretches that are kept, at its new times; null if nothing is.</summary>
    public string? After(CutPlan plan)
    {
        var text = new StringBuilder(_head);
        int count = 0;
        foreach ((double begin, double finish, string before, string words) in _cues)
        {
            (double start, double end) = (plan.Moved(begin), plan.Moved(finish));
            if (end - start < ShortestSeconds)
                continue;
            count++;
            text.Append(_isAss
                ? $"{before}{Clock(start, '.', 100)},{Clock(end, '.', 100)},{words}\n"
                : Invariant($"{count}\n{Clock(start, ',', 1000)} --> {Clock(end, ',', 1000)}\n{words}\n\n"));
        }
        return count > 0 ? text.ToString() : null;
    }

    private static string FormatOf(string codec) => codec is "ass" or "ssa" ? "ass" : "srt";

    private static double Seconds(string clock)
    {
        double[] parts = [.. clock.Replace(',', '.').Split(':').Select(p => double.Parse(p, CultureInfo.InvariantCulture))];
        return parts[0] * 3600 + parts[1] * 60 + parts[2];
    }

    private static string Clock(double seconds, char point, int parts)
    {
        long count = (long)Math.Round(seconds * parts), whole = count / parts;
        string fraction = (count % parts).ToString(CultureInfo.InvariantCulture).PadLeft(parts == 100 ? 2 : 3, '0');
        return Invariant($"{whole / 3600:00}:{whole / 60 % 60:00}:{whole % 60:00}{point}{fraction}");
    }

    [GeneratedRegex(@"^(?<before>)(\d+\n)?(?<start>\d{1,4}:\d\d:\d\d,\d{3}) --> (?<end>\d{1,4}:\d\d:\d\d,\d{3}).*\n?",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Cue();

    [GeneratedRegex(@"^(?<before>Dialogue: *[^,\n]*,)(?<start>\d{1,4}:\d\d:\d\d\.\d\d),(?<end>\d{1,4}:\d\d:\d\d\.\d\d),",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Dialogue();
}
