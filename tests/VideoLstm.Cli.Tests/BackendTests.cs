using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Compute;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Every verb runs with another backend than the engine's, and gives the same but for rounding.</summary>
[Collection(nameof(BackendTests))]
[CollectionDefinition(nameof(BackendTests), DisableParallelization = true)]
public sealed class BackendTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_verbs_run_with_plain_loops_and_agree_with_the_engine()
    {
        EndToEndTests.DrawClips(_folder.Path);
        Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
        string data = _folder.File("data"), video = _folder.File("long.mp4");
        string[] network = ["--inception", "random:1", "--data", data], train = ["train", "2", "2", "75", "75", "--model", "mlp", "--units", "6", "--epochs", "3", "--learning-rate", "1e-4", .. network];
        await RunAsync(new PlainBackend(), 0, "extract-files", "mp4", "--data", data);

        Assert.Contains("6 sequences taken", await RunAsync(new PlainBackend(), 0, ["extract-features", "2", "2", "75", "75", .. network]), StringComparison.Ordinal);
        string said = await RunAsync(new PlainBackend(), 0, train);
        string classifier = said.TrimEnd().Split('\n')[^1].Split(' ')[4];
        JsonElement plain = JsonDocument.Parse(await RunAsync(new PlainBackend(), 0, "evaluate", classifier, "--data", data, "--json")).RootElement;
        string labels = await RunAsync(new PlainBackend(), 0, ["classify", "2", "2", classifier, video, "--output", _folder.File("result.avi"), "--json", .. network]);
        Assert.True(File.Exists(_folder.File("result.avi")));

        // What computed it is known of everything. Features of another backend are used as they are, and never mixed.
        Assert.Contains("mlp-plain-training-2-2-75x75-", Assert.Single(Directory.GetDirectories(Path.Combine(data, "logs"))), StringComparison.Ordinal);
        Assert.Contains("\"backend\":\"plain\"", Tool.Succeed(_folder.Path, "info", Path.Combine(data, "sequences", "a-2-features.npy")), StringComparison.Ordinal);
        await RunAsync(new CpuBackend(), 0, [.. train, "--seed", "2"]);
        Assert.Contains(Directory.GetDirectories(Path.Combine(data, "logs")), f => Path.GetFileName(f).StartsWith("mlp-training-2-2-75x75-", StringComparison.Ordinal));
        string further = await RunAsync(new CpuBackend(), 0, [.. train.Select(a => a == "3" ? "5" : a), "--resume"]);
        Assert.DoesNotContain("\n     3  ", further, StringComparison.Ordinal);
        Assert.Contains("\n     4  ", further, StringComparison.Ordinal);
        File.Delete(Path.Combine(data, "sequences", "b-2-features.npy"));
        Assert.Contains("a-2-features.npy: this and 4 other sequences were not computed by cpu", await RunAsync(new CpuBackend(), 2, train), StringComparison.Ordinal);

        // The engine, with features of its own, from the same first weights and the same dropout.
        string[] elsewhere = ["--work", _folder.File("work")];
        await RunAsync(new CpuBackend(), 0, ["extract-files", "mp4", "--data", data, .. elsewhere]);
        AssertNear(Losses(said), Losses(await RunAsync(new CpuBackend(), 0, [.. train, .. elsewhere])));
        JsonElement engine = JsonDocument.Parse(await RunAsync(new CpuBackend(), 0, ["evaluate", classifier, "--data", data, "--json", .. elsewhere])).RootElement;
        AssertNear(Probabilities(plain), Probabilities(engine));
        string asEngine = await RunAsync(new CpuBackend(), 0, ["classify", "2", "2", classifier, video, "--no-video", "--json", .. network]);
        Assert.Equal(Segments(labels), Segments(asEngine));
    }

    [Fact]
    public async Task What_a_backend_has_not_is_refused_in_one_line()
    {
        EndToEndTests.DrawClips(_folder.Path);
        string data = _folder.File("data");
        string[] network = ["--inception", "random:1", "--data", data];
        await RunAsync(new PlainBackend(), 0, "extract-files", "mp4", "--data", data);
        foreach (string precision in (string[])["int8", "half"])
            AssertRefused($"precision {precision}: plain takes no features with it; it has float; half is for", await RunAsync(
                new PlainBackend(), 2, ["extract-features", "2", "2", "75", "75", "--precision", precision, .. network]));
        AssertRefused("precision half: cpu takes no features with it; it has float, int8; half is for --device cuda", await RunAsync(
            new CpuBackend(), 2, ["extract-features", "2", "2", "75", "75", "--precision", "half", .. network]));
        AssertRefused("plain loops", await RunAsync(new PlainBackend(), 2, ["train", "2", "2", "75", "75", "--model", "gru", .. network]));
    }

    private static void AssertNear(double[] expected, double[] actual)
    {
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    private static double[] Losses(string training) =>
        [.. training.Split('\n').Where(l => l.EndsWith("saved", StringComparison.Ordinal)).Select(l => double.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))];

    private static double[] Probabilities(JsonElement evaluation) =>
        [.. evaluation.GetProperty("predictions").EnumerateArray().SelectMany(p => p.GetProperty("probabilities").EnumerateObject().Select(c => c.Value.GetDouble()))];

    private static string Segments(string classification) =>
        string.Join(' ', JsonDocument.Parse(classification).RootElement.GetProperty("segments").EnumerateArray().Select(s => $"{s.GetProperty("start")} {s.GetProperty("class")}"));

    private static void AssertRefused(string why, string errors)
    {
        string line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            l => !l.StartsWith("note: ", StringComparison.Ordinal));
        Assert.StartsWith("vlstm: ", line, StringComparison.Ordinal);
        Assert.Contains(why, line, StringComparison.Ordinal);
    }

    // In this process, as the program does it: what it prints, or, when it fails, what it complains of.
    private static async Task<string> RunAsync(IBackend backend, int exitCode, params string[] arguments)
    {
        (TextWriter before, TextWriter beforeErrors) = (Console.Out, Console.Error);
        using StringWriter output = new(CultureInfo.InvariantCulture), errors = new(CultureInfo.InvariantCulture);
        try
        {
            Console.SetOut(output);
            Console.SetError(errors);
            Assert.Equal(exitCode, await CommandLine.RunAsync(arguments, backend));
        }
        finally
        {
            Console.SetOut(before);
            Console.SetError(beforeErrors);
        }
        return (exitCode == 0 ? output : errors).ToString();
    }
}
