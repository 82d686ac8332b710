using System.Text.Json;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

public sealed class ScoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Labels_are_compared_with_the_truth_whatever_their_formats()
    {
        File.WriteAllText(_folder.File("a.json"), """
            {"video": "a.mp4", "fps": 25, "frames": 500, "segments": [
              {"start": 0, "end": 11, "class": "Match"}, {"start": 11, "end": 20, "class": "Break"}]}
            """);
        File.WriteAllText(_folder.File("a.truth.csv"), "start,end,class\n0,10,Match\n10,16,Break\n16,20,(unknown: a film)\n");
        File.WriteAllText(_folder.File("b.srt"), "1\n00:00:00,000 --> 00:00:05,000\nBreak\n");
        File.WriteAllText(_folder.File("b.truth.csv"), "start,end,class\n0,5,Break\n");
        string[] lines = Tool.Succeed(_folder.Path, "score", "a.json", "a.truth.csv", "b.srt", "b.truth.csv").Split('\n');
        Assert.Equal(
            [
                "a.json: 0.9375 of the known time right (15.00 of 16.00 s)", "  segments: 2 of 2 found, 2 labelled",
                "  borders: 1, off by 1.000 s (25.0 frames) on average, at most 1.000 s (25.0 frames)",
                "  unknown: 0.00 of 4.00 s found, and 0.00 s of the known time", "  class  precision  recall     f1  seconds",
                "  Break      0.556   0.833  0.667      6.0", "  Match      0.909   1.000  0.952     10.0",
                "b.srt: 1.0000 of the known time right (5.00 of 5.00 s)",
            ],
            lines[..8].Select(l => l.TrimEnd('\r')));
        Assert.Contains(lines, l => l.StartsWith("all 2: 0.9524 of the known time right (20.00 of 21.00 s)", StringComparison.Ordinal));

        using JsonDocument json = JsonDocument.Parse(Tool.Succeed(_folder.Path, "score", "a.json", "a.truth.csv", "--json"));
        Assert.Equal(0.9375, json.RootElement.GetProperty("accuracy").GetDouble());
        Assert.Equal(25, json.RootElement.GetProperty("borders").GetProperty("largest_frames").GetDouble(), 1e-9);
    }

    [Fact]
    public void What_cannot_be_compared_is_one_line()
    {
        File.WriteAllText(_folder.File("a.csv"), "start,end,class\n0,10,Match\n");
        File.WriteAllText(_folder.File("empty.csv"), "start,end,class\n");
        Tool.Refuse(_folder.Path, 2, "Give a truth for each timeline", "score", "a.csv");
        Tool.Refuse(_folder.Path, 2, "none.csv", "score", "a.csv", "none.csv");
        Tool.Refuse(_folder.Path, 2, "empty.csv: has no segments", "score", "a.csv", "empty.csv");
        // Of no class at all: nothing to compare, and no fault.
        File.WriteAllText(_folder.File("nothing.csv"), "start,end,class\n0,10,unknown\n");
        Assert.Contains("10.00 of 10.00 s found", Tool.Succeed(_folder.Path, "score", "nothing.csv", "nothing.csv"), StringComparison.Ordinal);
        Assert.Contains("no border", Tool.Succeed(_folder.Path, "score", "a.csv", Truth("0,4,Match\n4,10,Break\n")), StringComparison.Ordinal);
    }

    private string Truth(string rows)
    {
        File.WriteAllText(_folder.File("truth.csv"), "start,end,class\n" + rows);
        return "truth.csv";
    }
}
