using System.Security.Cryptography;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>The four verbs, one after the other, as a user types them.</summary>
public sealed class EndToEndTests : IDisposable
{
    private static readonly string[] Files = ["extract-files", "mp4"];
    private static readonly string[] Features = ["extract-features", "6", "2", "75", "75", "--inception", "random:1"];
    private static readonly string[] Train = ["train", "6", "2", "75", "75", "--inception", "random:1", "--epochs", "2", "--learning-rate", "1e-4"];

    // The article's 2048 units make files of 140 and 420 MB at each epoch: one test is enough for them.
    private static readonly string[] SmallerTrain = [.. Train, "--units", "512"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("cpu")]
    [InlineData("torch")]
    public void From_clips_to_a_labelled_video(string device)
    {
        Tool.Use(device);
        DrawClips(_folder.Path);
        Assert.Contains("6 clips extracted, 0 were done, 0 failed; 72 frames", Tool.Succeed(_folder.Path, Files), StringComparison.Ordinal);
        Assert.Equal("train,Bars,a,12\r\ntrain,Bars,b,12\r\ntrain,Noise,c,12\r\ntrain,Noise,d,12\r\ntest,Bars,e,12\r\ntest,Noise,f,12\r\n", File.ReadAllText(_folder.File("data", "data_file.csv")));
        Assert.Equal(12, Directory.GetFiles(_folder.File("data", "train", "Bars"), "a-*.jpg").Length);
        Assert.Contains("0 clips extracted, 6 were done", Tool.Succeed(_folder.Path, Files), StringComparison.Ordinal);

        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);
        Assert.Contains("0 sequences taken, 6 were done", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);
        // Another size, another sampling, another network, another clip: each means new features.
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, [.. Features, "--sampling", "stride"]), StringComparison.Ordinal);
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, [.. Features[..^1], "random:2"]), StringComparison.Ordinal);
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, ["extract-features", "6", "2", "75", "80", "--inception", "random:1"]), StringComparison.Ordinal);
        Tool.Succeed(_folder.Path, Features);
        Tool.Draw(_folder.File("data", "test", "Noise", "f.mp4"), "cellauto=s=64x48:r=10:rule=110", 12);
        Assert.Contains("1 clips extracted, 5 were done", Tool.Succeed(_folder.Path, Files), StringComparison.Ordinal);
        Assert.Contains("1 sequences taken", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);

        string[] trained = Tool.Succeed(_folder.Path, Train).TrimEnd().Split('\n');
        Assert.Contains(trained, l => l.Contains("test accuracy", StringComparison.Ordinal));
        Assert.StartsWith("vlstm classify 6 2 ", trained[^1], StringComparison.Ordinal);
        string checkpoint = trained[^1].Split(' ')[4];

        Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
        // Renamed and moved, a checkpoint is still complete, and it knows its untrained network.
        File.Move(Path.Combine(_folder.Path, checkpoint), _folder.File("elsewhere", "lstm-features.bin"));
        string labels = Tool.Succeed(_folder.Path, "classify", "6", "2", "elsewhere/lstm-features.bin", "long.mp4");
        Assert.Equal(4, labels.Split('\n').Count(l => l.Contains("Bars: ", StringComparison.Ordinal)));
        Assert.Contains("31 frames in 3 windows", labels, StringComparison.Ordinal);
        Assert.Contains("31 frames", Tool.Succeed(_folder.Path, "info", "result.avi"), StringComparison.Ordinal);
    }

    [Fact]
    public void Features_of_bytes_are_kept_apart_from_those_of_floats()
    {
        DrawClips(_folder.Path);
        Tool.Succeed(_folder.Path, Files);
        string[] bytes = ["--precision", "int8"];
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, [.. Features, .. bytes]), StringComparison.Ordinal);
        Assert.Contains("0 sequences taken, 6 were done", Tool.Succeed(_folder.Path, [.. Features, .. bytes]), StringComparison.Ordinal);
        string sequence = _folder.File("data", "sequences", "a-6-features.npy");
        Assert.Contains("\"precision\":\"int8\"", Tool.Succeed(_folder.Path, "info", sequence), StringComparison.Ordinal);
        byte[] kept = File.ReadAllBytes(sequence);
        foreach (string[] verb in (string[][])[Features, SmallerTrain])
            Tool.Refuse(_folder.Path, 2, "a-6-features.npy: this and 5 other sequences were taken with precision int8, not float; give their --precision, or delete them", verb);
        Assert.Equal(kept, File.ReadAllBytes(sequence));
        Tool.Refuse(_folder.Path, 2, "int4", [.. Features, "--precision", "int4"]);

        string checkpoint = Tool.Succeed(_folder.Path, [.. SmallerTrain, .. bytes]).TrimEnd().Split('\n')[^1].Split(' ')[4];
        Assert.Contains("precision Int8", Tool.Succeed(_folder.Path, "info", checkpoint), StringComparison.Ordinal);
        Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
        Assert.Contains("31 frames in 3 windows", Tool.Succeed(_folder.Path, "classify", "6", "2", checkpoint, "long.mp4"), StringComparison.Ordinal);

        // The other way round: floats are what is taken where nothing is said, and what an older classifier means.
        Directory.Delete(_folder.File("data", "sequences"), recursive: true);
        Tool.Succeed(_folder.Path, Features);
        Assert.DoesNotContain("precision", Tool.Succeed(_folder.Path, "info", sequence), StringComparison.Ordinal);
        Assert.NotEqual(kept, File.ReadAllBytes(sequence));
        Tool.Refuse(_folder.Path, 2, "taken with precision float, not int8", [.. Features, .. bytes]);

        byte[] file = File.ReadAllBytes(_folder.File(checkpoint));
        file[file.AsSpan().IndexOf("Int8"u8) + 3] = (byte)'9';
        File.WriteAllBytes(_folder.File("broken.bin"), file);
        Tool.Refuse(_folder.Path, 2, "metadata `precision` is `Int9`, which cannot be", "classify", "6", "2", "broken.bin", "long.mp4");
    }

    [Fact]
    public void A_run_that_was_killed_anywhere_ends_with_the_files_of_an_undisturbed_one()
    {
        string calm = _folder.File("calm", "x"), killed = _folder.File("killed", "x");
        (calm, killed) = (Path.GetDirectoryName(calm)!, Path.GetDirectoryName(killed)!);
        DrawClips(calm);
        DrawClips(killed);
        Tool.Draw(Path.Combine(calm, "long.mp4"), "testsrc=s=320x240:r=30", 90);
        File.Copy(Path.Combine(calm, "long.mp4"), Path.Combine(killed, "long.mp4"));

        string[]? classify = null;
        foreach (string[] verb in (string[][])[Files, Features, SmallerTrain, []])
        {
            string[] arguments = verb.Length > 0 ? verb : classify!;
            string printed = Tool.Succeed(calm, arguments);
            foreach (int milliseconds in (int[])[60, 150, 250, 400, 700, 1200, 2000])
                Tool.Kill(killed, milliseconds, arguments);
            Tool.Succeed(killed, arguments);
            if (verb == SmallerTrain)
                classify = ["classify", "6", "2", printed.TrimEnd().Split('\n')[^1].Split(' ')[4], "long.mp4"];
            Assert.Equal(Digests(calm), Digests(killed));
        }
    }

    [Theory]
    [InlineData("gru", "--optimizer", "sgd", "--momentum", "0.9", "--learning-rate", "0.01", "--reduce-lr-on-plateau", "0.5", "--plateau-patience", "3", "--validation-split", "0.5")]
    [InlineData("lstm", "--units", "24", "--layers", "2", "--bidirectional", "--learning-rate", "1e-3", "--class-weights", "balanced", "--label-smoothing", "0.1", "--validation-split", "0.5")]
    public void A_resumed_run_ends_with_the_weights_of_one_that_never_stopped(string model, params string[] options)
    {
        string calm = Path.Combine(_folder.Path, "calm"), killed = Path.Combine(_folder.Path, "killed");
        DrawClips(calm);
        DrawClips(killed);
        foreach (string folder in (string[])[calm, killed])
        {
            Tool.Succeed(folder, Files);
            Tool.Succeed(folder, Features);
        }
        string[] train = [.. Train[..^4], "--model", model, .. options, "--patience", "0", "--seed", "3"];
        string whole = Tool.Succeed(calm, [.. train, "--epochs", "400"]);
        foreach (int milliseconds in (int[])[500, 900, 700, 1300, 1100])
            Tool.Kill(killed, milliseconds, [.. train, "--resume", "--epochs", "400"]);
        // Nor does it matter that the end was nearer once.
        Tool.Succeed(killed, [.. train, "--resume", "--epochs", "250"]);
        string resumed = Tool.Succeed(killed, [.. train, "--resume", "--epochs", "400"]);
        Assert.Equal(Digests(calm), Digests(killed));
        Assert.Equal(whole[whole.IndexOf("best epoch", StringComparison.Ordinal)..], resumed[resumed.IndexOf("best epoch", StringComparison.Ordinal)..]);
        Assert.DoesNotContain("\n     1  ", resumed, StringComparison.Ordinal);

        // A checkpoint is where another run begins, and what it says of itself is enough.
        string checkpoint = resumed.TrimEnd().Split('\n')[^1].Split(' ')[4];
        Assert.Contains($"classifier ({model}", Tool.Succeed(killed, "info", checkpoint), StringComparison.Ordinal);
        string[] choice = model == "lstm" ? ["--units", "24", "--layers", "2", "--bidirectional"] : [];
        string first = Tool.Succeed(killed, [.. Train[..^4], "--model", model, .. choice, "--from", checkpoint, "--epochs", "1", "--learning-rate", "1e-9"]);
        Assert.Contains("best epoch 1", first, StringComparison.Ordinal);
        Tool.Refuse(killed, 2, $"is a `{model}`, not a `mlp`", [.. Train[..^4], "--model", "mlp", "--from", checkpoint]);
        Tool.Draw(Path.Combine(killed, "long.mp4"), "testsrc=s=64x48:r=10", 31);
        Assert.Contains("31 frames in 3 windows", Tool.Succeed(killed, "classify", "6", "2", checkpoint, "long.mp4"), StringComparison.Ordinal);
    }

    internal static void DrawClips(string folder)
    {
        string[] names = ["train/Bars/a", "train/Bars/b", "train/Noise/c", "train/Noise/d", "test/Bars/e", "test/Noise/f"];
        for (int i = 0; i < names.Length; i++)
        {
            string source = names[i].Contains("Bars", StringComparison.Ordinal) ? $"testsrc=s=64x48:r=10,hue=h={20 * i}" : $"cellauto=s=64x48:r=10:rule=30:random_seed={i}";
            Tool.Draw(Path.Combine(folder, "data", names[i] + ".mp4"), source, 12);
        }
    }

    // What a run says of its own times, and of those of its clips, is its own.
    private static string[] Digests(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(f => Path.GetFileName(f) is not ("run.json" or "report.html" or "clip_files.csv") && !f.Contains("tfevents", StringComparison.Ordinal))
            .Select(f => $"{Path.GetRelativePath(folder, f)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}"),
    ];
}
