using System.Diagnostics;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Many processes at one folder, some of which are killed.</summary>
public sealed class ManyWorkersTests : IDisposable
{
    private const int Workers = 8;

    private static readonly string[] Files = ["extract-files", "mp4"], Features = ["extract-features", "3", "2", "75", "75", "--inception", "random:1"];
    private static readonly string[] Train = ["train", "3", "2", "75", "75", "--inception", "random:1", "--model", "mlp", "--units", "8", "--epochs", "8", "--patience", "0"];

    private readonly TemporaryFolder _folder = new();

    public ManyWorkersTests()
    {
        for (int i = 0; i < 16; i++)
        {
            string source = i % 2 == 0 ? $"testsrc=s=64x48:r=10,hue=h={20 * i}" : $"cellauto=s=64x48:r=10:rule=30:random_seed={i}";
            Tool.Draw(_folder.File("whole", i % 4 == 3 ? "test" : "train", i % 4 < 2 ? "Bars" : "Noise", $"clip{i}.mp4"), source, 4);
        }
        foreach (string set in (string[])["train", "test"])
        {
            foreach (string name in (string[])["Bars", "Noise"])
                Tool.Draw(_folder.File("whole", set, name, $"{set}{name}.mp4"), "testsrc=s=64x48:r=10", 5);
        }
        FileTree.Copy(_folder.File("whole"), _folder.File("data"));
    }

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(20, false)]
    [InlineData(6, true)]
    public void Killed_at_random_they_leave_what_one_undisturbed_run_leaves(int rounds, bool faulty)
    {
        Skip.If(OperatingSystem.IsWindows(), "the kills are signals");
        (string, string)[] store = faulty ? FaultyStore.On(_folder.File("data"), ("STORE_LOCKS", "none"), ("STORE_STALE", "7")) : [];
        Tool.Succeed(_folder.Path, [.. Files, "--data", "whole"]);
        Tool.Succeed(_folder.Path, [.. Features, "--data", "whole"]);
        var draws = new Random(rounds);

        foreach (string[] verb in (string[][])[Files, Features])
        {
            for (int round = 0; round < rounds / 2; round++)
                Disturb(verb, draws, store);
            // All of them undisturbed, and at once; on the faulty store still.
            Process[] last = [.. Enumerable.Range(1, Workers).Select(n => Begin([.. verb, "--data", "data", "--shard", $"{n}/{Workers}"], store))];
            foreach (Process worker in last)
            {
                string errors = worker.StandardError.ReadToEnd();
                worker.WaitForExit();
                Assert.True(worker.ExitCode == 0, errors);
                worker.Dispose();
            }
            FileTree.AssertSame(FileTree.Of(_folder.File("whole"), verb == Files ? ["sequences"] : []), Found());
        }

        // Without shards, and with locks that are kept: nothing of all that is left, and nothing was missing.
        foreach (string[] verb in (string[][])[Files, Features])
            Assert.Contains("20 were done, 0 failed", Tool.Succeed(_folder.Path, [.. verb, "--data", "data"]), StringComparison.Ordinal);
        FileTree.AssertSame(FileTree.Of(_folder.File("whole")), FileTree.Of(_folder.File("data")));

        // What lies about may be in use, as far as a worker without locks can know, or be left where it had nothing to do.
        SortedDictionary<string, string> Found() => new(FileTree.Of(_folder.File("data"), "shards").Where(f => !f.Key.Contains(".partial", StringComparison.Ordinal)).ToDictionary(), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_plain_runs_at_once_leave_what_one_leaves(bool pictures)
    {
        string[] files = pictures ? Files : [.. Files, "--no-images"];
        Tool.Succeed(_folder.Path, [.. files, "--data", "whole"]);
        Tool.Succeed(_folder.Path, [.. Features, "--data", "whole"]);
        foreach (string[] verb in (string[][])[files, Features])
        {
            Process[] both = [.. Enumerable.Range(0, 2).Select(_ => Begin([.. verb, "--data", "data"], []))];
            foreach (Process run in both)
            {
                string errors = run.StandardError.ReadToEnd();
                run.WaitForExit();
                Assert.True(run.ExitCode == 0, errors);
                run.Dispose();
            }
        }
        FileTree.AssertSame(FileTree.Of(_folder.File("whole")), FileTree.Of(_folder.File("data")));
    }

    [SkippableFact]
    public void Two_trainings_at_once_make_one_classifier_also_without_locks()
    {
        (string, string)[] store = FaultyStore.On(_folder.File("data"), ("STORE_LOCKS", "none"), ("STORE_STALE", "5"));
        foreach (string data in (string[])["whole", "data"])
            Tool.Succeed(_folder.Path, [.. Files, "--no-images", "--data", data]);
        Tool.Succeed(_folder.Path, [.. Train, "--data", "whole"]);
        Process[] both = [.. Enumerable.Range(0, 2).Select(_ => Begin([.. Train, "--data", "data"], store))];
        foreach (Process run in both)
        {
            string errors = run.StandardError.ReadToEnd();
            run.WaitForExit();
            Assert.True(run.ExitCode == 0, errors);
            run.Dispose();
        }
        FileTree.AssertSame(Classifiers("whole"), Classifiers("data"));

        SortedDictionary<string, string> Classifiers(string data) => new(FileTree.Of(_folder.File(data, "checkpoints")).Where(f => f.Key.EndsWith(".bin", StringComparison.Ordinal)).ToDictionary(), StringComparer.Ordinal);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_full_quota_ends_a_run_in_one_line_and_it_goes_on_later(bool frames)
    {
        string[] verb = frames ? Files : Features, before = frames ? [] : [.. Files, "--no-images"];
        if (before.Length > 0)
            Tool.Succeed(_folder.Path, [.. before, "--data", "data"]);
        SortedDictionary<string, string> there = FileTree.Of(_folder.File("data"));
        using Process full = Begin([.. verb, "--data", "data"], FaultyStore.On(_folder.File("data"), ("STORE_QUOTA", frames ? "1500" : "20000")));
        string errors = full.StandardError.ReadToEnd();
        full.WaitForExit();
        string[] lines = [.. errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("note: ", StringComparison.Ordinal))];
        Assert.Equal((2, 1), (full.ExitCode, lines.Length));
        Assert.Contains("Disk quota exceeded", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("make room or raise the quota, and run the same command again: it goes on", lines[0], StringComparison.Ordinal);
        // Nothing half done: a folder at most, in which nothing is.
        FileTree.AssertSame(there, FileTree.Of(_folder.File("data"), "sequences/"));
        Assert.Contains(", 0 failed", Tool.Succeed(_folder.Path, [.. verb, "--data", "data"]), StringComparison.Ordinal);
    }

    // Eight workers, of which most do a shard and some the whole; each is killed at some moment, unless it ends before.
    private void Disturb(string[] verb, Random draws, (string, string)[] store)
    {
        var workers = new List<(Process Process, int Milliseconds)>();
        for (int n = 1; n <= Workers; n++)
        {
            string[] shard = draws.Next(8) == 0 ? [] : ["--shard", $"{draws.Next(1, Workers + 1)}/{Workers}"];
            workers.Add((Begin([.. verb, "--data", "data", .. shard], store), draws.Next(300, 4000)));
        }
        var clock = Stopwatch.StartNew();
        foreach ((Process worker, int milliseconds) in workers.OrderBy(w => w.Milliseconds))
        {
            worker.WaitForExit((int)Math.Max(0, milliseconds - clock.ElapsedMilliseconds));
            if (!worker.HasExited)
                worker.Kill();
            worker.WaitForExit();
            worker.Dispose();
        }
    }

    private Process Begin(string[] arguments, (string, string)[] store)
    {
        Process process = Tool.Start(_folder.Path, arguments, variables: [("VLSTM_THREADS", "1"), .. store]);
        _ = process.StandardOutput.ReadToEndAsync();
        return process;
    }
}
