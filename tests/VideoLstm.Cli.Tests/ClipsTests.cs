using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>From a labelled recording to clips, and on to frames.</summary>
public sealed class ClipsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Clips_of_labels_made_in_Audacity_are_taken_on_by_the_next_verb()
    {
        Draw("The match #1 (50%).mkv", 200);
        File.WriteAllText(_folder.File("Label Track.txt"), "0,0\t6,0\tFoot/ball\n6.0\t6.0\tad: 1 0.90\n9.0\t12.0\tunknown\n12.0\t19.0\tFoot/ball\n");
        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, "clips", "The match #1 (50%).mkv", "Label Track.txt", "--length", "1.5", "--set", "auto");
        Assert.Equal(0, exitCode);
        Assert.Equal(
            [
                "Foot_ball: 4 clips for training, 4 for the test; 1.0 s at the ends of segments left out",
                "ad_ 1: 2 clips for training, 0 for the test",
                "unknown: 3 s passed over",
                "10 clips cut, 0 were done; 15 frames each, in data/{train,test}/<Class>; next: vlstm extract-files mp4",
            ], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("note: class `Foot/ball`: its folder is Foot_ball", errors, StringComparison.Ordinal);
        Assert.Contains("note: class ad_ 1: has no test clip", errors, StringComparison.Ordinal);
        Assert.Contains("10 clips extracted, 0 were done, 0 failed; 150 frames of 10 clips", Tool.Succeed(_folder.Path, "extract-files", "mp4"), StringComparison.Ordinal);
        Assert.Contains("train,ad_ 1,The match #1 (50%)-0005,15", File.ReadAllText(_folder.File("data", "data_file.csv")), StringComparison.Ordinal);

        // Corrected: what was of no class is.
        File.WriteAllText(_folder.File("match.csv"), "start,end,class\n0,6,Foot/ball\n6,12,ad: 1\n12,19,Foot/ball\n");
        output = Tool.Succeed(_folder.Path, "clips", "The match #1 (50%).mkv", "match.csv", "--length", "1.5", "--set", "auto");
        Assert.Contains("ad_ 1: 2 clips for training, 1 for the test; 1 between train and test left out", output, StringComparison.Ordinal);
        Assert.Contains("1 clips cut, 10 were done; 15 frames each", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_at_any_moment_it_goes_on()
    {
        Draw("v.mp4", 300);
        File.WriteAllText(_folder.File("v.srt"), "1\n00:00:00,000 --> 00:00:14,000\na\n\n2\n00:00:14,000 --> 00:00:30,000\nb 0.80\n");
        string[] arguments = ["clips", "v.mp4", "v.srt", "--length", "1", "--set", "train", "--step", "0.5"];
        foreach (int milliseconds in (int[])[400, 900, 1500])
            Tool.Kill(_folder.Path, milliseconds, arguments);
        Tool.Succeed(_folder.Path, arguments);
        string[] files = Files();
        byte[][] interrupted = [.. files.Select(File.ReadAllBytes)];
        Assert.Equal(27 + 31, files.Length);
        Directory.Delete(_folder.File("data"), recursive: true);
        Assert.Contains("58 clips cut, 0 were done", Tool.Succeed(_folder.Path, arguments), StringComparison.Ordinal);
        Assert.Equal(files, Files());
        Assert.Equal(interrupted, files.Select(File.ReadAllBytes));
        Assert.Contains("0 clips cut, 58 were done", Tool.Succeed(_folder.Path, arguments), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expected the name of a timeline, which ends with .eaf", "v.mp4", "v.doc", "--length", "1", "--set", "auto")]
    [InlineData("gone.csv: no such file", "v.mp4", "gone.csv", "--length", "1", "--set", "auto")]
    [InlineData("gone.mp4: no such file", "gone.mp4", "v.csv", "--length", "1", "--set", "auto")]
    [InlineData("v.csv, line 3: begins at 1 s, before what line 2 says ends at 2 s", "v.mp4", "v.csv", "--length", "1", "--set", "auto")]
    [InlineData("--length must be above 0", "v.mp4", "v.csv", "--length", "0", "--set", "auto")]
    [InlineData("--length must be above 0", "v.mp4", "v.csv", "--length", "NaN", "--set", "auto")]
    [InlineData("--step must be above 0", "v.mp4", "v.csv", "--length", "1", "--step", "-1", "--set", "auto")]
    [InlineData("'--length' is required", "v.mp4", "v.csv", "--set", "auto")]
    [InlineData("'--set' is required", "v.mp4", "v.csv", "--length", "1")]
    [InlineData("--test-share goes with --set auto", "v.mp4", "v.csv", "--length", "1", "--set", "train", "--test-share", "0.5")]
    [InlineData("--test-share must be above 0 and below 1", "v.mp4", "v.csv", "--length", "1", "--set", "auto", "--test-share", "1")]
    [InlineData("v.mp4: has 2 s, less than a clip of 9 s", "v.mp4", "w.csv", "--length", "9", "--set", "auto")]
    [InlineData("no segment is as long as a clip of 1.5 s", "v.mp4", "w.csv", "--length", "1.5", "--set", "auto")]
    [InlineData("share the folder", "v.mp4", "x.csv", "--length", "1", "--set", "auto")]
    public void What_cannot_be_done_is_said_in_one_line(string text, params string[] arguments)
    {
        Draw("v.mp4", 20);
        File.WriteAllText(_folder.File("v.csv"), "start,end,class\n0,2,a\n1,2,b\n");
        File.WriteAllText(_folder.File("w.csv"), "start,end,class\n0,1,a\n1,2,b\n");
        File.WriteAllText(_folder.File("x.csv"), "start,end,class\n0,1,a\n1,2,A\n");
        Tool.Refuse(_folder.Path, 2, text, ["clips", .. arguments]);
        Assert.Empty(Files());
    }

    private string[] Files() => Directory.Exists(Path.Combine(_folder.Path, "data"))
        ? [.. Directory.GetFiles(Path.Combine(_folder.Path, "data"), "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];

    private void Draw(string name, int frames) => Tool.Draw(_folder.File(name), "cellauto=s=64x48:r=10:rule=30:random_seed=3", frames);
}
