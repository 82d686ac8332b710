using VideoLstm.Core.Media;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>`vlstm preview`, as a user types it.</summary>
public sealed class PreviewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shows_clips_of_each_class_and_their_random_changes()
    {
        DrawClips();
        Assert.Contains("preview.png: 3 clips, 8 of 10 frames each", Tool.Succeed(_folder.Path, "preview", "10", "75", "75", "--clips", "2"), StringComparison.Ordinal);
        VideoInfo sheet = VideoProbe.Read(_folder.File("data", "preview.png"));
        Assert.Equal("png", sheet.Codec);
        // Eight thumbnails of 128 pixels, and text beside them.
        Assert.InRange(sheet.Width, 8 * 128 + 100, 8 * 128 + 400);
        Assert.InRange(sheet.Height, 3 * 128 + 50, 3 * 128 + 250);
        byte[] plain = Pixels("data/preview.png", sheet);
        Assert.Equal(250, plain[0]);

        // The same changes for the same seed, others for another; and another picture for each input.
        string[] changed = ["preview", "10", "75", "75", "--clips", "2", "--zoom", "0.2", "--flip", "--rotate", "20", "--shift", "0.2", "--brightness", "0.6", "0.8"];
        List<byte[]> sheets = [plain];
        foreach (string[] options in (string[][])[changed, [.. changed, "--seed", "2"], [.. changed[..6], "--input", "gray"], [.. changed[..6], "--input", "diff"], [.. changed[..6], "--input", "flow"]])
        {
            Tool.Succeed(_folder.Path, [.. options, "--output", "a/b.png"]);
            sheets.Add(Pixels("a/b.png", VideoProbe.Read(_folder.File("a", "b.png"))));
        }
        Tool.Succeed(_folder.Path, [.. changed, "--output", "again.PNG"]);
        Assert.Equal(sheets[1], Pixels("again.PNG", VideoProbe.Read(_folder.File("again.PNG"))));
        Assert.Equal(sheets.Count, sheets.Select(Convert.ToHexString).Distinct().Count());
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.partial", SearchOption.AllDirectories));
    }

    [Fact]
    public void Moves_one_clip()
    {
        DrawClips();
        Assert.Contains("train/Two, {b} 100%/x y, 6 frames, 5 a second; turned", Tool.Succeed(_folder.Path, "preview", "6", "75", "100", "--gif", "--only", "x y", "--rotate", "5"), StringComparison.Ordinal);
        VideoInfo video = VideoProbe.Read(_folder.File("data", "preview.gif"));
        Assert.Equal("gif", video.Codec);
        // Three times as large, under a heading.
        Assert.Equal((300, 225 + 26), (video.Width, video.Height));
        Assert.Equal(6, VideoProbe.CountFrames(video.Path));
    }

    [Fact]
    public void Bad_clips_do_not_stop_the_good_ones()
    {
        DrawClips();
        File.Delete(_folder.File("data", "train", "One", "b.mp4"));
        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, "preview", "12", "75", "75", "--input", "diff");
        // Twelve differences take thirteen frames.
        Assert.Equal(2, exitCode);
        Assert.Contains("12 frames, 13 are needed", errors, StringComparison.Ordinal);
        (exitCode, output, errors) = Tool.Run(_folder.Path, "preview", "11", "75", "75", "--input", "diff");
        Assert.Equal(1, exitCode);
        Assert.Contains("2 clips", output, StringComparison.Ordinal);
        Assert.Contains("failed: train/One/b: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_are_chosen_by_number_or_by_name()
    {
        foreach (string name in (string[])["train/A/a", "train/B/b", "train/B/c", "train/C/d", "train/C/e", "train/C/f", "test/B/g"])
            Tool.Draw(_folder.File("data", name + ".mp4"), "testsrc=s=64x48:r=10", 12);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        string[] preview = ["preview", "10", "75", "75"];
        foreach ((string classes, int clips) in ((string, int)[])[("1", 1), ("2", 3), ("B", 2), ("C,A", 4)])
            Assert.Contains($"preview.png: {clips} clips", Tool.Succeed(_folder.Path, [.. preview, "--classes", classes]), StringComparison.Ordinal);
        // In the order in which they are named.
        Assert.Contains("preview.gif: train/C/", Tool.Succeed(_folder.Path, [.. preview, "--gif", "--classes", "C,A"]), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "lists no class D; there are A, B, C", [.. preview, "--classes", "A,D"]);
        Tool.Refuse(_folder.Path, 2, "lists 3 classes (A, B, C), 4 are asked for; give 3", [.. preview, "--classes", "4"]);
        Tool.Refuse(_folder.Path, 2, "--classes must be a number of classes, at least 1, or names of classes, not 0", [.. preview, "--classes", "0"]);
        Tool.Refuse(_folder.Path, 2, "--classes must be names of classes", [.. preview, "--classes", "A,,B"]);
    }

    [Fact]
    public void Nonsense_is_refused()
    {
        Tool.Refuse(_folder.Path, 2, "vlstm extract-files", "preview", "10");
        DrawClips();
        Tool.Refuse(_folder.Path, 2, "no training clip `e`", "preview", "10", "--only", "e");
        Tool.Refuse(_folder.Path, 2, "--clips: does nothing with --only", "preview", "10", "--only", "a", "--clips", "2");
        Tool.Refuse(_folder.Path, 2, "--classes: does nothing with --only", "preview", "10", "--only", "a", "--classes", "2");
        Tool.Refuse(_folder.Path, 2, "--columns: does nothing with --gif", "preview", "10", "--gif", "--columns", "2");
        Tool.Refuse(_folder.Path, 2, "ends with .png", "preview", "10", "--output", "x.jpg");
        Tool.Refuse(_folder.Path, 2, "ends with .gif", "preview", "10", "--gif", "--output", "x.png");
        Tool.Refuse(_folder.Path, 2, "0 to 0.99", "preview", "10", "--zoom", "1.5");
        Tool.Refuse(_folder.Path, 2, "0 to 180", "preview", "10", "--rotate", "-1");
        Tool.Refuse(_folder.Path, 2, "0 to 1", "preview", "10", "--shift", "1.5");
        Tool.Refuse(_folder.Path, 2, "--brightness", "preview", "10", "--brightness", "0.5");
        Tool.Refuse(_folder.Path, 2, "0 to 10", "preview", "10", "--brightness", "0.5", "11");
        Tool.Refuse(_folder.Path, 2, "one of its values", "preview", "10", "--input", "hsv");
        Tool.Refuse(_folder.Path, 2, "at least 1", "preview", "10", "--clips", "0");
        Assert.Contains("take even, stride or head", Tool.Run(_folder.Path, "preview", "10", "--sampling", "sliding").Errors, StringComparison.Ordinal);
    }

    private void DrawClips()
    {
        string[] names = ["train/One/a", "train/One/b", "train/Two, {b} 100%/x y", "test/One/e", "test/Two, {b} 100%/f"];
        for (int i = 0; i < names.Length; i++)
            Tool.Draw(_folder.File("data", names[i] + ".mp4"), $"testsrc=s=64x48:r=10,hue=h={40 * i}", 12);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
    }

    private byte[] Pixels(string path, VideoInfo info)
    {
        using var reader = new FrameReader(_folder.File(path), info.Height, info.Width);
        var pixels = new byte[info.Height * info.Width * 3];
        Assert.True(reader.Read(pixels, out _));
        return pixels;
    }
}
