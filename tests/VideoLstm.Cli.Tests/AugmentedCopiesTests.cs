using VideoLstm.Core.Formats.Npy;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>`vlstm extract-features --augmented-copies`, as a user types it.</summary>
public sealed class AugmentedCopiesTests : IDisposable
{
    private static readonly string[] Features = ["extract-features", "4", "2", "75", "75", "--inception", "random:1"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Copies_of_train_clips_lie_beside_the_originals()
    {
        string[] names = ["train/A/a", "train/B/b", "test/A/c", "test/B/d"];
        for (int i = 0; i < names.Length; i++)
            Tool.Draw(_folder.File("data", names[i] + ".mp4"), $"testsrc=s=64x48:r=10,hue=h={40 * i}", 5);
        Tool.Succeed(_folder.Path, "extract-files", "mp4");
        Assert.Contains("4 sequences taken", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);
        byte[] original = File.ReadAllBytes(_folder.File("data", "sequences", "a-4-features.npy"));

        string[] twice = [.. Features, "--augmented-copies", "2", "--rotate", "15", "--shift", "0.1"];
        Assert.Contains("4 sequences taken (16 frames", Tool.Succeed(_folder.Path, twice), StringComparison.Ordinal);
        Assert.Contains("0 sequences taken, 8 were done", Tool.Succeed(_folder.Path, twice), StringComparison.Ordinal);
        string[] copies = [.. Directory.GetFiles(_folder.File("data", "sequences", "copies", "x")[..^2], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        Assert.Equal(["A/a-1", "A/a-2", "B/b-1", "B/b-2"], copies.Select(c => Path.GetRelativePath(_folder.File("data", "sequences", "copies", "train", "x")[..^2], c).Replace("-4-features.npy", "", StringComparison.Ordinal)));
        Assert.Equal(original, File.ReadAllBytes(_folder.File("data", "sequences", "a-4-features.npy")));
        // Each copy is another, and says how it was made.
        Assert.Equal(3, copies[..2].Append(_folder.File("data", "sequences", "a-4-features.npy")).Select(Values).Distinct().Count());
        Assert.Contains("\"transform\":{\"rotation\":", Tool.Succeed(_folder.Path, "info", copies[0]), StringComparison.Ordinal);
        Assert.DoesNotContain("transform", Tool.Succeed(_folder.Path, "info", _folder.File("data", "sequences", "a-4-features.npy")), StringComparison.Ordinal);

        // More copies leave those that there are; other changes make others of them, and nothing of the originals.
        Assert.Contains("2 sequences taken", Tool.Succeed(_folder.Path, [.. twice[..^5], "3", "--rotate", "15", "--shift", "0.1"]), StringComparison.Ordinal);
        (_, string output, string errors) = Tool.Run(_folder.Path, [.. twice, "--flip", "--zoom", "0.1"]);
        Assert.Contains("4 sequences taken", output, StringComparison.Ordinal);
        Assert.Contains("4 sequences were of another", errors, StringComparison.Ordinal);
        Assert.Contains("0 sequences taken, 4 were done", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);

        Tool.Refuse(_folder.Path, 2, "would be equal to the clips", [.. Features, "--augmented-copies", "2"]);
        Tool.Refuse(_folder.Path, 2, "give --augmented-copies N", [.. Features, "--flip"]);
        Tool.Refuse(_folder.Path, 2, "0 to 1000", [.. Features, "--augmented-copies", "-1"]);
    }

    private static string Values(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return string.Join(' ', NpyFile.ReadSingle(stream, path).Values);
    }
}
