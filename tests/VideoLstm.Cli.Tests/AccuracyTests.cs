using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>scripts/accuracy.sh, on folders of the shape of the published data sets.</summary>
public sealed class AccuracyTests : IDisposable
{
    private static readonly string Script = Path.Combine(TestAssets.Repository, "scripts", "accuracy.sh");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void UCF101_and_a_folder_are_measured_and_what_is_done_is_not_done_again()
    {
        Skip.IfNot(File.Exists("/bin/bash"), "no bash here");
        Clips("ucf", "avi", (set, name, i) => $"{name}/v_{name}_g0{i}_c01");
        Clips("own", "mp4", (set, name, i) => $"{set}/{name}/{i}");
        File.WriteAllText(_folder.File("ucf", "classInd.txt"), "1 Bars\n2 Noise\n");
        File.WriteAllText(_folder.File("ucf", "trainlist01.txt"), string.Concat(
            from name in (string[])["Bars", "Noise"] from i in Enumerable.Range(1, 5) select $"{name}/v_{name}_g0{i}_c01.avi {(name == "Bars" ? 1 : 2)}\n"));
        File.WriteAllText(_folder.File("ucf", "testlist01.txt"), "Bars/v_Bars_g06_c01.avi\nBars/v_Bars_g07_c01.avi\nNoise/v_Noise_g08_c01.avi\n");
        string[] before = Files();
        string[] arguments = [Script, "--ucf101", "ucf", "--set", "mine=own", "--work", "work", "--inception", "random:1", "--models", "linear convnet-gru",
            "--seeds", "2", "--frames", "4", "--side", "75", "--epochs", "1"];

        (int exitCode, string output, string errors) = Run(arguments);

        Assert.True(exitCode == 0, errors);
        Assert.Contains("### ucf101\n\n2 classes, 10 clips to train on, 3 to test on.\n", output, StringComparison.Ordinal);
        Assert.Contains("### mine\n", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split("| chance | | | 0.500 |").Length - 1);
        // Of classes with as many clips to train on the first by name.
        Assert.Contains("| the majority | | | 0.667 | | |", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split("| linear | as the recipe says | 2 | **").Length - 1);
        Assert.Equal(2, output.Split("| convnet-gru | at most 1 epochs | 2 | **").Length - 1);
        Assert.Equal(before, Files());
        // Right and all, of as many test clips as there are.
        Assert.All(File.ReadAllLines(_folder.File("work", "ucf101", "results.tsv")), l => Assert.Equal("3", l.Split('\t')[4]));

        (exitCode, string again, errors) = Run(arguments);
        Assert.Equal((0, output, ""), (exitCode, again, errors));
        // A seed more is a run more for each.
        (exitCode, again, errors) = Run([.. arguments, "--seeds", "3"]);
        Assert.True(exitCode == 0, errors);
        Assert.Equal(4, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("| linear | as the recipe says | 3 | **", again, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Bad_arguments_get_one_line()
    {
        Skip.IfNot(File.Exists("/bin/bash"), "no bash here");
        Assert.Equal((2, "", "accuracy.sh: nowhere: no such folder\n"), Run([Script, "--ucf101", "nowhere"]));
        Assert.Equal((2, "", "accuracy.sh: --set takes NAME=DIR, not own\n"), Run([Script, "--set", "own"]));
        Assert.StartsWith("Usage: accuracy.sh ", Run([Script]).Errors, StringComparison.Ordinal);
    }

    private (int ExitCode, string Output, string Errors) Run(string[] arguments) =>
        Tool.Bash(_folder.Path, arguments, ("VLSTM", Tool.Install(_folder.File("tool"))));

    private void Clips(string folder, string extension, Func<string, string, int, string> path)
    {
        foreach (string name in (string[])["Bars", "Noise"])
        {
            for (int i = 1; i <= 8; i++)
            {
                Tool.Draw(_folder.File(folder, path(i > 5 ? "test" : "train", name, i) + "." + extension),
                    name == "Bars" ? $"testsrc=s=64x48:r=10,hue=h={i * 9}" : $"cellauto=s=64x48:r=10:rule=30:random_seed={i}", 6);
            }
        }
    }

    private string[] Files() =>
        [.. ((string[])["ucf", "own"]).SelectMany(f => Directory.GetFiles(_folder.File(f), "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal)];
}
