using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>A classifier of two classes, Bars and Noise, trained once for all tests of a class: windows of 12 frames, judged by 6.</summary>
public sealed class TrainedClassifier : IDisposable
{
    private static readonly string[] Clips = ["train/Bars/a", "train/Bars/b", "train/Noise/c", "train/Noise/d", "test/Bars/e", "test/Noise/f"];

    private readonly TemporaryFolder _folder = new();

    public TrainedClassifier()
    {
        foreach ((int i, string name) in Clips.Index())
        {
            string source = name.Contains("Bars", StringComparison.Ordinal) ? $"testsrc=s=64x48:r=10,hue=h={20 * i}" : $"cellauto=s=64x48:r=10:rule=30:random_seed={i}";
            Tool.Draw(_folder.File("data", name + ".mp4"), source, 12);
        }
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        string[] printed = Tool.Succeed(_folder.Path, "train", "6", "2", "75", "75", "--inception", "random:1", "--model", "mlp", "--units", "32", "--epochs", "200", "--patience", "0", "--learning-rate", "1e-4").TrimEnd().Split('\n');
        Path = _folder.File(printed[^1].Split(' ')[4]);
    }

    /// <summary>The classifier.</summary>
    public string Path { get; }

    public void Dispose() => _folder.Dispose();
}
