using System.Net;
using System.Net.Sockets;
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
        Assert.Equal(2, output.Split("| chance | | | | 0.500 |").Length - 1);
        // Of classes with as many clips to train on the first by name.
        Assert.Contains("| the majority | | | | 0.667 | | |", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split("| linear | inception | as the recipe says | 2 | **").Length - 1);
        Assert.Equal(2, output.Split("| convnet-gru |  | `--epochs 1` | 2 | **").Length - 1);
        Assert.Equal(before, Files());
        // Right and all, of as many test clips as there are.
        Assert.All(File.ReadAllLines(_folder.File("work", "ucf101", "results.tsv")), l => Assert.Equal("3", l.Split('\t')[5]));

        (exitCode, string again, errors) = Run(arguments);
        Assert.Equal((0, output, ""), (exitCode, again, errors));
        // When the time is over what is left is said, and the tables are of what there is.
        (exitCode, string early, errors) = Run([.. arguments, "--seeds", "3", "--minutes", "0"]);
        Assert.Equal((0, output, "accuracy.sh: 0 minutes are over, 4 runs are left; the same line goes on with them\n"), (exitCode, early, errors));
        // A seed more is a run more for each.
        (exitCode, again, errors) = Run([.. arguments, "--seeds", "3"]);
        Assert.True(exitCode == 0, errors);
        Assert.Equal(4, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("| linear | inception | as the recipe says | 3 | **", again, StringComparison.Ordinal);
    }

    /// <summary>A download that breaks goes on where it broke; what is not what was published is thrown away.</summary>
    [SkippableFact]
    public void Published_sets_are_downloaded_and_unpacked()
    {
        Skip.IfNot(((string[])["bash", "curl", "bsdtar"]).All(tool => File.Exists("/usr/bin/" + tool)), "no bash, curl or bsdtar here");
        Directory.CreateDirectory(_folder.File("top5", "train"));
        foreach (string set in (string[])["train", "test"])
        {
            File.WriteAllText(_folder.File("top5", set + ".csv"), ",video_name,tag\n" + string.Concat(from name in (string[])["Bars", "Noise"] from i in Enumerable.Range(1, 5) select $"{i},v_{name}_{set}{i}.avi,{name}\n"));
            foreach (string name in (string[])["Bars", "Noise"])
            {
                for (int i = 1; i <= 5; i++)
                    Tool.Draw(_folder.File("top5", set, $"v_{name}_{set}{i}.avi"), name == "Bars" ? $"testsrc=s=64x48:r=10,hue=h={i * 9}" : $"cellauto=s=64x48:r=10:rule=30:random_seed={i}", 6);
            }
        }
        Directory.CreateDirectory(_folder.File("web", "x"));
        Assert.Equal(0, Tool.Bash(_folder.Path, ["-c", "tar -C top5 -czf web/ucf101_top5.tar.gz train test train.csv test.csv; head -c 113943 /dev/zero > web/UCF101TrainTestSplits-RecognitionTask.zip"]).ExitCode);
        byte[] archive = File.ReadAllBytes(_folder.File("web", "ucf101_top5.tar.gz"));
        using var server = new BreakingServer(_folder.File("web"));
        string[] arguments = [Script, "--keras5", "keras5", "--fetch", "--mirror", server.Address, "--work", "work", "--inception", "random:1", "--models", "linear",
            "--seeds", "1", "--frames", "4", "--side", "75"];

        (int exitCode, _, string errors) = Fetch(arguments);
        Assert.Equal(2, exitCode);
        Assert.EndsWith($"accuracy.sh: {server.Address}/ucf101_top5.tar.gz: not to be had\n", errors, StringComparison.Ordinal);
        Assert.Equal(archive.Length / 2, new FileInfo(_folder.File("work", "downloads", "ucf101_top5.tar.gz.part")).Length);
        (exitCode, string output, errors) = Fetch(arguments);
        Assert.True(exitCode == 0, errors);
        Assert.Equal(["", $"bytes={archive.Length / 2}-"], server.Ranges);
        Assert.Equal(archive, File.ReadAllBytes(_folder.File("work", "downloads", "ucf101_top5.tar.gz")));
        Assert.Contains("### keras5\n\n2 classes, 10 clips to train on, 10 to test on.\n", output, StringComparison.Ordinal);

        Fetch([Script, "--ucf101", "ucf", "--fetch", "--mirror", server.Address, "--work", "work", "--models", ""]);
        (exitCode, _, errors) = Fetch([Script, "--ucf101", "ucf", "--fetch", "--mirror", server.Address, "--work", "work", "--models", ""]);
        Assert.Equal(2, exitCode);
        Assert.Contains("RecognitionTask.zip: expected 113943 bytes with SHA-256 5c0d1a53", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("ucf")));

        (int, string, string) Fetch(string[] words) =>
            Tool.Bash(_folder.Path, words, ("VLSTM", Tool.Install(_folder.File("tool"))), ("no_proxy", "127.0.0.1"));
    }

    [SkippableFact]
    public void Bad_arguments_get_one_line()
    {
        Skip.IfNot(File.Exists("/bin/bash"), "no bash here");
        Assert.Equal((2, "", "accuracy.sh: nowhere: no such folder\n"), Run([Script, "--ucf101", "nowhere"]));
        Assert.Equal((2, "", "accuracy.sh: --set takes NAME=DIR, not own\n"), Run([Script, "--set", "own"]));
        Assert.Equal((2, "", "accuracy.sh: own: two sets of this name would have one table; give the other one another\n"), Run([Script, "--set", "own=.", "--set", "own=.."]));
        Assert.Equal((2, "", "accuracy.sh: --minutes takes a whole number, not soon\n"), Run([Script, "--minutes", "soon"]));
        Assert.Equal((2, "", "accuracy.sh: --only-tuned: of which search? Give --tune TIME too\n"), Run([Script, "--set", "own=.", "--only-tuned"]));
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

    // Files of a folder; each breaks in its middle when it is asked for the first time.
    private sealed class BreakingServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<string> _ranges = [];
        private readonly HashSet<string> _seen = [];

        public BreakingServer(string folder)
        {
            _listener.Start();
            _ = Task.Run(async () =>
            {
                while (true)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    await using NetworkStream stream = client.GetStream();
                    using var reader = new StreamReader(stream, leaveOpen: true);
                    string name = (await reader.ReadLineAsync())!.Split(' ')[1], range = "";
                    while (await reader.ReadLineAsync() is { Length: > 0 } line)
                    {
                        if (line.StartsWith("Range: ", StringComparison.OrdinalIgnoreCase))
                            range = line["Range: ".Length..];
                    }
                    byte[] all = File.ReadAllBytes(folder + name);
                    int from = range.Length == 0 ? 0 : int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
                    _ranges.Add(range);
                    await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 {(from == 0 ? "200 OK" : $"206 Partial Content\r\nContent-Range: bytes {from}-{all.Length - 1}/{all.Length}")}\r\n" +
                        $"Content-Length: {all.Length - from}\r\nConnection: close\r\n\r\n"));
                    await stream.WriteAsync(all.AsMemory(from..(_seen.Add(name) ? all.Length / 2 : all.Length)));
                }
            });
        }

        public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public IReadOnlyList<string> Ranges => _ranges;

        public void Dispose() => _listener.Dispose();
    }
}
