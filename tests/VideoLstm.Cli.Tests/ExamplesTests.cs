using System.Globalization;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>The scripts in examples/, as a user runs them.</summary>
public sealed class ExamplesTests(TrainedClassifier classifier) : IClassFixture<TrainedClassifier>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Their names.</summary>
    public static TheoryData<string> Scripts => [.. Directory.EnumerateFiles(Path.Combine(TestAssets.Repository, "examples"), "*.sh").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Scripts))]
    public void A_script_without_arguments_prints_its_usage(string script)
    {
        RequireBash();
        Assert.Equal((0, "", ""), Tool.Bash(_folder.Path, ["-n", Script(script)]));

        (int exitCode, string output, string errors) = Tool.Bash(_folder.Path, [Script(script)]);

        Assert.Equal((2, ""), (exitCode, output));
        // The line that stands in its first comment.
        string usage = Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith($"usage: {script} ", usage, StringComparison.Ordinal);
        Assert.Contains($"# U{usage[1..]}", File.ReadAllLines(Script(script)));
    }

    [SkippableFact]
    public void Commercials_are_cut_out_of_a_broadcast_after_learning_from_another()
    {
        RequireBash();
        Broadcast("monday.mp4", 12);
        File.WriteAllText(_folder.File("monday.labels.txt"), "0\t12\tFootball\n12\t24\tCommercial\n");
        Broadcast("tuesday.mp4", 9);

        string output = Run("commercials.sh", ["monday.mp4", "monday.labels.txt", "tuesday.mp4", "--inception", "random:1", "--model", "mlp", "--units", "32", "--epochs", "100", "--patience", "0", "--learning-rate", "1e-4"]);

        string last = output.TrimEnd('\n').Split('\n')[^1];
        Assert.StartsWith("tuesday-cut.mp4: ", last, StringComparison.Ordinal);
        // Nine seconds of football, to half a window.
        Assert.InRange(int.Parse(last.Split(' ')[1], CultureInfo.InvariantCulture), 70, 110);
    }

    [SkippableFact]
    public void A_Keras_model_labels_videos()
    {
        RequireBash();
        File.Copy(Path.Combine(TestAssets.Repository, "tests", "VideoLstm.Core.Tests", "Models", "Fixtures", "keras2_lstm.hdf5"), _folder.File("model.hdf5"));
        Tool.Draw(_folder.File("one.mp4"), "testsrc=s=64x48:r=10", 10);
        Tool.Draw(_folder.File("two.mp4"), "testsrc=s=64x48:r=10", 12);

        string output = Run("keras-model.sh", ["model.hdf5", "4", "Ads,Football,Tennis", "75x80", "one.mp4", "two.mp4"], ("INCEPTION", "random:1"));

        Assert.Contains("model.bin: classifier (lstm) of Ads, Football, Tennis", output, StringComparison.Ordinal);
        Assert.Contains("2 videos labelled, 0 were done, 0 failed", output, StringComparison.Ordinal);
        foreach (string name in (string[])["one-labelled.avi", "one.html", "two-labelled.avi", "two.html"])
            Assert.True(File.Exists(_folder.File(name)), name);
    }

    [SkippableFact]
    public void A_folder_of_recordings_is_labelled_as_it_grows()
    {
        RequireBash();
        Tool.Draw(_folder.File("recordings", "one.mp4"), "testsrc=s=64x48:r=10", 80);
        string[] arguments = [classifier.Path, "6", "2", "recordings", "Bars"];
        Run("recordings.sh", arguments);
        Assert.StartsWith("0", Assert.Single(File.ReadAllLines(_folder.File("recordings", "one.edl"))), StringComparison.Ordinal);
        Assert.Contains("Bars", File.ReadAllText(_folder.File("recordings", "one.csv")), StringComparison.Ordinal);

        Tool.Draw(_folder.File("recordings", "two.mp4"), "testsrc=s=64x48:r=10", 80);
        Assert.Contains("two.mp4", Run("recordings.sh", arguments), StringComparison.Ordinal);
        Assert.Equal(4, Directory.GetFiles(_folder.File("recordings"), "*.*").Count(f => f.EndsWith(".edl", StringComparison.Ordinal) || f.EndsWith(".csv", StringComparison.Ordinal)));
    }

    private static void RequireBash() => Skip.IfNot(File.Exists("/bin/bash"), "no bash here");

    private static string Script(string name) => Path.Combine(TestAssets.Repository, "examples", name);

    private string Run(string script, string[] arguments, params (string Name, string Value)[] environment)
    {
        (int exitCode, string output, string errors) = Tool.Bash(_folder.Path, [Script(script), .. arguments], environment);
        Assert.True(exitCode == 0, $"{script} ended with {exitCode}: {output}{errors}");
        return output;
    }

    // Football, then commercials, as many seconds of each.
    private void Broadcast(string name, int seconds) =>
        Tool.Draw(_folder.File(name), $"testsrc=s=64x48:r=10:d={seconds}[a];cellauto=s=64x48:r=10:rule=30:random_seed={seconds},trim=end={seconds}[b];[a][b]concat", 20 * seconds);
}
