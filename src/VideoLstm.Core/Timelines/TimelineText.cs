using System.Globalization;
using System.Text;

namespace VideoLstm.Core.Timelines;

/// <summary>What is in a timeline's file, and what reading it has found so far. The file may hold anything.</summary>
internal sealed class TimelineText
{
    private const long LongestFile = 64 << 20;
    private const int MostSegments = 1_000_000;

    // Over a hundred days: no recording, but a mistake.
    private const double LongestVideo = 1e7;

    // Times that programs worked out by themselves may differ by rounding.
    private const double Rounding = 1e-6;

    private readonly List<Entry> _entries = [];
    private readonly double? _duration;

    /// <summary>Reads a file: UTF-8, or UTF-16 with a byte order mark; any line ends.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fps">Rate of the video, frames/s, if it is known.</param>
    /// <param name="duration">Its length, seconds, if it is known.</param>
    /// <exception cref="InputException">It cannot be read, is too large, or is no text.</exception>
    public TimelineText(string path, double? fps, double? duration)
    {
        Path = path;
        Fps = fps;
        _duration = duration;
        Text = ReadText(path);
        Lines = Text.ReplaceCarriageReturns().Split('\n');
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Rate of the video, frames/s, if it is known.</summary>
    public double? Fps { get; }

    /// <summary>All of it, without a byte order mark.</summary>
    public string Text { get; }

    /// <summary>Its lines, without their ends.</summary>
    public string[] Lines { get; }

    /// <summary>A line is not what it should be.</summary>
    /// <param name="line">Its index, from 0.</param>
    /// <param name="expected">What it should be.</param>
    public InputException Broken(int line, string expected) =>
        new($"{Place(line)}: expected {expected}, found {(line < Lines.Length ? $"`{Shorten(Lines[line].Trim())}`" : "the end of the file")}");

    /// <summary>A line, as messages name it.</summary>
    /// <param name="line">Its index, from 0.</param>
    public string Place(int line) => string.Create(CultureInfo.InvariantCulture, $"{Path}, line {line + 1}");

    /// <summary>Text of a file in a message: one line, not too long.</summary>
    public static string Shorten(string text, int longest = 100)
    {
        text = string.Concat(text.Take(longest + 1).Select(c => char.IsControl(c) ? '?' : c));
        return text.Length <= longest ? text : text[..longest] + "...";
    }

    /// <summary>Takes a number as people write it: digits, and a point or a comma before the fraction.</summary>
    public static double? Number(string text) =>
        double.TryParse(text.Trim().Replace(',', '.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value)
        && double.IsFinite(value) ? value : null;

    /// <summary>Adds a segment.</summary>
    /// <param name="start">Its start, seconds.</param>
    /// <param name="end">Its end, seconds; null for a mark, which lasts until the next one, the last until the end of the video.</param>
    /// <param name="label">Class and probability.</param>
    /// <param name="place">Where in the file it is: <c>x.srt, line 3</c>.</param>
    /// <exception cref="InputException">It cannot be.</exception>
    public void Add(double start, double? end, (string Class, double? Probability) label, string place)
    {
        if (!(start is >= 0 and <= LongestVideo) || !(end is null or (>= 0 and <= LongestVideo)))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{place}: expected times of 0 to {LongestVideo} seconds, found {start} and {end ?? start}"));
        if (end <= start)
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{place}: expected an end after the start, found {start} to {end}"));
        if (label.Probability is { } probability && !(probability is >= 0 and <= 1))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{place}: expected a probability of 0 to 1, found {probability}"));
        if (_entries.Count >= MostSegments)
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{place}: there are more than {MostSegments} segments, which no timeline has"));
        _entries.Add(new Entry(start, end, label.Class, label.Probability, place));
    }

    /// <summary>The timeline of the segments added.</summary>
    /// <exception cref="InputException">Two of them overlap, or the last mark has no end.</exception>
    public Timeline ToTimeline()
    {
        var segments = new List<Segment>(_entries.Count);
        Entry[] entries = [.. _entries.OrderBy(e => e.Start).ThenBy(e => e.End ?? e.Start)];
        for (int i = 0; i < entries.Length; i++)
        {
            Entry entry = entries[i];
            double start = entry.Start;
            if (i > 0 && entries[i - 1].End is { } previous && start < previous)
            {
                if (previous - start > Rounding)
                    throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{entry.Place}: begins at {start} s, before what {entries[i - 1].Place.Split(", ")[^1]} says ends at {previous} s; let one of them end where the other begins"));
                start = previous;
            }
            double? end = entry.End ?? (i + 1 < entries.Length ? entries[i + 1].Start : _duration);
            // A last mark without a name is the end of the one before, and two marks in one place are one.
            if (end is null && entry.Class == Segment.Unknown && i > 0)
                continue;
            if (end is null)
                throw new InputException($"{entry.Place}: is a mark, which lasts until the next, but there is none; add one, without a name, where it ends");
            if (end > start)
                segments.Add(new Segment(start, end.Value, entry.Class, entry.Probability));
        }
        return new Timeline { Segments = segments, Fps = Fps };
    }

    private static string ReadText(string path)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a folder, expected a timeline");
        if (!File.Exists(path))
            throw new InputException($"{path}: no such file");
        byte[] bytes = ReadBytes(path);
        try
        {
            return bytes.AsSpan() switch
            {
                [0xEF, 0xBB, 0xBF, ..] => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(3)),
                [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(2)),
                [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(2)),
                _ => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes),
            };
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{path}: is no text in UTF-8 (byte {e.Index}), expected a timeline; save it as UTF-8"), e);
        }
    }

    // Never more than the limit, whatever the file says its length is: it may be a device or grow.
    private static byte[] ReadBytes(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using var content = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = file.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, read);
                if (content.Length > LongestFile)
                    throw new InputException($"{path}: is too large for a timeline");
            }
            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    private readonly record struct Entry(double Start, double? End, string Class, double? Probability, string Place);
}

/// <summary>Line ends.</summary>
internal static class LineEnds
{
    /// <summary>Makes every line end a line feed.</summary>
    public static string ReplaceCarriageReturns(this string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
