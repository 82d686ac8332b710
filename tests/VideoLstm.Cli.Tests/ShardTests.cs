using System.Text.Json;
using VideoLstm.Core;
using VideoLstm.Core.Datasets;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Work that is shared: all shards together are one whole run.</summary>
public sealed class ShardTests(TrainedClassifier classifier) : IClassFixture<TrainedClassifier>, IDisposable
{
    private const int Shards = 3;

    private static readonly string[] Sequences = ["extract-features", "4", "2", "75", "75", "--inception", "random:1"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void All_shards_together_leave_what_one_run_leaves(bool pictures)
    {
        Draw("shared", 10);
        FileTree.Copy(_folder.File("shared"), _folder.File("whole"));
        string[] files = pictures ? ["extract-files", "mp4"] : ["extract-files", "mp4", "--no-images"];
        Tool.Succeed(_folder.Path, [.. files, "--data", "whole"]);
        Tool.Succeed(_folder.Path, [.. Sequences, "--data", "whole"]);

        // In any order; the last one joins the list.
        foreach (int number in (int[])[2, 3, 1])
        {
            Assert.False(File.Exists(_folder.File("shared", "data_file.csv")));
            Assert.StartsWith($"shard {number}/{Shards}: ", Tool.Succeed(_folder.Path, [.. files, "--data", "shared", "--shard", $"{number}/{Shards}"]), StringComparison.Ordinal);
        }
        for (int number = 1; number <= Shards; number++)
            Tool.Succeed(_folder.Path, [.. Sequences, "--data", "shared", "--shard", $"{number}/{Shards}"]);
        FileTree.AssertSame(FileTree.Of(_folder.File("whole")), FileTree.Of(_folder.File("shared"), "shards"));

        // Nothing is left to do, and nothing left to be said of the shards.
        foreach (string[] verb in (string[][])[files, Sequences])
        {
            (int exitCode, string output, string errors) = Tool.Run(_folder.Path, [.. verb, "--data", "shared"]);
            Assert.Equal(0, exitCode);
            Assert.Contains("10 were done, 0 failed", output, StringComparison.Ordinal);
            Assert.Contains("note: the shards had left nothing undone", errors, StringComparison.Ordinal);
        }
        FileTree.AssertSame(FileTree.Of(_folder.File("whole")), FileTree.Of(_folder.File("shared")));
    }

    [Fact]
    public void What_shards_left_is_completed_and_named_and_what_failed_can_be_tried_alone()
    {
        Draw("data", 10);
        string broken = _folder.File("data", "train", "Bars", "broken.mp4");
        File.WriteAllText(broken, "no video");
        string[] files = ["extract-files", "mp4", "--no-images"];
        int of = Enumerable.Range(1, Shards).Single(n => new Shard(n, Shards).Holds("Bars/broken"));
        foreach (int number in Enumerable.Range(1, Shards).Where(n => n != of % Shards + 1))
            Tool.Run(_folder.Path, [.. files, "--shard", $"{number}/{Shards}"]);

        (int exitCode, string output, _) = Tool.Run(_folder.Path, "status", "--failed", "failed.txt");
        Assert.Equal(1, exitCode);
        Assert.Contains("2 ended, 1 not begun", output, StringComparison.Ordinal);
        Assert.Contains("failed: train/Bars/broken: data/train/Bars/broken.mp4: ", output, StringComparison.Ordinal);
        string[] list = File.ReadAllLines(_folder.File("failed.txt"));
        Assert.Equal((2, '#', "train/Bars/broken"), (list.Length, list[0][0], list[1]));

        (exitCode, output, string errors) = Tool.Run(_folder.Path, files);
        Assert.Equal(1, exitCode);
        string left = errors.Split('\n').Single(l => l.Contains("the shards had left", StringComparison.Ordinal));
        Assert.Matches(@"^note: the shards had left \d+ undone: (train|test)/", left);
        Assert.Contains("80 frames of 10 clips", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("data", "shards")));

        // The clip that failed is replaced, listed, and its features alone are taken.
        Tool.Draw(broken, "testsrc=s=64x48:r=10", 8);
        Tool.Succeed(_folder.Path, files);
        Assert.StartsWith("1 sequences taken", Tool.Succeed(_folder.Path, [.. Sequences, "--only", "failed.txt"]), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("failed.txt"), "train/Bars/nothing\n");
        Tool.Refuse(_folder.Path, 2, "train/Bars/nothing: is no clip", [.. Sequences, "--only", "failed.txt"]);
        Assert.StartsWith("10 sequences taken", Tool.Succeed(_folder.Path, Sequences), StringComparison.Ordinal);
        Assert.Equal("no shards have been at work in data\n", Tool.Succeed(_folder.Path, "status"));
    }

    [Fact]
    public void Clips_are_cut_labelled_and_judged_in_shards_as_in_one_run()
    {
        Tool.Draw(_folder.File("match.mp4"), "testsrc=s=64x48:r=10:d=8[a];cellauto=s=64x48:r=10:rule=30:random_seed=3,trim=end=8[b];[a][b]concat", 160);
        File.WriteAllText(_folder.File("match.csv"), "start,end,class\n0,8,Bars\n8,16,Noise\n");
        string[] cut = ["clips", "match.mp4", "match.csv", "--length", "1.2", "--set", "auto"];
        Tool.Succeed(_folder.Path, [.. cut, "--data", "whole"]);
        for (int number = 1; number <= Shards; number++)
            Tool.Succeed(_folder.Path, [.. cut, "--data", "shared", "--shard", $"{number}/{Shards}"]);
        FileTree.AssertSame(FileTree.Of(_folder.File("whole")), FileTree.Of(_folder.File("shared"), "shards"));

        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images", "--data", "whole");
        string[] judge = ["evaluate", classifier.Path, "--set", "all", "--json", "--data", "whole"];
        string[] predictions = [.. Enumerable.Range(1, Shards).SelectMany(n => Predictions(Tool.Succeed(_folder.Path, [.. judge, "--shard", $"{n}/{Shards}"])))];
        Assert.Equal(Predictions(Tool.Succeed(_folder.Path, judge)).Order(StringComparer.Ordinal), predictions.Order(StringComparer.Ordinal));

        foreach (string name in (string[])["one", "two", "three", "four", "five"])
            Tool.Draw(_folder.File("recordings", name + ".mp4"), $"testsrc=s=64x48:r=10,hue=h={name.Length}", 30);
        FileTree.Copy(_folder.File("recordings"), _folder.File("again"));
        string[] label = ["classify", "6", "2", classifier.Path, "--no-video", "--timeline", "{folder}/{name}.csv", "--skip-existing", "--data", "whole"];
        Tool.Succeed(_folder.Path, [.. label, "recordings"]);
        Tool.Succeed(_folder.Path, [.. label, "again", "--shard", "1/2"]);
        Assert.NotEqual(5, Directory.GetFiles(_folder.File("again"), "*.csv").Length);
        (_, _, string errors) = Tool.Run(_folder.Path, [.. label, "again"]);
        Assert.Contains("note: the shards had left ", errors, StringComparison.Ordinal);
        FileTree.AssertSame(FileTree.Of(_folder.File("recordings")), FileTree.Of(_folder.File("again")));
    }

    [Fact]
    public void A_shard_is_found_where_schedulers_say_it()
    {
        Assert.Equal(new Shard(3, 8), Find("VLSTM_SHARD=3/8"));
        Assert.Equal(new Shard(3, 8), Find("SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_STEP=1"));
        Assert.Equal(new Shard(1, 4), Find("SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_STEP=1"));
        Assert.Equal(new Shard(8, 8), Find("JOB_COMPLETION_INDEX=7 JOB_COMPLETIONS=8"));
        Assert.Equal(new Shard(2, 2), Find("VLSTM_SHARD=2/2 SLURM_ARRAY_TASK_ID=3"));
    }

    [Theory]
    [InlineData("there is no VLSTM_SHARD, SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX", "")]
    [InlineData("VLSTM_SHARD: expected I/N", "VLSTM_SHARD=9/8")]
    [InlineData("SLURM_ARRAY_TASK_STEP 2: ", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_STEP=2")]
    [InlineData("is not all of 1 to 8", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_STEP=1")]
    [InlineData("SLURM_ARRAY_TASK_MIN: expected a number", "SLURM_ARRAY_TASK_ID=3")]
    [InlineData("is none of 8 tasks", "SLURM_ARRAY_TASK_ID=30 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=8")]
    [InlineData("JOB_COMPLETIONS: expected a number", "JOB_COMPLETION_INDEX=7")]
    [InlineData("is no index of JOB_COMPLETIONS 7", "JOB_COMPLETION_INDEX=7 JOB_COMPLETIONS=7")]
    public void What_makes_no_shard_is_refused(string text, string environment) =>
        Assert.Contains(text, Assert.Throws<InputException>(() => Find(environment)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0/8")]
    [InlineData("9/8")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("-1/8")]
    [InlineData("1/1000000")]
    public void A_shard_that_is_none_is_refused(string shard) => Tool.Refuse(_folder.Path, 2, "--shard must be I/N", [.. Sequences, "--shard", shard]);

    private static Shard Find(string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        return ShardOption.Find(name => variables.GetValueOrDefault(name));
    }

    private static IEnumerable<string> Predictions(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("predictions").EnumerateArray().Select(p => p.GetRawText())];
    }

    private void Draw(string data, int clips)
    {
        for (int i = 0; i < clips; i++)
        {
            string name = $"{(i % 3 == 0 ? "test" : "train")}/{(i % 2 == 0 ? "Bars" : "Noise")}/clip {i}.mp4";
            Tool.Draw(_folder.File([data, .. name.Split('/')]), i % 2 == 0 ? $"testsrc=s=64x48:r=10,hue=h={20 * i}" : $"cellauto=s=64x48:r=10:rule=30:random_seed={i}", 8);
        }
    }
}
