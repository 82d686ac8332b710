using System.Diagnostics;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Videos with several video streams: which one is read, in every verb alike.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_stream_that_was_chosen_is_read_by_all_verbs_or_none_and_another_one_anew()
    {
        // Same length, so that nothing but the choice tells one from the other: bars in the larger one, noise in the smaller.
        foreach (string clip in (string[])["train/A/a", "train/B/b", "test/A/c", "test/B/d"])
            Two(_folder.File("data", clip + ".mkv"));
        string[] files = ["extract-files", "mkv"], features = ["extract-features", "4", "2", "75", "75", "--inception", "random:1"];
        Assert.Contains("4 clips extracted", Tool.Succeed(_folder.Path, files), StringComparison.Ordinal);
        byte[] usual = Picture();
        Assert.Contains("4 clips extracted, 0 were done", Tool.Succeed(_folder.Path, [.. files, "--stream", "1"]), StringComparison.Ordinal);
        byte[] chosen = Picture();
        Assert.NotEqual(usual, chosen);
        Assert.Contains("0 clips extracted, 4 were done", Tool.Succeed(_folder.Path, [.. files, "--stream", "1"]), StringComparison.Ordinal);

        Fail("read stream 1 of", features);
        Assert.Contains("4 sequences taken", Tool.Succeed(_folder.Path, [.. features, "--stream", "1"]), StringComparison.Ordinal);

        Assert.Contains("4 clips extracted, 0 were done", Tool.Succeed(_folder.Path, files), StringComparison.Ordinal);
        Assert.Equal(usual, Picture());
        Fail("now stream 1 is wanted; give the same --stream here", [.. features, "--stream", "1"]);
        Assert.Matches("^4 sequences taken .*, 0 were done, 0 failed", Tool.Succeed(_folder.Path, features));
    }

    private void Fail(string text, string[] arguments)
    {
        (int exitCode, _, string errors) = Tool.Run(_folder.Path, arguments);
        Assert.Equal(2, exitCode);
        string[] lines = errors.Split('\n').Where(l => l.StartsWith("failed: ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(4, lines.Length);
        Assert.All(lines, l => Assert.Contains(text, l, StringComparison.Ordinal));
    }

    private byte[] Picture() => File.ReadAllBytes(_folder.File("data", "train", "A", "a-0003.jpg"));

    private static void Two(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var ffmpeg = Process.Start("ffmpeg", ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "smptebars=s=96x64:r=10:d=0.8", "-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=0.8",
            "-map", "0", "-map", "1", "-c:v", "mpeg4", path]);
        ffmpeg.WaitForExit();
        Assert.Equal(0, ffmpeg.ExitCode);
    }
}
