using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>`vlstm cut` as a user types it.</summary>
public sealed class CutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CutTests()
    {
        Tool.Draw(_folder.File("videos", "match.mp4"), "testsrc=s=160x96:r=20", 100, "-g", "20");
        File.WriteAllText(_folder.File("match.csv"), "start,end,class\n0,1.5,Football\n1.5,2.5,Commercial\n2.5,3.5,Football\n4,5,\"Foot/ball: \"\"2\"\"\"\n");
        File.WriteAllText(_folder.File("match.edl"), "1.5 2.5 3\n4.0 5.0 3\n");
    }

    private string Video => _folder.File("videos", "match.mp4");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Keeps_classes_or_leaves_them_out()
    {
        byte[] before = File.ReadAllBytes(Video);
        Assert.Contains("match-cut.mp4: 50 frames, 00:00:02.500, 2 stretches", Tool.Succeed(_folder.Path, "cut", Video, "match.csv", "--keep", "Football"), StringComparison.Ordinal);
        // What the timeline does not name is neither left out nor kept by name.
        Assert.Contains("rest.mkv: 80 frames", Tool.Succeed(_folder.Path, "cut", Video, "match.csv", "--drop", "Commercial", "--output", "rest.mkv"), StringComparison.Ordinal);
        Assert.Contains("rest.mkv: 30 frames", Tool.Succeed(_folder.Path, "cut", Video, "match.csv", "--drop", "Football", "Foot/ball: \"2\"", "--output", "rest.mkv"), StringComparison.Ordinal);
        Assert.Contains("skipped.mov: 60 frames", Tool.Succeed(_folder.Path, "cut", Video, "match.edl", "--drop", "skip", "--output", "skipped.mov"), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Video));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.partial"));
    }

    [Fact]
    public void Fast_says_how_far_off_each_cut_is()
    {
        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, "cut", Video, "match.csv", "--keep", "Commercial", "--fast");
        Assert.Equal(0, exitCode);
        Assert.Contains("match-cut.mp4: begins 1.000 s instead of 1.500 s (-0.500 s, -10 frames), ends 2.500 s instead of 2.500 s (exact)", errors, StringComparison.Ordinal);
        Assert.Contains("30 frames, 00:00:01.500, 1 stretch; nothing re-encoded", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--exact")]
    [InlineData("--fast")]
    public void The_same_cut_gives_the_same_file(string way)
    {
        foreach (string name in (string[])["one.mkv", "two.mkv"])
            Tool.Succeed(_folder.Path, "cut", Video, "match.csv", "--keep", "Football", way, "--output", name);
        Assert.Equal(File.ReadAllBytes(_folder.File("one.mkv")), File.ReadAllBytes(_folder.File("two.mkv")));
    }

    [Fact]
    public void Split_writes_a_file_for_each_segment()
    {
        Tool.Succeed(_folder.Path, "cut", Video, "match.csv", "--keep", "Football", "Foot/ball: \"2\"", "--split", "--output", "parts/p.mkv");
        Assert.Equal(["p-01-Football.mkv", "p-02-Football.mkv", "p-03-Foot_ball_ _2_.mkv"], Directory.GetFiles(_folder.File("parts", "x")[..^2]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Refuses_in_one_line()
    {
        Tool.Refuse(_folder.Path, 2, "knows no class `football`, only Football, Commercial", "cut", Video, "match.csv", "--keep", "football");
        Tool.Refuse(_folder.Path, 2, "either --keep", "cut", Video, "match.csv");
        Tool.Refuse(_folder.Path, 2, "either --keep", "cut", Video, "match.csv", "--keep", "Football", "--drop", "Commercial");
        Tool.Refuse(_folder.Path, 2, "exclude each other", "cut", Video, "match.csv", "--keep", "Football", "--exact", "--fast");
        Tool.Refuse(_folder.Path, 2, "is the video itself", "cut", Video, "match.csv", "--keep", "Football", "--output", Video);
        Tool.Refuse(_folder.Path, 2, "no such file", "cut", "none.mp4", "match.csv", "--keep", "Football");
        Tool.Refuse(_folder.Path, 2, "expected a name that ends with", "cut", Video, "match.csv", "--keep", "Football", "--output", "x.gif");
        File.WriteAllText(_folder.File("long.csv"), "start,end,class\n0,1,A\n1,9.5,B\n");
        Tool.Refuse(_folder.Path, 2, "ends at 5 s, but the timeline goes to 9.5 s", "cut", Video, "long.csv", "--keep", "B");
        Tool.Refuse(_folder.Path, 2, "ends at 5 s, but the timeline goes to 9.5 s", "cut", Video, "long.csv", "--drop", "B");
        File.WriteAllText(_folder.File("all.csv"), "start,end,class\n0,5,A\n");
        Tool.Refuse(_folder.Path, 2, "nothing is kept", "cut", Video, "all.csv", "--drop", "A");
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), f => f.EndsWith(".mp4", StringComparison.Ordinal));
    }
}
