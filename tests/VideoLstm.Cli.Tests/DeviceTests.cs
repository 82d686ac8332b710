using System.Globalization;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>What is begun on one device goes on with another, and what each computes is kept apart.</summary>
public sealed class DeviceTests : IDisposable
{
    private static readonly string[] Network = ["--inception", "random:1"], Torch = ["--device", "torch"], Cpu = ["--device", "cpu"];

    private readonly TemporaryFolder _folder = new();

    public DeviceTests()
    {
        EndToEndTests.DrawClips(_folder.Path);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
    }

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_whole_training_is_as_good_on_every_device()
    {
        Tool.Use("torch");
        // Small ones of the kind that scripts/demo.sh draws.
        for (int i = 1; i <= 6; i++)
        {
            string set = i > 4 ? "test" : "train";
            Tool.Draw(_folder.File("demo", set, "Football", $"f{i}.mp4"),
                $"color=c=0x30{60 + 5 * i}{20 + 5 * i}:s=64x48:r=10,drawgrid=w={18 + i}:h=16:t=1:c=white@0.7,noise=alls=8:allf=t:all_seed={i}", 12);
            Tool.Draw(_folder.File("demo", set, "Commercial", $"c{i}.mp4"),
                $"gradients=s=64x48:r=10:c0=0x{15 * i}4020:c1=0xf0{90 - 10 * i}{12 * i + 10}:nb_colors=2:speed=0.2:seed={i},hue=h='90*floor(t*4)':s=3", 12);
        }
        string[] data = ["--data", "demo"], elsewhere = [.. data, "--work", "work"];
        string[] train = ["train", "6", "2", "75", "75", .. Network, "--units", "32", "--epochs", "10", "--patience", "0", "--learning-rate", "2e-3"];
        Tool.Succeed(_folder.Path, ["extract-files", "mp4", "--no-images", .. data]);
        Tool.Succeed(_folder.Path, ["extract-files", "mp4", "--no-images", .. elsewhere]);
        string ours = Tool.Succeed(_folder.Path, [.. train, .. Cpu, .. data]), theirs = Tool.Succeed(_folder.Path, [.. train, .. Torch, .. elsewhere]);
        Assert.Contains("test accuracy 1", ours, StringComparison.Ordinal);
        Assert.Contains("test accuracy 1", theirs, StringComparison.Ordinal);
        double[] expected = Losses(ours), found = Losses(theirs);
        Assert.Equal(10, expected.Length);
        Assert.All(expected.Zip(found), loss => Assert.Equal(loss.First, loss.Second, 5e-3));
    }

    [SkippableFact]
    public void A_run_that_stopped_on_one_device_goes_on_with_another_and_says_so()
    {
        Tool.Use("torch");
        string[] train = ["train", "6", "2", "75", "75", .. Network, "--model", "gru", "--units", "12", "--patience", "0", "--learning-rate", "1e-3", "--keep", "9"];
        Tool.Succeed(_folder.Path, [.. train, .. Torch, "--epochs", "2"]);
        string state = Assert.Single(Directory.GetFiles(_folder.File("data", "checkpoints"), "gru-torch-training-*.state"));
        string[] further = [.. train, "--epochs", "4", "--resume"];
        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, [.. further, .. Cpu]);
        Assert.Equal(0, exitCode);
        Assert.Contains("note: 6 sequences were computed by torch and are used as they are", errors, StringComparison.Ordinal);
        Assert.Contains("note: the run was computed by torch until here: from here on it is the same but for rounding, not to the bit", errors, StringComparison.Ordinal);
        Assert.Equal([3, 4], Epochs(output));
        // It keeps its name, and the classifier says what trained it last.
        Assert.Equal([state], Directory.GetFiles(_folder.File("data", "checkpoints"), "*.state"));
        Assert.Equal(4, File.ReadAllLines(Path.Combine(Directory.GetDirectories(_folder.File("data", "logs")).Single(), "training.csv")).Length - 1);

        (_, output, errors) = Tool.Run(_folder.Path, [.. train, "--epochs", "5", "--resume", .. Torch]);
        Assert.Equal([5], Epochs(output));
        Assert.Contains("the run was computed by cpu until here", errors, StringComparison.Ordinal);
        (_, _, errors) = Tool.Run(_folder.Path, [.. train, "--epochs", "6", "--resume", .. Torch]);
        Assert.DoesNotContain("until here", errors, StringComparison.Ordinal);

        // As good as one that was never disturbed.
        string whole = Tool.Succeed(_folder.Path, [.. train, "--epochs", "4", .. Cpu]);
        string undisturbed = Assert.Single(Directory.GetFiles(_folder.File("data", "checkpoints"), "gru-training-*.state"));
        Assert.NotEqual(state, undisturbed);
        Assert.Equal([1, 2, 3, 4], Epochs(whole));
    }

    [SkippableFact]
    public void Half_features_are_kept_apart_and_known_to_the_classifier()
    {
        Tool.Use("torch");
        string[] features = ["extract-features", "6", "2", "75", "75", .. Network], half = ["--precision", "half"];
        Tool.Refuse(_folder.Path, 2, "precision half: cpu takes no features with it; it has float, int8; half is for --device cuda and torch", [.. features, .. half, .. Cpu]);
        Tool.Refuse(_folder.Path, 2, "precision int8: torch takes no features with it; it has float, half;", [.. features, "--precision", "int8", .. Torch]);
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, [.. features, .. half]), StringComparison.Ordinal);
        Assert.Contains("0 sequences taken, 6 were done", Tool.Succeed(_folder.Path, [.. features, .. half]), StringComparison.Ordinal);
        string sequence = _folder.File("data", "sequences", "a-6-features.npy");
        Assert.Contains("\"precision\":\"half\"", Tool.Succeed(_folder.Path, "info", sequence), StringComparison.Ordinal);
        foreach (string device in (string[])["cpu", "torch"])
            Tool.Refuse(_folder.Path, 2, "sequences were taken with precision half, not float; give their --precision", [.. features, "--device", device]);

        string classifier = Tool.Succeed(_folder.Path, ["train", .. features[1..], "--model", "mlp", "--units", "16", "--epochs", "2", .. half]).TrimEnd().Split('\n')[^1].Split(' ')[4];
        Assert.Contains("precision Half", Tool.Succeed(_folder.Path, "info", classifier), StringComparison.Ordinal);
        Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
        string[] classify = ["classify", "6", "2", classifier, "long.mp4", "--no-video"];
        Assert.Contains("31 frames in 3 windows", Tool.Succeed(_folder.Path, classify), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "precision half: cpu takes no features with it", [.. classify, .. Cpu]);
    }

    private static double[] Losses(string training) => [.. Rows(training).Select(r => double.Parse(r[3], CultureInfo.InvariantCulture))];

    private static int[] Epochs(string training) => [.. Rows(training).Select(r => int.Parse(r[0], CultureInfo.InvariantCulture))];

    private static IEnumerable<string[]> Rows(string training) => training.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(r => r.Length > 4 && int.TryParse(r[0], out _));
}
