using System.Text;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Timelines;

public sealed class TimelineFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".json")]
    [InlineData(".csv")]
    public void Formats_for_programs_give_back_what_they_got(string extension) => RandomTimeline.ForAll(timeline =>
    {
        Timeline read = WriteAndRead(extension, timeline);
        AssertSameFrames(timeline, read);
        Assert.Equal(timeline.Segments.Select(s => WholeCharacters(s.Class)), read.Segments.Select(s => s.Class));
        Assert.Equal(timeline.Segments.Select(s => s.Probability), read.Segments.Select(s => s.Probability));
        if (extension == ".json")
            Assert.Equal((timeline.Video, timeline.Fps, timeline.Frames), (read.Video, read.Fps, read.Frames));
    });

    [Theory]
    [InlineData(".srt")]
    [InlineData(".vtt")]
    [InlineData(".ass")]
    [InlineData(".ffmetadata")]
    [InlineData(".labels.txt")]
    public void Formats_for_people_give_back_frames_names_and_rounded_probabilities(string extension) => RandomTimeline.ForAll(timeline =>
    {
        Timeline read = WriteAndRead(extension, timeline);
        AssertSameFrames(timeline, read);
        Assert.Equal(timeline.Segments.Select(s => Plain(s.Class, extension)), read.Segments.Select(s => s.Class));
        Assert.All(timeline.Segments.Zip(read.Segments), pair =>
        {
            Assert.Equal(pair.First.Probability is null, pair.Second.Probability is null);
            Assert.True(Math.Abs((pair.First.Probability ?? 0) - (pair.Second.Probability ?? 0)) <= 0.00501);
        });
    });

    [Theory]
    [InlineData(".srt")]
    [InlineData(".vtt")]
    [InlineData(".ass")]
    [InlineData(".labels.txt")]
    public void A_name_that_looks_like_a_time_only_with_its_probability_comes_back(string extension)
    {
        foreach (string name in (string[])["12;", "0:04", "take\n 12:"])
        {
            Segment read = Assert.Single(WriteAndRead(extension, new Timeline { Fps = 25, Segments = [new(0, 4, name, 0.06)] }).Segments);
            Assert.Equal(Plain(name, extension), read.Class);
            Assert.Equal(0.06, read.Probability);
        }
    }

    [Theory]
    [InlineData(".edl")]
    [InlineData(".txt")]
    public void Skip_lists_give_back_the_frames_to_skip(string extension) => RandomTimeline.ForAll(timeline =>
    {
        Segment[] marked = [.. timeline.Segments.Select((s, i) => s with { Class = (i * 7 % 3) switch { 0 => "Commercial", 1 => "Promo", _ => s.Class } })];
        Timeline read = WriteAndRead(extension, timeline with { Segments = marked }, "Commercial", "Promo");
        var expected = new List<(long Start, long End)>();
        foreach (Segment segment in marked.Where(s => s.Class is "Commercial" or "Promo"))
        {
            (long start, long end) = (RandomTimeline.Frame(timeline, segment.Start), RandomTimeline.Frame(timeline, segment.End));
            if (expected.Count > 0 && expected[^1].End == start)
                expected[^1] = (expected[^1].Start, end);
            else
                expected.Add((start, end));
        }
        Assert.Equal(expected, read.Segments.Select(s => (RandomTimeline.Frame(timeline, s.Start), RandomTimeline.Frame(timeline, s.End))));
        Assert.All(read.Segments, s => Assert.Equal(("skip", null), (s.Class, s.Probability)));
    });

    [Fact]
    public void Nothing_is_made_of_any_text_but_a_timeline_or_one_line()
    {
        string[] extensions = [".json", ".csv", ".srt", ".vtt", ".ass", ".edl", ".ffmetadata", ".labels.txt", ".txt", .. TimelineExchangeTests.Extensions];
        var random = new Random(1);
        RandomTimeline.ForAll(timeline =>
        {
            foreach (string extension in extensions)
            {
                string path = _folder.File("x" + extension);
                TimelineFile.Write(path, timeline, ["a"]);
                byte[] bytes = File.ReadAllBytes(path);
                for (int i = random.Next(1, 9); i > 0 && bytes.Length > 0; i--)
                    bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "\n\t ,:-0.9[]\\{}<>/&\""[random.Next(19)]);
                File.WriteAllBytes(path, bytes[..random.Next(bytes.Length + 1)]);
                try
                {
                    Timeline read = TimelineFile.Read(path, fps: 25);
                    Assert.All(read.Segments, s => Assert.True(s.Start >= 0 && s.End > s.Start && s.Class.Length > 0 && s.Probability is null or (>= 0 and <= 1)));
                    Assert.All(read.Segments.Skip(1).Zip(read.Segments), pair => Assert.True(pair.First.Start >= pair.Second.End));
                }
                catch (InputException e)
                {
                    Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                    Assert.DoesNotContain('\n', e.Message);
                }
            }
        }, 150);
    }

    [Theory]
    [InlineData("a.JSON", true)]
    [InlineData("a.labels.txt", true)]
    [InlineData("a.txt", true)]
    [InlineData("a.Ass", true)]
    [InlineData("json", false)]
    [InlineData("a.mp4", false)]
    public void Names_say_the_format(string name, bool known)
    {
        Assert.Equal(known, TimelineFile.IsKnown(name));
        if (!known)
            Assert.Contains(".eaf, .boris, .boris.tsv, .labelstudio.json, .cvat.xml, .activitynet.json, .otio, .cmx.edl, .fcpxml, .xml, .kdenlive, .mlt, .json, .csv, .srt, .vtt, .ass, .edl, .ffmetadata, .labels.txt or .txt", Assert.Throws<InputException>(() => TimelineFile.Check(name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_says_what_to_skip_must_be_told_what()
    {
        TimelineFile.Check("a.labels.txt");
        TimelineFile.Check("a.edl", ["x"]);
        foreach (string name in (string[])["a.edl", "a.txt"])
            Assert.Equal(Remedy.NameSkippedClasses, Assert.Throws<InputException>(() => TimelineFile.Check(name, [])).Remedy);
        Assert.Contains("rate", Assert.Throws<InputException>(() => TimelineFile.Write(_folder.File("a.txt"), new Timeline { Segments = [] }, ["x"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_format_looks_as_published()
    {
        var timeline = new Timeline { Video = "m.mp4", Fps = 25, Frames = 250, Segments = [new(0, 1.24, "Play", 0.971), new(1.24, 4, "Commercial"), new(5, 3605.5, "unknown", 1)] };
        string Written(string extension)
        {
            using var stream = new MemoryStream();
            TimelineFile.Write(stream, "x" + extension, timeline, ["Commercial"]);
            return Encoding.UTF8.GetString(stream.ToArray());
        }
        Assert.Equal(
            "{\n  \"video\": \"m.mp4\",\n  \"fps\": 25,\n  \"frames\": 250,\n  \"segments\": [\n" +
            "    {\"start\": 0, \"end\": 1.24, \"class\": \"Play\", \"probability\": 0.971},\n" +
            "    {\"start\": 1.24, \"end\": 4, \"class\": \"Commercial\", \"probability\": null},\n" +
            "    {\"start\": 5, \"end\": 3605.5, \"class\": \"unknown\", \"probability\": 1}\n  ]\n}\n", Written(".json"));
        Assert.Equal("start,end,class,probability\n0,1.24,Play,0.971\n1.24,4,Commercial,\n5,3605.5,unknown,1\n", Written(".csv"));
        Assert.Equal("1\n00:00:00,000 --> 00:00:01,240\nPlay 0.97\n\n2\n00:00:01,240 --> 00:00:04,000\nCommercial\n\n3\n00:00:05,000 --> 01:00:05,500\nunknown 1.00\n\n", Written(".srt"));
        Assert.Equal("WEBVTT\n\n00:00:00.000 --> 00:00:01.240\nPlay 0.97\n\n00:00:01.240 --> 00:00:04.000\nCommercial\n\n00:00:05.000 --> 01:00:05.500\nunknown 1.00\n", Written(".vtt"));
        Assert.EndsWith("Dialogue: 0,0:00:00.00,0:00:01.24,Label,,0,0,0,,Play 0.97\nDialogue: 0,0:00:01.24,0:00:04.00,Label,,0,0,0,,Commercial\nDialogue: 0,0:00:05.00,1:00:05.50,Label,,0,0,0,,unknown 1.00\n", Written(".ass"), StringComparison.Ordinal);
        Assert.Equal("1.240000\t4.000000\t0\n", Written(".edl"));
        Assert.StartsWith(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000000\nSTART=0\nEND=1240000\ntitle=Play 0.97\n[CHAPTER]\n", Written(".ffmetadata"), StringComparison.Ordinal);
        Assert.Equal("0.000000\t1.240000\tPlay 0.97\n1.240000\t4.000000\tCommercial\n5.000000\t3605.500000\tunknown 1.00\n", Written(".labels.txt"));
        Assert.Equal("FILE PROCESSING COMPLETE    250 FRAMES AT  2500\n-------------------\n32\t100\n", Written(".txt"));
    }

    [Fact]
    public void What_is_too_short_for_the_clock_of_a_format_is_left_out()
    {
        var timeline = new Timeline { Segments = [new(0, 1, "a"), new(1, 1.004, "b"), new(1.004, 2, "c")] };
        Assert.Equal(["a", "c"], WriteAndRead(".ass", timeline).Segments.Select(s => s.Class));
        Assert.Equal(["a", "b", "c"], WriteAndRead(".srt", timeline).Segments.Select(s => s.Class));
    }

    private Timeline WriteAndRead(string extension, Timeline timeline, params string[] skip)
    {
        string path = _folder.File("t" + extension);
        TimelineFile.Write(path, timeline, skip);
        return TimelineFile.Read(path);
    }

    private static void AssertSameFrames(Timeline expected, Timeline actual) => Assert.Equal(
        expected.Segments.Select(s => (RandomTimeline.Frame(expected, s.Start), RandomTimeline.Frame(expected, s.End))),
        actual.Segments.Select(s => (RandomTimeline.Frame(expected, s.Start), RandomTimeline.Frame(expected, s.End))));

    // What text in UTF-8 can hold.
    private static string WholeCharacters(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    // What LabelText promises.
    private static string Plain(string name, string extension)
    {
        name = WholeCharacters(name).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (extension == ".labels.txt")
            name = name.Replace('\n', ' ').Replace('\t', ' ');
        return string.Concat(name.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? ' ' : c));
    }
}
