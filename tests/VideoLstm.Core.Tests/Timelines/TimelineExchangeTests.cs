using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using VideoLstm.Core.Formats.Xml;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Timelines;

/// <summary>The files of programs that people label and edit in: what is written comes back, and looks as their schemas say.</summary>
public sealed class TimelineExchangeTests : IDisposable
{
    /// <summary>The formats that this is about.</summary>
    public static readonly string[] Extensions =
    [
        ".eaf", ".boris", ".boris.gz", ".boris.tsv", ".labelstudio.json", ".cvat.xml", ".activitynet.json", ".otio", ".cmx.edl", ".fcpxml", ".xml", ".kdenlive", ".mlt",
    ];

    private static readonly string[] WithText = [".cmx.edl", ".fcpxml", ".xml", ".kdenlive", ".mlt"], WithProbability = [".labelstudio.json", ".activitynet.json", ".otio"];

    private static readonly Timeline Sample = new()
    {
        Video = "match.mp4", Fps = 25, Frames = 250, Segments = [new(0, 1.24, "Play", 0.971), new(1.24, 4, "Commercial"), new(5, 10, "unknown", 1)],
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> All => [.. Extensions];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void Frames_and_names_come_back_at_every_rate(string extension)
    {
        foreach (double fps in (double[])[24000 / 1001.0, 24, 25, 30000 / 1001.0, 30, 50, 60000 / 1001.0, 60, 24.9973])
        {
            RandomTimeline.ForAll(random =>
            {
                Timeline timeline = At(random, fps), read = WriteAndRead(extension, timeline);
                Assert.Equal(
                    timeline.Segments.Select(s => (RandomTimeline.Frame(timeline, s.Start), RandomTimeline.Frame(timeline, s.End))),
                    read.Segments.Select(s => (RandomTimeline.Frame(timeline, s.Start), RandomTimeline.Frame(timeline, s.End))));
                Assert.Equal(timeline.Segments.Select(s => Name(s.Class, extension)), read.Segments.Select(s => s.Class));
                foreach ((Segment expected, Segment actual) in timeline.Segments.Zip(read.Segments))
                {
                    if (WithProbability.Contains(extension))
                        Assert.Equal(expected.Probability, actual.Probability);
                    else if (WithText.Contains(extension))
                        Assert.True(Math.Abs((expected.Probability ?? 0) - (actual.Probability ?? 0)) <= 0.00501 && expected.Probability is null == actual.Probability is null);
                    else
                        Assert.Null(actual.Probability);
                }
            }, 40);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Each_is_known_by_its_content_too(string extension)
    {
        string path = _folder.File("x" + extension);
        TimelineFile.Write(path, Sample);
        string other = extension switch { ".boris.tsv" => "y.tsv", ".boris.gz" => "y.boris.gz", ".cmx.edl" => "y.edl", ".boris" or ".labelstudio.json" or ".activitynet.json" or ".otio" => "y.json", _ => "y.xml" };
        File.Move(path, _folder.File(other));
        Assert.Equal(["0-1.24 Play", "1.24-4 Commercial", "5-10 unknown"], Shown(TimelineFile.Read(_folder.File(other), 25)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_timeline_without_labels_comes_back(string extension) => Assert.Empty(WriteAndRead(extension, Sample with { Segments = [] }).Segments);

    [Theory]
    [InlineData(".labelstudio.json")]
    [InlineData(".cvat.xml")]
    [InlineData(".otio")]
    [InlineData(".cmx.edl")]
    [InlineData(".fcpxml")]
    [InlineData(".xml")]
    [InlineData(".kdenlive")]
    [InlineData(".mlt")]
    public void What_counts_frames_needs_a_rate(string extension) => Assert.Contains("the rate of the video is not known",
        Assert.Throws<InputException>(() => TimelineFile.Write(_folder.File("x" + extension), Sample with { Fps = null })).Message, StringComparison.Ordinal);

    // EAFv3.0: the order of elements, the attributes that each must have, and that every reference leads somewhere.
    [Fact]
    public void An_annotation_document_is_as_the_schema_says()
    {
        XElement root = Xml(".eaf");
        Assert.Equal(["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE"], root.Elements().Select(e => e.Name.LocalName));
        Assert.All((string[])["AUTHOR", "DATE", "VERSION"], a => Assert.NotNull(root.Attribute(a)));
        Assert.Equal("milliseconds", (string?)root.Element("HEADER")!.Attribute("TIME_UNITS"));
        Assert.Equal("video/mp4", (string?)root.Element("HEADER")!.Element("MEDIA_DESCRIPTOR")!.Attribute("MIME_TYPE"));
        string[] slots = [.. root.Descendants("TIME_SLOT").Select(s => (string)s.Attribute("TIME_SLOT_ID")!)];
        Assert.Equal(slots.Distinct(), slots);
        Assert.Equal(["0", "1240", "1240", "4000", "5000", "10000"], root.Descendants("TIME_SLOT").Select(s => (string?)s.Attribute("TIME_VALUE")));
        XElement tier = root.Element("TIER")!;
        Assert.Equal((string?)root.Element("LINGUISTIC_TYPE")!.Attribute("LINGUISTIC_TYPE_ID"), (string?)tier.Attribute("LINGUISTIC_TYPE_REF"));
        Assert.Equal("labels", (string?)tier.Attribute("TIER_ID"));
        Assert.All(tier.Elements(), a => Assert.Equal("ANNOTATION", a.Name.LocalName));
        Assert.All(tier.Descendants("ALIGNABLE_ANNOTATION"), a =>
        {
            Assert.Contains((string)a.Attribute("TIME_SLOT_REF1")!, slots);
            Assert.Contains((string)a.Attribute("TIME_SLOT_REF2")!, slots);
            Assert.Equal(["ANNOTATION_VALUE"], a.Elements().Select(e => e.Name.LocalName));
        });
        string[] ids = [.. tier.Descendants("ALIGNABLE_ANNOTATION").Select(a => (string)a.Attribute("ANNOTATION_ID")!)];
        Assert.Equal(ids.Distinct(), ids);
    }

    // Keys that BORIS's project_functions.py and config.py (EMPTY_PROJECT) go by.
    [Fact]
    public void A_project_of_BORIS_has_what_it_goes_by()
    {
        using JsonDocument document = JsonDocument.Parse(Written(".boris"));
        JsonElement root = document.RootElement, observation = root.GetProperty("observations").GetProperty("vlstm");
        Assert.All((string[])["time_format", "project_date", "project_name", "project_description", "project_format_version", "subjects_conf", "behaviors_conf", "observations", "behavioral_categories", "independent_variables", "coding_map", "behaviors_coding_map", "converters"], k => Assert.True(root.TryGetProperty(k, out _), k));
        Assert.Equal(["Play", "Commercial", "unknown"], root.GetProperty("behaviors_conf").EnumerateObject().Select(b => b.Value.GetProperty("code").GetString()));
        Assert.All(root.GetProperty("behaviors_conf").EnumerateObject(), b => Assert.Equal("State event", b.Value.GetProperty("type").GetString()));
        Assert.Equal(["match.mp4"], observation.GetProperty("file").GetProperty("1").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal("MEDIA", observation.GetProperty("type").GetString());
        Assert.Equal(25, observation.GetProperty("media_info").GetProperty("fps").GetProperty("match.mp4").GetDouble());
        Assert.Equal(10, observation.GetProperty("media_info").GetProperty("length").GetProperty("match.mp4").GetDouble());
        Assert.Equal([0, 1.24, 1.24, 4, 5, 10], observation.GetProperty("events").EnumerateArray().Select(e => e[0].GetDouble()));
        Assert.All(observation.GetProperty("events").EnumerateArray(), e => Assert.Equal(6, e.GetArrayLength()));
    }

    // Label Studio counts frames from 1 and includes the last one (its tag TimelineLabels).
    [Fact]
    public void Predictions_for_Label_Studio_count_frames_from_1()
    {
        using JsonDocument document = JsonDocument.Parse(Written(".labelstudio.json"));
        JsonElement[] results = [.. document.RootElement[0].GetProperty("predictions")[0].GetProperty("result").EnumerateArray()];
        Assert.Equal("match.mp4", document.RootElement[0].GetProperty("data").GetProperty("video").GetString());
        Assert.All(results, r => Assert.Equal(("timelinelabels", "videoLabels", "video"), (r.GetProperty("type").GetString(), r.GetProperty("from_name").GetString(), r.GetProperty("to_name").GetString())));
        Assert.Equal([(1, 31), (32, 100), (126, 250)], results.Select(r => r.GetProperty("value").GetProperty("ranges")[0]).Select(r => (r.GetProperty("start").GetInt32(), r.GetProperty("end").GetInt32())));
        Assert.Equal(results.Length, results.Select(r => r.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public void The_others_look_as_published()
    {
        XElement cvat = Xml(".cvat.xml");
        Assert.Equal(["version", "meta", "track", "track", "track"], cvat.Elements().Select(e => e.Name.LocalName));
        Assert.Equal(["0 0", "31 1", "31 0", "100 1", "125 0"], cvat.Descendants("box").Select(b => $"{b.Attribute("frame")!.Value} {b.Attribute("outside")!.Value}"));
        Assert.Equal("249", cvat.Descendants("stop_frame").Single().Value);

        using JsonDocument activities = JsonDocument.Parse(Written(".activitynet.json"));
        JsonElement video = activities.RootElement.GetProperty("database").GetProperty("match");
        Assert.Equal((10, "testing"), (video.GetProperty("duration").GetDouble(), video.GetProperty("subset").GetString()));
        Assert.Equal([0, 1.24], video.GetProperty("annotations")[0].GetProperty("segment").EnumerateArray().Select(t => t.GetDouble()));

        Assert.Equal(
            "TITLE: match\nFCM: NON-DROP FRAME\n\n001  AX       V     C        00:00:00:00 00:00:01:06 00:00:00:00 00:00:01:06\n* FROM CLIP NAME: Play 0.97\n\n" +
            "002  AX       V     C        00:00:01:06 00:00:04:00 00:00:01:06 00:00:04:00\n* FROM CLIP NAME: Commercial\n\n" +
            "003  AX       V     C        00:00:05:00 00:00:10:00 00:00:05:00 00:00:10:00\n* FROM CLIP NAME: unknown 1.00\n", Written(".cmx.edl"));

        XElement fcpxml = Xml(".fcpxml");
        Assert.Equal(["asset-clip 0s 31/25s", "asset-clip 31/25s 69/25s", "gap 100/25s 25/25s", "asset-clip 125/25s 125/25s"],
            fcpxml.Descendants("spine").Elements().Select(e => $"{e.Name.LocalName} {e.Attribute("offset")!.Value} {e.Attribute("duration")!.Value}"));
        Assert.Contains("<!DOCTYPE fcpxml>", Written(".fcpxml").Replace(" >", ">", StringComparison.Ordinal), StringComparison.Ordinal);

        Assert.Equal(["0 31", "31 100", "125 250"], Xml(".xml").Descendants("clipitem").Select(c => $"{c.Element("start")!.Value} {c.Element("end")!.Value}"));
        XElement guides = Xml(".kdenlive").Descendants("property").Single(p => (string?)p.Attribute("name") == "kdenlive:docproperties.guides");
        Assert.Equal("""[{"pos":0,"duration":31,"comment":"Play 0.97","type":0},{"pos":31,"duration":69,"comment":"Commercial","type":0},{"pos":125,"duration":125,"comment":"unknown 1.00","type":0}]""", guides.Value);
        Assert.Equal(["00:00:00.000", "00:00:01.240", "00:00:05.000"], Xml(".mlt").Descendants("property").Where(p => (string?)p.Attribute("name") == "start").Select(p => p.Value));
    }

    // SMPTE ST 12-1: after 00:00:59;29 comes 00:01:00;02, but not in every tenth minute.
    [Theory]
    [InlineData(1799, 30, true, "00:00:59;29")]
    [InlineData(1800, 30, true, "00:01:00;02")]
    [InlineData(17982, 30, true, "00:10:00;00")]
    [InlineData(107892, 30, true, "01:00:00;00")]
    [InlineData(3600, 60, true, "00:01:00;04")]
    [InlineData(1800, 30, false, "00:01:00:00")]
    [InlineData(1800, 25, true, "00:01:12:00")]
    public void Time_codes_drop_the_numbers_that_they_should(long frame, int nominal, bool drop, string expected)
    {
        Assert.Equal(expected, Timecode.Format(frame, nominal, drop));
        Assert.Equal(frame, Timecode.Parse(expected, nominal, drop: false));
    }

    private static XElement Xml(string extension) => SafeXml.Parse(Written(extension));

    private static string Written(string extension)
    {
        using var stream = new MemoryStream();
        TimelineFile.Write(stream, "x" + extension, Sample);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static IEnumerable<string> Shown(Timeline timeline) => timeline.Segments.Select(s => FormattableString.Invariant($"{Math.Round(s.Start, 6)}-{Math.Round(s.End, 6)} {s.Class}"));

    private static Timeline At(Timeline timeline, double fps) => timeline with
    {
        Fps = fps,
        Segments = [.. timeline.Segments.Select(s => s with { Start = RandomTimeline.Frame(timeline, s.Start) / fps, End = RandomTimeline.Frame(timeline, s.End) / fps })],
    };

    private Timeline WriteAndRead(string extension, Timeline timeline)
    {
        string path = _folder.File("t" + extension);
        TimelineFile.Write(path, timeline);
        return TimelineFile.Read(path, timeline.Fps);
    }

    // What text in UTF-8 can hold, what XML can, what LabelText promises.
    private static string Name(string name, string extension)
    {
        name = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name));
        if (extension is ".eaf" or ".cvat.xml")
            return SafeXml.Clean(name);
        if (!WithText.Contains(extension))
            return name;
        name = name.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (extension == ".cmx.edl")
            name = name.Replace('\n', ' ').Replace('\t', ' ');
        return string.Concat(name.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? ' ' : c));
    }
}
