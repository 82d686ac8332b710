using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>What bad input gets: one clear line, the right exit code, and the rest of the work done.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("is no verb", "nonsense")]
    [InlineData("class_limit", "train", "75")]
    [InlineData("whole number", "train", "many", "2", "299", "299")]
    [InlineData("at least 1", "extract-features", "0", "2")]
    [InlineData("75 to 4096", "extract-features", "75", "2", "10", "299")]
    [InlineData("no such folder", "extract-files", "mp4")]
    [InlineData("vlstm extract-files", "extract-features", "75", "2", "--inception", "random:1")]
    [InlineData("no such file", "classify", "75", "2", "w.bin", "missing.mp4")]
    [InlineData("w.bin: no such file", "evaluate", "w.bin")]
    [InlineData("no such file", "info", "missing")]
    [InlineData("missing.h5", "weights", "convert", "missing.h5")]
    [InlineData("put it at", "weights", "fetch")]
    [InlineData("vlstm weights fetch", "weights", "path")]
    public void Wrong_arguments_are_one_line_and_exit_code_2(string text, params string[] arguments) =>
        Tool.Refuse(_folder.Path, 2, text, arguments);

    [Theory]
    [InlineData()]
    [InlineData("extract-files")]
    [InlineData("preview")]
    [InlineData("extract-features")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("classify")]
    [InlineData("cut")]
    [InlineData("clips")]
    [InlineData("export")]
    [InlineData("doctor")]
    [InlineData("completion")]
    [InlineData("info")]
    [InlineData("weights")]
    [InlineData("weights", "fetch")]
    [InlineData("weights", "path")]
    [InlineData("weights", "convert")]
    public void Help_shows_an_example(params string[] verb)
    {
        string help = Tool.Succeed(_folder.Path, [.. verb, "--help"]);
        Assert.Contains("Examples:", help, StringComparison.Ordinal);
        Assert.Contains($"  vlstm {string.Join(' ', verb)}", help, StringComparison.Ordinal);
        // Defaults are said once, as they are typed.
        Assert.DoesNotMatch(@"\[default: [A-Z][a-z]", help);
        Assert.DoesNotMatch(@"\[default: [^\]]*\] \[default: ", help);
    }

    [Fact]
    public void Bad_clips_do_not_stop_the_good_ones()
    {
        string[] strange = ["-dash", "a b", "per%04dcent", "quote'\"", "ü ñ 視頻", "🎬 [x];,=$HOME"];
        foreach (string name in strange)
            Tool.Draw(_folder.File("data", "train", "Good Ones ⚽", name + ".mp4"), "testsrc=s=64x48:r=10", 8);
        Tool.Draw(_folder.File("data", "test", "Good Ones ⚽", "short.mp4"), "testsrc=s=64x48:r=10", 3);
        Tool.Draw(_folder.File("data", "test", "Other", "a b.mp4"), "testsrc=s=64x48:r=10", 8);
        File.WriteAllText(_folder.File("data", "train", "Other", "text.mp4"), "no video");
        File.WriteAllText(_folder.File("data", "train", "Other", "zero.mp4"), "");
        byte[] whole = File.ReadAllBytes(_folder.File("data", "train", "Good Ones ⚽", "a b.mp4"));
        File.WriteAllBytes(_folder.File("data", "train", "Other", "cut.mp4"), whole[..(whole.Length / 2)]);
        Directory.CreateDirectory(_folder.File("data", "test", "Empty", "x")[..^2]);

        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, "extract-files", "mp4");
        Assert.Equal(1, exitCode);
        Assert.Contains("8 clips extracted, 0 were done, 4 failed", output, StringComparison.Ordinal);
        string[] failures = [.. errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith("failed: ", StringComparison.Ordinal))];
        Assert.Equal(4, failures.Length);
        foreach (string name in (string[])["text.mp4", "zero.mp4", "cut.mp4", "Empty"])
            Assert.Single(failures, f => f.Contains(name, StringComparison.Ordinal));

        (exitCode, output, errors) = Tool.Run(_folder.Path, "extract-features", "5", "2", "75", "75", "--inception", "random:1");
        Assert.Equal(1, exitCode);
        Assert.Contains("7 sequences taken", output, StringComparison.Ordinal);
        Assert.Contains("shorter than the sequence", errors, StringComparison.Ordinal);
        // The two clips named `a b` never share a file.
        Assert.True(File.Exists(_folder.File("data", "sequences", "train", "Good Ones ⚽", "a b-5-features.npy")));
        Assert.True(File.Exists(_folder.File("data", "sequences", "test", "Other", "a b-5-features.npy")));

        // A class without a usable clip cannot be learnt.
        Tool.Refuse(_folder.Path, 2, "9 are asked for; give 2", "train", "5", "9", "75", "75", "--inception", "random:1");
        File.AppendAllText(_folder.File("data", "data_file.csv"), "train,x\r\n");
        Tool.Refuse(_folder.Path, 2, "line 9", "extract-features", "5", "2", "75", "75", "--inception", "random:1");
    }

    [Fact]
    public void Files_of_another_kind_are_refused()
    {
        Tool.Draw(_folder.File("v.mp4"), "testsrc=s=64x48:r=10", 8);
        File.WriteAllText(_folder.File("w.bin"), "no classifier at all, but some text");
        Tool.Refuse(_folder.Path, 2, "w.bin", "classify", "5", "2", "w.bin", "v.mp4");
        Tool.Refuse(_folder.Path, 2, "is the video itself", "classify", "5", "2", "w.bin", "v.mp4", "--output", "v.mp4");
        Tool.Refuse(_folder.Path, 2, "expected a name that ends with", "classify", "5", "2", "w.bin", "v.mp4", "--output", "v.txt");
        Tool.Refuse(_folder.Path, 2, "w.bin", "weights", "convert", "w.bin");
        Tool.Succeed(_folder.Path, "weights", "convert", "random:3", "--output", "r.safetensors");
        Tool.Refuse(_folder.Path, 2, "no classifier", "classify", "5", "2", "r.safetensors", "v.mp4");
    }
}
