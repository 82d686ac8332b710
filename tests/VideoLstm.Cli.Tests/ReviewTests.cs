using System.Text.Json;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>A page to label on, made of a video alone or of labels that are there.</summary>
public sealed class ReviewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void With_nothing_but_a_video_the_page_has_its_cuts_and_the_classes()
    {
        Draw("match.mp4");
        Assert.Equal("match-review.html: 0 segments, 2 classes, 2 shots, 12 s; open it in a browser", Tool.Succeed(_folder.Path, "review", "match.mp4", "--classes", "Football, Commercial").TrimEnd());
        JsonElement given = Given("match-review.html");
        Assert.Equal(["Football", "Commercial"], given.GetProperty("classes").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(0, given.GetProperty("segments").GetArrayLength());
        Assert.Equal(6, Assert.Single(given.GetProperty("cuts").EnumerateArray()).GetDouble());
        Assert.Equal((10, 120, 0, 12), (given.GetProperty("fps").GetDouble(), given.GetProperty("frames").GetInt32(), given.GetProperty("begin").GetDouble(), given.GetProperty("end").GetDouble()));
        // The same again is the same page.
        byte[] first = File.ReadAllBytes(_folder.File("match-review.html"));
        Tool.Succeed(_folder.Path, "review", "match.mp4", "--classes", "Football,Commercial");
        Assert.Equal(first, File.ReadAllBytes(_folder.File("match-review.html")));
    }

    [Fact]
    public void Labels_come_from_any_format_and_shots_from_the_json_timeline()
    {
        Draw("match.mp4");
        File.WriteAllText(_folder.File("match.srt"), "1\n00:00:00,000 --> 00:00:05,500\nFootball 0.90\n\n2\n00:00:07,000 --> 00:00:30,000\nStudio\n");
        Assert.StartsWith("pages/m.html: 2 segments, 3 classes, 0 shots, 12 s", Tool.Succeed(_folder.Path, "review", "match.mp4", "match.srt", "--classes", "Studio,Commercial", "--snap", "none", "--output", "pages/m.html"), StringComparison.Ordinal);
        JsonElement given = Given("pages/m.html");
        Assert.Equal("[[0,5.5,2,0.9],[7,12,0,null]]", given.GetProperty("segments").GetRawText());
        Assert.Equal(0, given.GetProperty("cuts").GetArrayLength());
        Assert.Contains("src=\"../match.mp4\"", File.ReadAllText(_folder.File("pages", "m.html")), StringComparison.Ordinal);

        // What the timeline knows is not looked for: that there is a cut at 3 s is not so.
        TimelineFile.Write(_folder.File("match.json"), new Timeline { Segments = [new(0, 12, "A")], Shots = [new(0, 3), new(3, 12)] });
        Assert.Contains("1 segments, 1 classes, 2 shots", Tool.Succeed(_folder.Path, "review", "match.mp4", "match.json"), StringComparison.Ordinal);
        Assert.Equal("[3]", Given("match-review.html").GetProperty("cuts").GetRawText());
    }

    [Theory]
    [InlineData("gone.mp4: no such file", "gone.mp4")]
    [InlineData("gone.csv: no such file", "match.mp4", "gone.csv")]
    [InlineData("expected the name of a timeline", "match.mp4", "match.mp4")]
    [InlineData("a name is empty", "match.mp4", "--classes", "A,,B")]
    [InlineData("A stands there twice", "match.mp4", "--classes", "A,B,A")]
    [InlineData("--track goes with a timeline", "match.mp4", "--track", "1")]
    [InlineData("ends with .html", "match.mp4", "--output", "match.mp4")]
    [InlineData("bad.csv: is no video", "bad.csv")]
    [InlineData("must be one of", "match.mp4", "--snap", "shots")]
    public void What_cannot_be_done_is_said_in_one_line(string text, params string[] arguments)
    {
        Draw("match.mp4");
        File.WriteAllText(_folder.File("bad.csv"), "x\n");
        if (text.StartsWith("must", StringComparison.Ordinal))
            text = "'shots'";
        Tool.Refuse(_folder.Path, 2, text, ["review", .. arguments]);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.html"));
    }

    private JsonElement Given(string page)
    {
        string text = File.ReadAllText(Path.Combine(_folder.Path, page));
        string json = text.Split("<script type=\"application/json\" id=\"given\">")[1].Split("</script>")[0];
        return JsonDocument.Parse(json).RootElement;
    }

    // A texture, then another one.
    private void Draw(string name) => Tool.Draw(_folder.File(name),
        "cellauto=s=64x48:r=10:rule=30:random_seed=3:scroll=0,trim=end=6[a];color=red:s=64x48:r=10:d=6[b];[a][b]concat", 120);
}
