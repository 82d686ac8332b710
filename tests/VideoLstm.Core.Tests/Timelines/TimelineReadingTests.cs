using System.Text;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Timelines;

/// <summary>What other programs and people write, and what nobody should.</summary>
public sealed class TimelineReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lists_of_truth_with_more_columns_are_read() => AssertSegments(
        Read("t.csv", "start_s,end_s,class,clips\r\n0.0,10.0,Wall,100.mpg 22.mpg\r\n10.0,18.333,Sport,\"12 (1).mpg, x\"\r\n"), "0-10 Wall", "10-18.333 Sport");

    [Fact]
    public void Spreadsheets_of_other_countries_are_read() =>
        AssertSegments(Read("t.csv", "\ufeffClass;Start;End;Probability\n\"a;b\";0,5;1,25;0,75\nc; 1,25 ;2;\n"), "0.5-1.25 a;b 0.75", "1.25-2 c");

    [Fact]
    public void Json_of_others_is_read() => AssertSegments(
        Read("t.json", "// mine\n{\"made_by\": {\"x\": [1]}, \"segments\": [{\"class\": \"b\", \"start\": 1e0, \"end\": 2, \"note\": 1}, {\"start\": 0, \"end\": 1.0000000004, \"class\": \"a\\u00e9\", \"probability\": 0.5},]}"),
        "0-1.0000000004 aé 0.5", "1.0000000004-2 b");

    [Theory]
    [InlineData("[{\"start\": 0, \"end\": 1.5}, {\"start\": 1.5, \"end\": 4}]", 2)]
    [InlineData("[]", 0)]
    [InlineData("null", 0)]
    [InlineData("7", 0)]
    [InlineData("[{\"start\": 0, \"end\": 2}, {\"start\": 1, \"end\": 4}]", -1)]
    [InlineData("[{\"start\": 1, \"end\": 1}]", -1)]
    [InlineData("[{\"start\": \"0\", \"end\": 1}]", -1)]
    [InlineData("[{\"start\": 0, \"end\": 1e999}]", -1)]
    [InlineData("[3]", -1)]
    public void Shots_are_read_that_lie_one_behind_the_other(string shots, int count)
    {
        Timeline read = Read("t.json", $"{{\"segments\": [{{\"start\": 0, \"end\": 4, \"class\": \"a\"}}], \"shots\": {shots}}}");
        Assert.Equal(Math.Max(0, count), read.Shots.Count);
        Assert.Equal(count < 0, read.Notes.Any(n => n.Fact.Contains("shots are passed over", StringComparison.Ordinal)));
    }

    [Fact]
    public void Subtitles_as_people_make_them_are_read()
    {
        AssertSegments(
            Read("t.srt", "\ufeff\r\n1\r\n00:00:01.5 --> 00:00:02,25  X1:1 X2:2 Y1:3 Y2:4\r\n<font color=\"#fff\"><i>Foot</i>ball</font> 0.90\r\n\r\n\r\n7\r\n100:00:00,000 --> 100:00:01,000\r\n{\\an8}two\r\n\r\nlines\r\n\r\n3\r\n00:00:00,000 --> 00:00:01,500\r\n12\r\n"),
            "0-1.5 12", "1.5-2.25 Football 0.9", "360000-360001 two\n\nlines");
        AssertSegments(
            Read("t.vtt", "WEBVTT Kind: captions\nLanguage: en\n\nNOTE a\n--> b\n\nSTYLE\n::cue {}\n\nid 1\n00:01.500 --> 00:02.000 align:start position:0%\n<v Bob><c.x>a &amp; b</c>\n\n01:00:00.000 --> 01:00:01.000\nx<00:00.500>y &eacute;&#33;"),
            "1.5-2 a & b", "3600-3601 xy é!");
        AssertSegments(
            Read("t.ass", "[Script Info]\n; x\nDialogue: no\n\n[V4+ Styles]\nStyle: a,b\n[Events]\nFormat: Marked, Start, End, Style, Text\nComment: 0,0:00:00.00,0:00:09.00,a,no\nDialogue: 0,0:00:01.50,0:00:02.00,a,{\\b1}x{\\b0}, y\\Nz\nDialogue: 0,0:00:00.00,0:00:01.00,a,\\{w\\}\\hv\n[Fonts]\nDialogue: 0\n"),
            "0-1 {w}\u00a0v", "1.5-2 x, y\nz");
    }

    [Fact]
    public void Labels_of_Audacity_are_read_by_either_name()
    {
        string labels = "0,5\t1.25\tWall\r\n\\\t6928.456055\t6928.456055\r\n1.250000\t1.250000\tpoint 0.50\r\n3.0\tone-sided\r\n4.5\t4.5\t\r\n5 6.5 by hand\r\n7.0\t8.0\t\r\n9\t9\t\r\n";
        foreach (string name in (string[])["t.labels.txt", "Label Track.txt"])
            AssertSegments(Read(name, labels), "0.5-1.25 Wall", "1.25-3 point 0.5", "3-4.5 one-sided", "4.5-5 unknown", "5-6.5 by hand", "7-8 unknown");
        AssertSegments(TimelineFile.Read(Path("t.labels.txt", "0\tx\n"), duration: 7), "0-7 x");
    }

    [Fact]
    public void Edit_lists_of_Kodi_are_read()
    {
        string edl = "5.3   7.1    0\n15    16.7   1\n## 420 422 0\n0:07:00.5\t0:07:02,25\t3\n255.3    2\n#12500\t#12525\t0\n";
        AssertSegments(TimelineFile.Read(Path("t.edl", edl), fps: 25), "5.3-7.1 skip", "420.5-422.25 skip", "500-501 skip");
        Assert.Contains("line 6", Assert.Throws<InputException>(() => TimelineFile.Read(Path("t.edl", edl))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2500", null, 25)]
    [InlineData("2997", null, 30000 / 1001.0)]
    [InlineData("2397", null, 24000 / 1001.0)]
    [InlineData("2397", 23.974, 23.974)]
    [InlineData("3000", null, 30)]
    [InlineData("2500", 50.0, 25)]
    public void Comskip_says_its_rate_in_hundredths(string stated, double? video, double fps)
    {
        Timeline read = TimelineFile.Read(Path("t.txt", $"FILE PROCESSING COMPLETE  45000 FRAMES AT  {stated}\r\n-------------------\r\n1\t100\r\n201\t300\r\n"), video);
        Assert.Equal((fps, 45000), (read.Fps!.Value, read.Frames!.Value));
        Assert.Equal([(0, 100), (200, 300)], read.Segments.Select(s => ((long)Math.Round(s.Start * fps), (long)Math.Round(s.End * fps))));
    }

    [Fact]
    public void Comskip_without_a_rate_takes_that_of_the_video()
    {
        string path = Path("t.txt", "FILE PROCESSING COMPLETE   5000 FRAMES\n-------------------\n26\t50\n");
        AssertSegments(TimelineFile.Read(path, fps: 25), "1-2 skip");
        Assert.Contains("line 1", Assert.Throws<InputException>(() => TimelineFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chapters_of_others_are_read() => AssertSegments(
        Read("t.ffmetadata", ";FFMETADATA1\ntitle=bike\\\\shed\n;a comment\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nTITLE=a\\=b\\\nc\n[STREAM]\ntitle=x\n[CHAPTER]\nSTART=1500000000\nEND=2000000000\n\n"),
        "0-1.5 a=b\nc", "1.5-2 unknown");

    [Theory]
    [InlineData("t.srt", "1\n00:00:00,000 -> 00:00:04.000\nFootball\n\n2\n00:04-->00:06\n\n<i>Commercial</i>\n\n3\n", "0-4 Football", "4-6 Commercial")]
    [InlineData("t.srt", "1\n00:00:00,000 --> 00:00:04,000\na\n\n2\n\n3\n00:00:04,000 --> 00:00:06,000\nb\n", "0-4 a", "4-6 b")]
    [InlineData("t.srt", "00:00:00,000 --> 00:00:04,000\nTop\n10\n00:00:04,000 --> 00:00:06,000\nb\n", "0-4 Top\n10", "4-6 b")]
    [InlineData("t.vtt", "WEBVTT\n\n1\n00:00.000 --> 00:04.000\na\n2\n00:04.000 --> 00:06.000 position:10%\nb\n\n3\n", "0-4 a", "4-6 b")]
    [InlineData("t.labels.txt", "0 Corner kick\n4 Commercial break\n6 Corner kick 2\n10\n", "0-4 Corner kick", "4-6 Commercial break", "6-10 Corner kick 2")]
    [InlineData("t.labels.txt", "0 4 Corner kick\n0:04 0:06 Commercial break\n", "0-4 Corner kick", "4-6 Commercial break")]
    [InlineData("t.labels.txt", "0.000000\t4.000000\tCorner\tkick\n4.000000\t6.000000\tCommercial\n", "0-4 Corner kick", "4-6 Commercial")]
    [InlineData("t.csv", "start,end,class,probability\n0,4,a,\n,,,\n4,6,b,nan\n,,,\n", "0-4 a", "4-6 b")]
    [InlineData("t.csv", "sep=;\nstart;end;class\n0;4,5;a\n", "0-4.5 a")]
    [InlineData("t.csv", "start;end;class;\"note, if any\"\n0;4;a;\"good, clear\"\n;;;\n4;6;b;\n", "0-4 a", "4-6 b")]
    [InlineData("t.csv", "start,end,class\n00:00:00.000,0:04,a\n0:04,\"00:01:30,5\",b\n", "0-4 a", "4-90.5 b")]
    [InlineData("t.csv", "0,4,\"a, b\"\n4,6,c\n6,,d\n7,8,e\n", "0-4 a, b", "4-6 c", "6-7 d", "7-8 e")]
    [InlineData("t.csv", ",4,a\n4,6,b,0.5\n", "0-4 a", "4-6 b 0.5")]
    [InlineData("t.tsv", "0.0\t4.0\tFoot ball\n4.0\t6.0\tb\n", "0-4 Foot ball", "4-6 b")]
    [InlineData("t.csv", "Timecode List:,00:00:04.000\nScene Number,Start Frame,Start Timecode,Start Time (seconds),End Frame,End Timecode,End Time (seconds),Length (seconds)\n1,1,00:00:00.000,0.000,100,00:00:04.000,4.000,4.000\n", "0-4 1")]
    [InlineData("t.csv", "Begin,Finish,What\n0,4,a\n", "0-4 a")]
    [InlineData("t.csv", "label;Start (s);duration\na;1;0,5\n", "1-1.5 a")]
    [InlineData("t.json", "[{\"start\": 0, \"end\": 4, \"class\": \"a\", \"probability\": NaN}, {\"begin\": 4, \"end_time\": \"0:06\", \"label\": \"b\"}]", "0-4 a", "4-6 b")]
    [InlineData("t.llc", "{\n  version: 1,\n  mediaFileName: 'it\\'s \"x\".mp4', // cut\n  cutSegments: [\n    {\n      end: 4,\n      name: 'Foot\"ball',\n    },\n    { start: 4, end: 6e0, name: 'b', tags: {} },\n  ],\n}\n", "0-4 Foot\"ball", "4-6 b")]
    [InlineData("t.ffmetadata", " \n;FFMETADATA1\n \n[CHAPTER]\nTIMEBASE=1/1000\n\nSTART=0\nEND=4000\ntitle=a\n\t\n", "0-4 a")]
    [InlineData("metadata.txt", ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=4000\ntitle=a\n", "0-4 a")]
    [InlineData("subtitles.txt", "1\n00:00:00,000 --> 00:00:04,000\na\n", "0-4 a")]
    [InlineData("table.txt", "start\tend\tlabel\n0\t4\ta b\n", "0-4 a b")]
    [InlineData("t.edl", "0.00\t4.00\t4\n8 10 5\n0 1 3\n9 11 0\n", "0-4 skip", "8-11 skip")]
    [InlineData("t.txt", "\nfile processing complete    250 FRAMES AT  25.00\n------\n100\t150\n1\t0\n51\t120\n", "2-6 skip")]
    public void What_other_programs_and_people_write_is_read(string name, string content, params string[] expected) => AssertSegments(Read(name, content), expected);

    [Theory]
    [InlineData("0,4.001,a\n4,6,b\n6.01,10.4,c\n", new[] { "0-4 a", "4-6.01 b", "6.01-Infinity c" }, "two labels overlap or part by up to a frame")]
    [InlineData("0,4.03,a\n4,6,b\n", new[] { "0-4 a", "4-6 b" }, "two labels overlap or part by up to a frame")]
    [InlineData("0,4,a\n4,6,b\n6,13,c\n", new[] { "0-4 a", "4-6 b", "6-Infinity c" }, "goes on for 3 s after the end of the video (10 s)")]
    [InlineData("0,4,a\n4,4,n\n4,6,b\n", new[] { "0-4 a", "4-6 b" }, "line 3: lasts no time and is left out")]
    [InlineData("0,4,a\n4.1,6,b\n", new[] { "0-4 a", "4.1-6 b" }, null)]
    public void Borders_by_a_hair_are_borders(string rows, string[] expected, string? note)
    {
        Timeline timeline = TimelineFile.Read(Path("t.csv", "start,end,class\n" + rows), fps: 25, duration: 10);
        AssertSegments(timeline, expected);
        Assert.Equal(note is not null, timeline.Notes.Count > 0);
        Assert.All(timeline.Notes, n => Assert.Contains(note!, n.Fact, StringComparison.Ordinal));
        Assert.Contains("line 3: begins at 4 s, before what line 2 says ends at 4.2 s", Assert.Throws<InputException>(
            () => TimelineFile.Read(Path("t.csv", "start,end,class\n0,4.2,a\n4,6,b\n"), fps: 25, duration: 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_lasts_to_the_end_of_a_video_of_unknown_length() =>
        AssertSegments(TimelineFile.Read(Path("t.labels.txt", "0\ta\n5\tb\n"), fps: 25, duration: double.PositiveInfinity), "0-5 a", "5-Infinity b");

    [Fact]
    public void One_of_several_tracks_is_read()
    {
        string path = Path("t.txt", "0\t4\tFootball\n6\t10\tFootball\n0.5\t0.5\twhistle\n4\t6\tCommercial\n");
        AssertSegments(TimelineFile.Read(path, track: 1), "0-4 Football", "6-10 Football");
        AssertSegments(TimelineFile.Read(path, track: 2), "0.5-4 whistle", "4-6 Commercial");
        Assert.Contains("has 2 label tracks", Assert.Throws<InputException>(() => TimelineFile.Read(path, track: 3)).Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.TakeOneTrack, Assert.Throws<InputException>(() => TimelineFile.Read(path)).Remedy);
        // Tracks whose labels do not overlap are one timeline, and that is said.
        Timeline together = TimelineFile.Read(Path("two.txt", "0\t1\tA\n2\t3\tB\n1\t2\tX\n3\t4\tY\n"));
        AssertSegments(together, "0-1 A", "1-2 X", "2-3 B", "3-4 Y");
        Finding note = Assert.Single(together.Notes);
        Assert.EndsWith("the labels begin anew at line 3, as those of several tracks do; all are taken together", note.Fact, StringComparison.Ordinal);
        Assert.Equal(Remedy.TrackCanBeTaken, note.Remedy);
        Assert.Contains("has no tracks", Assert.Throws<InputException>(() => TimelineFile.Read(Path("t.csv", "0,1,a\n"), track: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_of_Windows_is_read()
    {
        string path = _folder.File("t.labels.txt");
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(true, true)])
        {
            File.WriteAllText(path, "0\t1\tüß\r\n", encoding);
            AssertSegments(TimelineFile.Read(path), "0-1 üß");
        }
    }

    [Theory]
    [InlineData("t.csv", "start,end,class\n0,2,a\n1,3,b\n", "t.csv, line 3: begins at 1 s, before what line 2 says ends at 2 s")]
    [InlineData("t.csv", "start,end,class\n0,2,\"a\nb\"\n3,x,b\n", "line 4: expected an end in seconds, found `x`")]
    [InlineData("t.csv", "a,b,c\n0,2,a\n", "line 1: expected a header with the columns start, end and class, found `a,b,c`")]
    [InlineData("t.csv", "", "line 1: expected a header")]
    [InlineData("t.csv", "start,end,class,probability\n0,2,a,1.5\n", "line 2: expected a probability of 0 to 1, found 1.5")]
    [InlineData("t.csv", "start,end,class\n0,\"1,5\",a\n", "line 2: expected an end in seconds, found `1,5`")]
    [InlineData("t.csv", "start,end,class\n0,1e99,a\n", "line 2: expected times of 0 to 10000000 seconds")]
    [InlineData("t.csv", "start,end,class\n-1,1,a\n", "line 2: expected times of 0")]
    [InlineData("t.csv", "start,end,class\n0,NaN,a\n", "line 2: expected an end in seconds, found `NaN`")]
    [InlineData("t.csv", "start,end,class\n0,٣,a\n", "line 2: expected an end in seconds")]
    [InlineData("t.json", "{\"segments\": [\n{\"start\": 0,\n}}", "line 3: is no JSON")]
    [InlineData("t.json", "[]", "expected an object with an array `segments`")]
    [InlineData("t.json", "{\"segments\": [{\"start\": 0, \"end\": 1, \"class\": \"a\"}, {\"start\": \"1\", \"end\": 2, \"class\": \"a\"}]}", "segment 2: expected a number as `start`, found `\"1\"`")]
    [InlineData("t.json", "{\"segments\": [{\"start\": 0, \"end\": 1}]}", "segment 1: has no `class`")]
    [InlineData("t.json", "{\"segments\": [{\"start\": 0, \"end\": 1e999, \"class\": \"a\"}]}", "segment 1: expected a number as `end`")]
    [InlineData("t.json", "{\"segments\": [{\"start\": 1, \"end\": 0.5, \"class\": \"a\"}]}", "segment 1: expected an end after the start")]
    [InlineData("t.json", "{\"segments\": [], \"fps\": 0}", "above 0 as `fps`")]
    [InlineData("t.json", "{\"segments\": [], \"frames\": 1.5}", "whole number as `frames`")]
    [InlineData("t.srt", "hello\n1\n00:00:00,000 --> 00:00:01,000\na\n", "line 1: expected a number or a time")]
    [InlineData("t.srt", "1\n00:00:00,000 --> 00:00:04,000\na\n\n2\n00:00:04:000 --> 00:00:06,000\nb\n", "line 6: expected a time `00:00:00,000 --> 00:00:10,000`, found `00:00:04:000 --> 00:00:06,000`")]
    [InlineData("t.srt", "1\n00:00:00,000 --> 00:00:04,000\na\n\n2\n00:00:O4,000 --> 00:00:06,000\nb\n", "line 6: expected a time")]
    [InlineData("t.srt", "1\n00:00:00,000 --> 00:00:04,000\na\n\n2\n00:00:04xyz,000 --> 00:00:06,000\nb\n", "line 6: expected a time")]
    [InlineData("t.srt", "1\n00:00:00,000 --> 00:00:04,000\na\n00:00:04,000 00:00:06,000\nb\n", "line 4: expected a time")]
    [InlineData("t.srt", "1\n00:00:00,000 --> 00:00:04,000\na\n\n2\nb\n", "line 6: expected a time")]
    [InlineData("t.srt", "1\n00:00:00,000 --> 00:00:99,000\na\n", "line 2: expected a time")]
    [InlineData("t.vtt", "WEBVTT\n\n00:00.000 --> 00:04.000\na\n00:O4.000 -> 00:06.000\nb\n", "line 5: expected a time")]
    [InlineData("t.ass", "[Events]\nFormat: Start, End, Text\nDialog: 0:00:00.00,0:00:01.00,a\n", "line 3: expected `Dialogue:`")]
    [InlineData("t.ass", "[Events]\nFormat: Start, End, MarginV, Text\nDialogue: 0:00:00.00,0:00:01.00,a, b\n", "line 3: expected a number as MARGINV")]
    [InlineData("t.labels.txt", "0 4:O5 Corner kick\n", "line 1: expected an end in seconds")]
    [InlineData("t.labels.txt", "0\t4\ta\t4\t6\tb\n", "line 1: expected one label a line")]
    [InlineData("t.labels.txt", "0\t4\tFootball\n6\t10\tFootball\n0.5\t0.5\twhistle\n", "line 3: begins at 0.5 s, before what line 1 says ends at 4 s; the labels begin anew at line 3, as those of several tracks do")]
    [InlineData("t.ffmetadata", ";FFMETADATA1\n[CHAPTER]\nSTART=0\nEND=1\ntitle=a\nSTART=1\nEND=2\ntitle=b\n", "line 6: expected `[CHAPTER]` before another `START=`")]
    [InlineData("t.ffmetadata", ";FFMETADATA1\n[CHAPTR]\nSTART=0\n", "line 2: expected `[CHAPTER]`")]
    [InlineData("t.csv", "start,end,class\n0,4,Corner, left\n", "line 2: expected 3 fields, found 4; put a name that holds a `,` into quotation marks")]
    [InlineData("t.csv", "start,end,class\n0,4\n", "line 2: expected 3 fields, found 2")]
    [InlineData("t.csv", "video,start,end,class\na.mp4,0,4,x\nb.mp4,0,4,x\n", "line 3: is of another video, b.mp4")]
    [InlineData("t.csv", "start,end,class\n0,00:00:04:12,a\n", "line 2: expected an end in seconds, or like 0:01:02.5, found `00:00:04:12`")]
    [InlineData("t.csv", "start,end,class\n0,\"4,a\n", "line 2: a quotation mark is not closed")]
    [InlineData("t.srt", "no subtitles", "line 1: expected a number or a time")]
    [InlineData("t.srt", "1\n00:00:02,000 --> 00:00:01,000\na\n", "line 2: expected an end after the start, found 2 to 1")]
    [InlineData("t.srt", "1\n00:00:02,000 --> 00:00:02,000\na\n", "line 2: is a mark, which lasts until the next, but there is none")]
    [InlineData("t.vtt", "1\n00:00.000 --> 00:01.000\na\n", "line 1: expected `WEBVTT`")]
    [InlineData("t.vtt", "WEBVTT\n\nid\nno time\n", "line 4: expected a time")]
    [InlineData("t.vtt", "WEBVTT\n\nid", "line 4: expected a time `00:00.000 --> 00:10.000`, found the end of the file")]
    [InlineData("t.ass", "[Script Info]\n", "expected a section `[Events]`")]
    [InlineData("t.ass", "[Events]\nDialogue: 0,0:00:00.00\n", "line 2: expected a line `Format:` before")]
    [InlineData("t.ass", "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:00.00,x,a\n", "line 3: expected times like")]
    [InlineData("t.ass", "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:00.00,x\n", "line 3: expected 3 fields")]
    [InlineData("t.ass", "[Events]\nFormat: Text, Start, End\n", "line 2: expected the fields")]
    [InlineData("t.edl", "TITLE: x\n001  AX\n", "counts frames, and the rate of the video is not known")]
    [InlineData("t.edl", "4 6\n", "line 1: expected `start end action`")]
    [InlineData("t.edl", "4 6 7\n", "line 1: expected `start end action`")]
    [InlineData("t.edl", "1..2 2 0\n", "line 1: expected times")]
    [InlineData("t.txt", "FILE PROCESSING COMPLETE 100 FRAMES AT 2500\n----\n5\n", "line 3: expected first and last frame")]
    [InlineData("t.txt", "FILE PROCESSING COMPLETE 100 FRAMES AT 2500\n----\n9\t5\n", "line 3: expected an end after the start")]
    [InlineData("t.txt", "shopping list\n", "line 1: expected a label")]
    [InlineData("t.ffmetadata", "title=x\n", "line 1: expected `;FFMETADATA1`")]
    [InlineData("t.ffmetadata", ";FFMETADATA1\n[CHAPTER]\nEND=1\n", "line 2: this chapter has no `START=`")]
    [InlineData("t.ffmetadata", ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/0\nSTART=0\nEND=1\n", "line 3: expected `TIMEBASE=1/1000`")]
    [InlineData("t.ffmetadata", ";FFMETADATA1\n[CHAPTER]\nSTART=soon\n", "line 3: expected `START=` and a whole number")]
    [InlineData("t.ffmetadata", ";FFMETADATA1\n[CHAPTER]\nwords\n", "line 3: expected `key=value`")]
    [InlineData("t.labels.txt", "1\t2\ta\nb\n", "line 2: expected a label: start, tab, end, tab, text, found `b`")]
    [InlineData("t.doc", "", "expected the name of a timeline")]
    public void What_cannot_be_is_named_with_its_line(string name, string content, string expected)
    {
        string path = Path(name, content);
        InputException error = Assert.Throws<InputException>(() => TimelineFile.Read(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Files_that_are_no_timeline_at_all_are_refused()
    {
        Assert.Contains("no such file", Assert.Throws<InputException>(() => TimelineFile.Read(_folder.File("gone.csv"))).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.File("folder.csv"));
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => TimelineFile.Read(_folder.File("folder.csv"))).Message, StringComparison.Ordinal);
        string path = _folder.File("t.srt");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 256).Select(i => (byte)i)]);
        Assert.Contains("no text in UTF-8", Assert.Throws<InputException>(() => TimelineFile.Read(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, new byte[(64 << 20) + 1]);
        Assert.Contains("too large", Assert.Throws<InputException>(() => TimelineFile.Read(path)).Message, StringComparison.Ordinal);
        using (StreamWriter writer = File.CreateText(_folder.File("t.edl")))
        {
            for (int i = 0; i <= 250_000; i++)
                writer.WriteLine($"{i} {i + 1} 0");
        }
        Assert.Contains("line 250001: there are more than 250000 segments", Assert.Throws<InputException>(() => TimelineFile.Read(_folder.File("t.edl"))).Message, StringComparison.Ordinal);
    }

    private string Path(string name, string content)
    {
        string path = _folder.File(name);
        File.WriteAllText(path, content);
        return path;
    }

    private Timeline Read(string name, string content) => TimelineFile.Read(Path(name, content));

    private static void AssertSegments(Timeline timeline, params string[] expected) => Assert.Equal(
        expected, timeline.Segments.Select(s => FormattableString.Invariant($"{s.Start}-{s.End} {s.Class}{(s.Probability is { } p ? FormattableString.Invariant($" {p}") : "")}")));
}
