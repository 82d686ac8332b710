using System.IO.Compression;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Timelines;

/// <summary>What the programs that people label and edit in write: tiers that overlap, points, several videos; and what nobody should write.</summary>
public sealed class TimelineTierTests : IDisposable
{
    // EAFv3.0: a tier of phases, one of a referee's signals beside it, and one that refers to the phases; a slot without a time.
    private const string Elan = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ANNOTATION_DOCUMENT AUTHOR="" DATE="2020-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">
        <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/>
        <TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="ts2"/><TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="4000"/>
        <TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="ts5" TIME_VALUE="3000"/></TIME_ORDER>
        <TIER TIER_ID="Phase" LINGUISTIC_TYPE_REF="t">
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>Play</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3"><ANNOTATION_VALUE>Break</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
        </TIER>
        <TIER TIER_ID="Referee" LINGUISTIC_TYPE_REF="t">
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="ts4" TIME_SLOT_REF2="ts5"><ANNOTATION_VALUE>Advantage</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
        </TIER>
        <TIER TIER_ID="Detail" PARENT_REF="Phase" LINGUISTIC_TYPE_REF="r">
        <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a4" ANNOTATION_REF="a2"><ANNOTATION_VALUE>Water</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
        <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a5" ANNOTATION_REF="a2" PREVIOUS_ANNOTATION="a4"><ANNOTATION_VALUE>Talk</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
        </TIER>
        </ANNOTATION_DOCUMENT>
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tiers_that_overlap_are_named_and_one_is_taken()
    {
        string path = Path("t.eaf", Elan);
        InputException overlap = Assert.Throws<InputException>(() => TimelineFile.Read(path));
        Assert.StartsWith($"{path}: labels of the tiers Phase, Referee, Detail overlap; in line 11 one begins at 1 s, before what line 7 says ends at 2 s", overlap.Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.TakeOneTier, overlap.Remedy);
        Timeline phase = TimelineFile.Read(path, tier: "Phase");
        AssertSegments(phase, "0-2 Play", "2-4 Break");
        Assert.EndsWith("of the tiers Phase, Referee, Detail, Phase is taken", Assert.Single(phase.Notes).Fact, StringComparison.Ordinal);
        AssertSegments(TimelineFile.Read(path, tier: "referee"), "1-3 Advantage");
        AssertSegments(TimelineFile.Read(path, tier: "Detail"), "2-3 Water", "3-4 Talk");
        InputException none = Assert.Throws<InputException>(() => TimelineFile.Read(path, tier: "Ball"));
        Assert.EndsWith("has no labels in a tier `Ball`, only in Phase, Referee, Detail", none.Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.DoNotChooseTier, Assert.Throws<InputException>(() => TimelineFile.Read(Path("t.csv", "0,1,a\n"), tier: "Phase")).Remedy);
    }

    [Fact]
    public void Tiers_that_do_not_overlap_are_taken_together_and_that_is_said()
    {
        Timeline apart = Read("t.cvat.xml", "<annotations><track id=\"0\" label=\"A\"><box frame=\"0\" outside=\"0\"/><box frame=\"25\" outside=\"1\"/></track><track id=\"1\" label=\"B\"><box frame=\"50\" outside=\"0\"/><box frame=\"75\" outside=\"1\"/></track></annotations>");
        AssertSegments(apart, "0-1 A", "2-3 B");
        Finding note = Assert.Single(apart.Notes);
        Assert.EndsWith("the tiers A, B do not overlap, and all are taken together", note.Fact, StringComparison.Ordinal);
        Assert.Equal(Remedy.TierCanBeTaken, note.Remedy);
    }

    // The columns of BORIS's export_events.py and export_observation.py, and those of versions before 8.
    [Theory]
    [InlineData("Observation id\tObservation date\tDescription\tMedia file\tTotal length\tFPS\tSubject\tBehavior\tBehavioral category\tModifiers\tBehavior type\tStart (s)\tStop (s)\tDuration (s)\tComment start\tComment stop\n"
        + "o\t2016-12-01\tx\tv.mp4\t540\t25.0\tNo focal subject\tPlay\t\t\tSTATE\t1.800\t8.125\t6.325\t\t\no\t2016-12-01\tx\tv.mp4\t540\t25.0\tNo focal subject\tGoal\t\t\tPOINT\t8.000\t8.000\t0\t\t\no\t2016-12-01\tx\tv.mp4\t540\t25.0\tNo focal subject\tBreak\t\t\tSTATE\t10\t12.5\t2.5\t\t\n")]
    [InlineData("Observation id\tSource\tTime offset (s)\tSubject\tBehavior\tBehavioral category\tBehavior type\tTime\tMedia file name\tImage index\tComment\n"
        + "o\tplayer #1:v.mp4\t0\t\tPlay\t\tSTART\t1.800\tv.mp4\t45\t\no\tplayer #1:v.mp4\t0\t\tGoal\t\tPOINT\t8.000\tv.mp4\t200\t\no\tplayer #1:v.mp4\t0\t\tPlay\t\tSTOP\t8.125\tv.mp4\t203\t\no\tplayer #1:v.mp4\t0\t\tBreak\t\tSTART\t10\tv.mp4\t250\t\no\tplayer #1:v.mp4\t0\t\tBreak\t\tSTOP\t12.5\tv.mp4\t312\t\n")]
    [InlineData("Observation id\to\n\nMedia file(s)\n\nTime\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\tBehavioral category\tComment\tStatus\n"
        + "1.8\tv.mp4\t9\t25\t\tPlay\t\t\tSTART\n8.0\tv.mp4\t9\t25\t\tGoal\t\t\tPOINT\n8.125\tv.mp4\t9\t25\t\tPlay\t\t\tSTOP\n10\tv.mp4\t9\t25\t\tBreak\t\t\tSTART\n12.5\tv.mp4\t9\t25\t\tBreak\t\t\tSTOP\n")]
    public void Exports_of_BORIS_are_read_and_points_are_left_out_aloud(string content)
    {
        Timeline timeline = Read("events.tsv", content);
        AssertSegments(timeline, "1.8-8.125 Play", "10-12.5 Break");
        Assert.Contains("lasts no time and is left out", Assert.Single(timeline.Notes).Fact, StringComparison.Ordinal);
        AssertSegments(Read("events.csv", content.Replace('\t', ',')), "1.8-8.125 Play", "10-12.5 Break");
    }

    [Fact]
    public void A_project_of_BORIS_is_read_compressed_or_not()
    {
        const string Project = """
            {"behaviors_conf": {"0": {"type": "State event", "code": "Run", "category": "move"}, "1": {"type": "Point event", "code": "Goal"}, "2": {"type": "State event", "code": "Shout", "category": "voice"}},
             "observations": {
              "first": {"file": {"1": ["clips/match.mp4"], "2": []}, "type": "MEDIA", "time offset": 10.0, "events": [[11.0, "", "Run", "", "", 25], ["12.5", "", "Shout", "", ""], [13.0, "", "Run", "", ""], [13.5, "", "Goal", "", ""], [14.0, "", "Shout", "", ""]]},
              "second": {"file": {"1": ["other.mp4"]}, "time offset": 0, "events": [[0, "", "Run", "", ""], [1, "", "Run", "", ""]]}}}
            """;
        string path = Path("p.boris", Project);
        InputException videos = Assert.Throws<InputException>(() => TimelineFile.Read(path));
        Assert.Contains("is of the videos clips/match.mp4, other.mp4, expected one", videos.Message, StringComparison.Ordinal);
        AssertSegments(TimelineFile.Read(path, video: "/a/other.mkv"), "0-1 Run");
        InputException overlap = Assert.Throws<InputException>(() => TimelineFile.Read(path, video: "match.mp4"));
        Assert.Contains("labels of the tiers first: move, first: voice, first overlap", overlap.Message, StringComparison.Ordinal);
        AssertSegments(TimelineFile.Read(path, tier: "first: move"), "1-3 Run");
        using (var file = new GZipStream(File.Create(_folder.File("p.boris.gz")), CompressionLevel.Fastest))
            file.Write(File.ReadAllBytes(path));
        AssertSegments(TimelineFile.Read(_folder.File("p.boris.gz"), tier: "first: voice"), "2.5-4 Shout");
        Assert.Contains("the state `Run` begins at 0 s and has no end", Error("q.boris", "{\"behaviors_conf\": {\"0\": {\"type\": \"State event\", \"code\": \"Run\"}}, \"observations\": {\"o\": {\"events\": [[0, \"\", \"Run\"]]}}}"), StringComparison.Ordinal);
        File.WriteAllBytes(_folder.File("bad.boris.gz"), [0x1f, 0x8b, 8, 0, 1, 2, 3]);
        Assert.Throws<InputException>(() => TimelineFile.Read(_folder.File("bad.boris.gz")));
        using (var bomb = new GZipStream(File.Create(_folder.File("bomb.boris.gz")), CompressionLevel.Fastest))
            bomb.Write(new byte[40 << 20]);
        Assert.Contains("too large", Assert.Throws<InputException>(() => TimelineFile.Read(_folder.File("bomb.boris.gz"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exports_of_Label_Studio_are_read()
    {
        const string Region = """{"from_name": "phase", "type": "timelinelabels", "value": {"ranges": [{"start": 1, "end": 25}], "timelinelabels": ["Play"]}}""",
            Other = """{"from_name": "phase", "type": "timelinelabels", "value": {"ranges": [{"start": 13, "end": 50}], "timelinelabels": ["Break"]}}""",
            Box = """{"from_name": "box", "type": "videorectangle", "value": {"sequence": [], "labels": ["Ball"]}}""";
        AssertSegments(Read("t.json", $$"""[{"id": 7, "data": {"video": "/data/upload/1/0123abcd-v.mp4"}, "annotations": [{"was_cancelled": true, "result": [{{Other}}]}, {"result": [{{Region}}, {{Box}}]}], "predictions": [{"result": [{{Other}}]}]}]"""), "0-1 Play");
        AssertSegments(Read("t.json", $$"""[{"data": {"video": "a.mp4", "fps": 50}, "predictions": [{"result": [{{Region}}]}]}]"""), "0-0.5 Play");
        string two = Path("two.json", $$"""[{"data": {"video": "v.mp4"}, "annotations": [{"completed_by": {"email": "a@x"}, "result": [{{Region}}]}, {"completed_by": 2, "result": [{{Other}}]}]}]""");
        Assert.Contains("labels of the tiers phase of a@x, phase of 2 overlap", Assert.Throws<InputException>(() => TimelineFile.Read(two, 25)).Message, StringComparison.Ordinal);
        AssertSegments(TimelineFile.Read(two, 25, tier: "phase of 2"), "0.48-2 Break");
        Assert.Equal(Remedy.SayFrameRate, Assert.Throws<InputException>(() => TimelineFile.Read(two)).Remedy);
        AssertSegments(Read("audio.json", """[{"data": {"audio": "a.wav"}, "annotations": [{"result": [{"from_name": "l", "type": "labels", "value": {"start": 1.25, "end": 2.5, "channel": 0, "labels": ["Speech"]}}]}]}]"""), "1.25-2.5 Speech");
        AssertSegments(Read("min.json", """[{"video": "v.mp4", "id": 1, "phase": [{"ranges": [{"start": 26, "end": 50}], "timelinelabels": ["Play"]}]}]"""), "1-2 Play");
        Assert.Contains("region 1: expected one label, found A, B", Error("t.json", """[{"annotations": [{"result": [{"type": "timelinelabels", "value": {"ranges": [], "timelinelabels": ["A", "B"]}}]}]}]"""), StringComparison.Ordinal);
    }

    // cvat.py: tracks of CVAT for video, tags in images of CVAT for images.
    [Fact]
    public void Tracks_and_tags_of_CVAT_are_read()
    {
        AssertSegments(
            Read("t.xml", """<annotations><version>1.1</version><meta><task><size>100</size><frame_filter>step=5</frame_filter></task></meta><image id="50" name="f"><tag label="Tag" source="manual"/></image><image id="55"><tag label="Tag"/></image><track id="0" label="A"><box frame="0" keyframe="1" outside="0"/><box frame="10" keyframe="0" outside="0"/><box frame="25" outside="1"/></track><track id="1" label="A"><polygon frame="10" outside="0"/><polygon frame="40" outside="1"/></track><track id="2" label="End"><points frame="75" outside="0"/></track></annotations>"""),
            "0-1.6 A", "2-2.4 Tag", "3-4 End");
        Assert.Contains("line 1: expected the number of a frame as `frame` in <box>", Error("t.xml", "<annotations><track label=\"A\"><box frame=\"x\"/></track></annotations>"), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_many_videos_of_ActivityNet_the_one_that_is_meant_is_read()
    {
        string path = Path("t.json", """{"version": "VERSION 1.3", "database": {"aaa": {"annotations": [{"segment": [0, 5.5], "label": "A"}]}, "bbb": {"annotations": [{"segment": [1, 2], "label": "B"}]}}}""");
        Timeline timeline = TimelineFile.Read(path, video: "videos/v_bbb.mp4");
        AssertSegments(timeline, "1-2 B");
        Assert.Contains("is of 2 videos, of which bbb is taken", Assert.Single(timeline.Notes).Fact, StringComparison.Ordinal);
        AssertSegments(TimelineFile.Read(path, tier: "aaa"), "0-5.5 A");
        Assert.Contains("none of them is called like c.mp4", Assert.Throws<InputException>(() => TimelineFile.Read(path, video: "c.mp4")).Message, StringComparison.Ordinal);
        AssertSegments(Read("r.json", """{"results": {"x": [{"label": "A", "score": 0.5, "segment": [0, 1]}]}}"""), "0-1 A 0.5");
    }

    [Fact]
    public void Edits_of_OpenTimelineIO_are_read_with_their_markers()
    {
        const string Edit = """
            {"OTIO_SCHEMA": "SerializableCollection.1", "children": [{"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [
             {"OTIO_SCHEMA": "Track.1", "kind": "Video", "name": "V1", "children": [
              {"OTIO_SCHEMA": "Gap.1", "source_range": {"OTIO_SCHEMA": "TimeRange.1", "start_time": {"rate": 25, "value": 0}, "duration": {"rate": 25, "value": 25}}},
              {"OTIO_SCHEMA": "Clip.2", "name": "Play", "active_media_reference_key": "m", "media_references": {"m": {"available_range": {"start_time": {"rate": 25, "value": 100}, "duration": {"rate": 25, "value": 50}}}},
               "markers": [{"OTIO_SCHEMA": "Marker.2", "name": "in", "marked_range": {"start_time": {"rate": 25, "value": 125}, "duration": {"rate": 25, "value": 0}}},
                           {"OTIO_SCHEMA": "Marker.2", "name": "out", "marked_range": {"start_time": {"rate": 25, "value": 150}, "duration": {"rate": 25, "value": 1}}}]},
              {"OTIO_SCHEMA": "Transition.1", "in_offset": {"rate": 25, "value": 5}},
              {"OTIO_SCHEMA": "Clip.1", "name": "Break", "source_range": {"start_time": {"rate": 50, "value": 0}, "duration": {"rate": 50, "value": 50}}}]},
             {"OTIO_SCHEMA": "Track.1", "kind": "Audio", "children": [{"OTIO_SCHEMA": "Clip.1", "name": "Sound", "source_range": {"start_time": {"rate": 25, "value": 0}, "duration": {"rate": 25, "value": 50}}}]}]}}]}
            """;
        string path = Path("t.otio", Edit);
        AssertSegments(TimelineFile.Read(path, 25, tier: "V1"), "1-3 Play", "3-4 Break");
        Timeline markers = TimelineFile.Read(path, 25, 10, tier: "markers");
        AssertSegments(markers, "2-3 in", "3-10 out");
        Assert.Contains(markers.Notes, n => n.Fact.EndsWith("are markers without a length, each of which lasts until the next", StringComparison.Ordinal));
        Assert.Contains("labels of the tiers markers, V1 overlap", Assert.Throws<InputException>(() => TimelineFile.Read(path, 25, 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Edit_lists_of_CMX_are_told_from_those_of_players()
    {
        const string Edit = """
            TITLE: x
            FCM: DROP FRAME

            001  AX       V     C        00:00:00:00 00:01:00:02 01:00:00:00 01:01:00:02
            * FROM CLIP NAME: Play
            002  BL       V     C        00:00:00:00 00:00:01:00 01:01:00:02 01:01:01:02
            003  AX       AA    C        00:00:00:00 00:00:09:00 01:00:00:00 01:00:09:00
            004  REEL     V     C        00:00:02:00 00:00:02:00 01:01:01:02 01:01:01:02
            004  REEL     V     D    012 00:00:00:00 00:00:01:00 01:01:01:02 01:01:02:02
            * FROM CLIP NAME: Before
            * TO CLIP NAME: After
            M2   REEL           024.0                00:00:00:00
            """;
        Timeline timeline = TimelineFile.Read(Path("t.edl", Edit), 30000 / 1001.0);
        Assert.Equal([(0, 1800, "Play"), (1830, 1860, "After")], timeline.Segments.Select(s => ((long)Math.Round(s.Start * 30000 / 1001), (long)Math.Round(s.End * 30000 / 1001), s.Class)));
        Assert.Contains("its time codes begin at 1 h", Assert.Single(timeline.Notes).Fact, StringComparison.Ordinal);
        AssertSegments(Read("p.edl", "0 1.5 0\n"), "0-1.5 skip");
        // Resolve's markers, and Avid's.
        AssertSegments(
            Read("m.edl", "TITLE: m\nFCM: NON-DROP FRAME\n\n001  001      V     C        00:00:01:00 00:00:01:01 00:00:01:00 00:00:01:01  \n |C:ResolveColorBlue |M:Play |D:25\n\n002  001      V     C        00:00:03:00 00:00:03:01 00:00:03:00 00:00:03:01\n |C:ResolveColorRed |M:Break |D:1\n* LOC: 00:00:05:00 RED     End\n", duration: 8),
            "1-2 Play", "3-5 Break", "5-8 End");
        Assert.Contains("line 2: expected time codes of 25 frames a second", Error("e.edl", "TITLE: x\n001  AX  V  C  00:00:00:00 00:00:00:30 00:00:00:00 00:00:00:30\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Projects_of_Final_Cut_are_read()
    {
        const string Project = """
            <?xml version="1.0" encoding="UTF-8"?><!DOCTYPE fcpxml>
            <fcpxml version="1.10"><resources><format id="r1" frameDuration="1001/30000s"/><asset id="r2" duration="20s"/></resources>
            <library><event><project name="p"><sequence format="r1" tcStart="3600s"><spine>
            <asset-clip ref="r2" offset="3600s" name="Play" start="5s" duration="4s"><marker start="6s" duration="1001/30000s" value="m1"/>
             <keyword start="5s" duration="2s" value="k1"/><title lane="1" offset="7s" name="Title" duration="1s"/></asset-clip>
            <gap offset="3604s" duration="1s" start="0s"/><asset-clip ref="r2" offset="3605s" name="Break"/>
            </spine></sequence></project></event></library></fcpxml>
            """;
        string path = Path("t.fcpxml", Project);
        AssertSegments(TimelineFile.Read(path, tier: "storyline"), "0-4 Play", "5-25 Break");
        AssertSegments(TimelineFile.Read(path, tier: "keywords"), "0-2 k1");
        AssertSegments(TimelineFile.Read(path, tier: "lane 1"), "2-3 Title");
        AssertSegments(TimelineFile.Read(path, duration: 9, tier: "markers"), "1-9 m1");
        AssertSegments(
            Read("event.fcpxml", "<fcpxml version=\"1.8\"><event name=\"e\"><asset-clip name=\"v\" start=\"10s\" duration=\"60s\"><keyword start=\"12s\" duration=\"3s\" value=\"Play\"/></asset-clip></event></fcpxml>"),
            "2-5 Play");
        AssertSegments(
            Read("t.xml", "<!DOCTYPE xmeml><xmeml version=\"4\"><sequence><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><media><video><track><clipitem><name>A</name><start>0</start><end>-1</end><in>0</in><out>40</out></clipitem><transitionitem><start>20</start><end>40</end></transitionitem><clipitem><name>B</name><start>-1</start><end>60</end></clipitem></track></video></media></sequence></xmeml>", fps: null),
            "0-1.001 A", "1.001-2.002 B");
    }

    [Fact]
    public void Guides_of_Kdenlive_and_markers_of_Shotcut_are_read()
    {
        const string Points = """<mlt><profile frame_rate_num="25" frame_rate_den="1"/><playlist id="main_bin"><property name="kdenlive:docproperties.guides">[{"comment": "Play", "pos": 0, "type": 0}, {"comment": "Break", "pos": 50, "type": 1}]</property></playlist></mlt>""";
        Timeline timeline = TimelineFile.Read(Path("t.kdenlive", Points), duration: 4);
        AssertSegments(timeline, "0-2 Play", "2-4 Break");
        Assert.Contains("markers without a length", Assert.Single(timeline.Notes).Fact, StringComparison.Ordinal);
        AssertSegments(
            Read("t.mlt", "<mlt><profile frame_rate_num=\"25\" frame_rate_den=\"1\"/><tractor><properties name=\"shotcut:markers\"><properties name=\"0\"><property name=\"text\">A</property><property name=\"start\">00:00:01.000</property><property name=\"end\">00:00:02:05</property></properties></properties></tractor></mlt>"),
            "1-2.2 A");
        Assert.Contains("the guides are no JSON", Error("t.mlt", Points.Replace("[{", "[[{", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t.eaf", "<!DOCTYPE a [<!ENTITY x \"y\">]><ANNOTATION_DOCUMENT>&x;</ANNOTATION_DOCUMENT>", "is no XML")]
    [InlineData("t.eaf", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ANNOTATION_DOCUMENT>&x;</ANNOTATION_DOCUMENT>", "is no XML")]
    [InlineData("t.xml", "<svg/>", "expected one of the elements ANNOTATION_DOCUMENT, annotations, fcpxml, xmeml, mlt first, found `svg`")]
    [InlineData("t.xml", "", "is no XML")]
    [InlineData("t.eaf", "<ANNOTATION_DOCUMENT>\n<TIER TIER_ID='a'>\n<ANNOTATION><REF_ANNOTATION ANNOTATION_ID='a' ANNOTATION_REF='b'/></ANNOTATION><ANNOTATION><REF_ANNOTATION ANNOTATION_ID='b' ANNOTATION_REF='a'/></ANNOTATION></TIER></ANNOTATION_DOCUMENT>", "line 3: expected the name of an annotation as ANNOTATION_REF in <REF_ANNOTATION>")]
    [InlineData("t.eaf", "<ANNOTATION_DOCUMENT><HEADER TIME_UNITS='PAL-frames'/></ANNOTATION_DOCUMENT>", "expected TIME_UNITS of milliseconds")]
    [InlineData("t.fcpxml", "<fcpxml><project><sequence><spine><clip offset='1/0s' duration='1s'/></spine></sequence></project></fcpxml>", "expected a time like 1001/30000s as `offset`")]
    [InlineData("t.otio", "{\"OTIO_SCHEMA\": \"Clip.2\"}", "expected a Timeline, Stack or Track, found `Clip.2`")]
    [InlineData("t.activitynet.json", "{\"database\": {\"a\": {\"annotations\": [{\"segment\": [1], \"label\": \"x\"}]}}}", "annotation 1: expected `segment`")]
    [InlineData("t.boris.tsv", "a\tb\n", "expected a header with the columns Subject, Behavior")]
    public void What_cannot_be_is_said_in_one_line(string name, string content, string expected) => Assert.Contains(expected, Error(name, content), StringComparison.Ordinal);

    [Fact]
    public void Nothing_deep_or_endless_is_read()
    {
        Assert.Contains("nested too deeply", Error("t.eaf", string.Concat(Enumerable.Repeat("<a>", 100_000))), StringComparison.Ordinal);
        Assert.Contains("too many elements", Error("t.eaf", $"<a>{string.Concat(Enumerable.Repeat("<b/>", 3_000_001))}</a>"), StringComparison.Ordinal);
        Assert.Contains("is no JSON", Error("t.otio", new string('[', 100_000)), StringComparison.Ordinal);
    }

    private string Path(string name, string content)
    {
        string path = _folder.File(name);
        File.WriteAllText(path, content);
        return path;
    }

    private Timeline Read(string name, string content, double? fps = 25, double? duration = null) => TimelineFile.Read(Path(name, content), fps, duration);

    private string Error(string name, string content)
    {
        string path = Path(name, content);
        InputException error = Assert.Throws<InputException>(() => TimelineFile.Read(path, 25));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    private static void AssertSegments(Timeline timeline, params string[] expected) => Assert.Equal(
        expected, timeline.Segments.Select(s => FormattableString.Invariant($"{Math.Round(s.Start, 9)}-{Math.Round(s.End, 9)} {s.Class}{(s.Probability is { } p ? FormattableString.Invariant($" {p}") : "")}")));
}
