using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Which frames of a clip become sequences, as a user asks for them.</summary>
public sealed class SamplingTests : IDisposable
{
    private static readonly string[] Files = ["extract-files", "mp4", "--no-images"];
    private static readonly string[] Features = ["extract-features", "6", "2", "75", "75", "--inception", "random:1"];
    private static readonly string[] Sliding = [.. Features, "--sampling", "sliding", "--sequence-time", "1", "--sequence-step", "0.5"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Windows_slide_over_the_clips()
    {
        DrawClips(_folder.Path);
        Tool.Succeed(_folder.Path, Files);
        string taken = Tool.Succeed(_folder.Path, Sliding);
        Assert.Contains("4 sequences taken", taken, StringComparison.Ordinal);
        Assert.Contains("; 12 windows of 4 clips", taken, StringComparison.Ordinal);
        Assert.Contains("0 sequences taken, 4 were done", Tool.Succeed(_folder.Path, Sliding), StringComparison.Ordinal);
        string info = Tool.Succeed(_folder.Path, "info", "data/sequences/a-6-windows.npy");
        Assert.Contains("(3, 6, 2048), <f4", info, StringComparison.Ordinal);
        Assert.Contains("\"window_seconds\":1,\"step_seconds\":0.5,\"windows\":[{\"first\":0,\"frames\":10,\"real_frames\":6}", info, StringComparison.Ordinal);
        // The step is the time where it is not given.
        Assert.Contains("4 sequences taken", Tool.Succeed(_folder.Path, Sliding[..^2]), StringComparison.Ordinal);
        Assert.Contains("(2, 6, 2048)", Tool.Succeed(_folder.Path, "info", "data/sequences/a-6-windows.npy"), StringComparison.Ordinal);
        // Without both, nearly the whole clip, a frame later each time.
        Assert.Contains("; 28 windows of 4 clips", Tool.Succeed(_folder.Path, [.. Features, "--sampling", "sliding"]), StringComparison.Ordinal);
        Assert.Contains("\"windows\":[{\"first\":0,\"frames\":14,\"real_frames\":6}", Tool.Succeed(_folder.Path, "info", "data/sequences/a-6-windows.npy"), StringComparison.Ordinal);
    }

    [Fact]
    public void Short_clips_are_failures_unless_they_are_padded()
    {
        DrawClips(_folder.Path);
        Tool.Draw(_folder.File("data", "train", "Bars", "short.mp4"), "testsrc=s=64x48:r=10", 4);
        Tool.Succeed(_folder.Path, Files);
        foreach (string[] verb in (string[][])[[.. Features, "--sampling", "head"], Sliding])
        {
            (int exitCode, string output, string errors) = Tool.Run(_folder.Path, verb);
            Assert.Equal(1, exitCode);
            Assert.Contains("4 sequences taken", output, StringComparison.Ordinal);
            Assert.Contains("failed: train/Bars/short: ", errors, StringComparison.Ordinal);
            Assert.Contains("--pad", errors, StringComparison.Ordinal);
            Tool.Succeed(_folder.Path, [.. verb, "--pad"]);
        }
        Assert.Contains("\"real_frames\":4", Tool.Succeed(_folder.Path, "info", "data/sequences/short-6-features.npy"), StringComparison.Ordinal);
        Assert.Contains("(1, 6, 2048)", Tool.Succeed(_folder.Path, "info", "data/sequences/short-6-windows.npy"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sliding_run_that_was_killed_anywhere_ends_with_the_files_of_an_undisturbed_one()
    {
        string calm = Path.GetDirectoryName(_folder.File("calm", "x"))!, killed = Path.GetDirectoryName(_folder.File("killed", "x"))!;
        foreach (string folder in (string[])[calm, killed])
        {
            DrawClips(folder);
            Tool.Succeed(folder, Files);
        }
        Tool.Succeed(calm, Sliding);
        foreach (int milliseconds in (int[])[150, 400, 700, 1200])
            Tool.Kill(killed, milliseconds, Sliding);
        Tool.Succeed(killed, Sliding);
        string[] sequences = Directory.GetFiles(Path.Combine(calm, "data", "sequences"));
        Assert.Equal(4, sequences.Length);
        Assert.Equal(sequences.Select(Path.GetFileName).Order(StringComparer.Ordinal), Directory.GetFiles(Path.Combine(killed, "data", "sequences")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (string sequence in sequences)
            Assert.Equal(File.ReadAllBytes(sequence), File.ReadAllBytes(Path.Combine(killed, "data", "sequences", Path.GetFileName(sequence))));
    }

    [Theory]
    [InlineData("even, stride, head or sliding", "--sampling", "odd")]
    [InlineData("needs --sequence-time", "--sampling", "sliding", "--sequence-step", "1")]
    [InlineData("--sequence-time goes with --sampling sliding", "--sequence-time", "2")]
    [InlineData("--sequence-step goes with --sampling sliding", "--sampling", "head", "--sequence-step", "2")]
    [InlineData("0.01 to 86400 seconds, not 0", "--sampling", "sliding", "--sequence-time", "0")]
    [InlineData("0.01 to 86400 seconds, not NaN", "--sampling", "sliding", "--sequence-time", "NaN")]
    [InlineData("0.01 to 86400 seconds, not -1", "--sampling", "sliding", "--sequence-time", "1", "--sequence-step", "-1")]
    [InlineData("as expected a number", "--sampling", "sliding", "--sequence-time", "2s")]
    public void Options_that_do_not_fit_are_refused(string text, params string[] options) =>
        Tool.Refuse(_folder.Path, 2, text, [.. Features, .. options]);

    private static void DrawClips(string folder)
    {
        foreach (string name in (string[])["train/Bars/a", "test/Bars/b", "train/Noise/c", "test/Noise/d"])
            Tool.Draw(Path.Combine(folder, "data", name + ".mp4"), $"cellauto=s=64x48:r=10:rule=30:random_seed={name.Length + name[^1]}", 20);
    }
}
