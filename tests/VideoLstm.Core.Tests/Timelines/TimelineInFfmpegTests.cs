using System.Globalization;
using System.Text;
using System.Text.Json;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Timelines;

/// <summary>ffmpeg reads what we write, and we read what ffmpeg writes.</summary>
public sealed class TimelineInFfmpegTests : IDisposable
{
    private static readonly string[] Names =
    [
        "Football", "a & b", "x < y > z", "<i>not italic</i>", "{braces}", "back\\slash\\N", "semi;colon,comma=equals#hash", "ends with \\", "two\nlines", "arrow --> arrow", "12", "😀 emoji", "עברית", "\"quoted\"", "tab\there",
    ];

    private static readonly Timeline Timeline = new()
    {
        Fps = 25,
        Segments = [.. Names.Select((name, i) => new Segment(i * 2.48, i * 2.48 + (i % 2 == 0 ? 2.48 : 1.96), name, i % 3 == 0 ? null : 0.25 + i / 100.0))],
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".srt")]
    [InlineData(".vtt")]
    [InlineData(".ass")]
    public void Subtitles_have_the_times_and_the_texts_that_they_should(string extension)
    {
        string path = Write(extension);
        using JsonDocument probed = JsonDocument.Parse(MadeClip.Run("ffprobe", ["-v", "error", "-show_packets", "-of", "json", path]));
        (double, double)[] times = [.. probed.RootElement.GetProperty("packets").EnumerateArray().Select(p => (Number(p, "pts_time"), Number(p, "pts_time") + Number(p, "duration_time")))];
        AssertTimes(times);

        // What a player shows, drawn from the subtitles that ffmpeg decodes: its ASS events, without commands.
        string[] events = [.. MadeClip.Run("ffmpeg", ["-v", "error", "-i", path, "-f", "ass", "-"]).Split('\n').Where(l => l.StartsWith("Dialogue:", StringComparison.Ordinal)).Select(l => l.TrimEnd('\r').Split(',', 10)[9])];
        Assert.Equal(Names.Length, events.Length);
        for (int i = 0; i < Names.Length; i++)
        {
            // ffmpeg takes \N for a line end in any subtitles, and braces in ASS are behind a backslash.
            string shown = events[i].Replace("\\N", "\n", StringComparison.Ordinal).Replace("\u2060", "", StringComparison.Ordinal).Replace("\\{", "{", StringComparison.Ordinal).Replace("\\}", "}", StringComparison.Ordinal);
            Assert.Equal(extension == ".ass" ? Shown(i) : Shown(i).Replace("\\N", "\n", StringComparison.Ordinal), shown);
        }
    }

    [Fact]
    public void Chapters_come_into_a_video_and_out_again()
    {
        string path = Write(".ffmetadata"), video = MadeClip.Make(_folder.File("v.mkv"), MadeClip.Counter(32, 32, "25", 1000), "-c:v", "mpeg4"), chaptered = _folder.File("c.mkv");
        AssertChapters(path);
        MadeClip.Run("ffmpeg", ["-v", "error", "-i", video, "-i", path, "-map_chapters", "1", "-c", "copy", chaptered]);
        AssertChapters(chaptered);
        string back = _folder.File("back.ffmetadata");
        MadeClip.Run("ffmpeg", ["-v", "error", "-i", chaptered, "-f", "ffmetadata", back]);
        AssertNames(TimelineFile.Read(back));
    }

    [Theory]
    [InlineData(".srt")]
    [InlineData(".vtt")]
    [InlineData(".ass")]
    public void What_ffmpeg_makes_of_a_timeline_is_read(string extension)
    {
        string[] plain = ["Football", "Commercial break", "two\nlines", "a, b; c", "😀 עברית", "x & y"];
        var timeline = new Timeline { Segments = [.. plain.Select((name, i) => new Segment(i * 1.5, i * 1.5 + 1.25, name, i % 2 == 0 ? 0.5 : null))] };
        string written = _folder.File("w" + extension);
        TimelineFile.Write(written, timeline);
        foreach (string other in (string[])[".srt", ".vtt", ".ass"])
        {
            string converted = _folder.File("converted" + other);
            MadeClip.Run("ffmpeg", ["-y", "-v", "error", "-i", written, converted]);
            Assert.Equal(timeline.Segments, TimelineFile.Read(converted).Segments);
        }
    }

    private string Write(string extension)
    {
        string path = _folder.File("t" + extension);
        TimelineFile.Write(path, Timeline);
        AssertNames(TimelineFile.Read(path));
        return path;
    }

    private static string Shown(int i) => Names[i] + (Timeline.Segments[i].Probability is { } p ? p.ToString(" 0.00", CultureInfo.InvariantCulture) : "");

    private static void AssertNames(Timeline read) => Assert.Equal(Names, read.Segments.Select(s => s.Class));

    private static void AssertChapters(string path)
    {
        using JsonDocument probed = JsonDocument.Parse(MadeClip.Run("ffprobe", ["-v", "error", "-show_chapters", "-of", "json", path]));
        JsonElement[] chapters = [.. probed.RootElement.GetProperty("chapters").EnumerateArray()];
        AssertTimes([.. chapters.Select(c => (Number(c, "start_time"), Number(c, "end_time")))]);
        Assert.Equal(Enumerable.Range(0, Names.Length).Select(Shown), chapters.Select(c => c.GetProperty("tags").GetProperty("title").GetString()!.Replace("\u2060", "", StringComparison.Ordinal)));
    }

    private static void AssertTimes((double Start, double End)[] times)
    {
        Assert.Equal(Timeline.Segments.Count, times.Length);
        Assert.All(times.Zip(Timeline.Segments), pair =>
        {
            Assert.Equal(pair.Second.Start, pair.First.Start, 1e-6);
            Assert.Equal(pair.Second.End, pair.First.End, 1e-6);
        });
    }

    private static double Number(JsonElement element, string key) => double.Parse(element.GetProperty(key).GetString()!, CultureInfo.InvariantCulture);
}
