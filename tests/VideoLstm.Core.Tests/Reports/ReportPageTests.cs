using System.Diagnostics;
using System.Text.RegularExpressions;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Core.Training;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Reports;

public sealed partial class ReportPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("'onmouseover='alert(1)")]
    [InlineData("</style></title><h1>&amp;")]
    [InlineData("<!-- ${1} {0} ]]>")]
    [InlineData("\ud800 lone, \u0001 control, \u202e turned round")]
    public void Names_are_text_and_never_markup(string name)
    {
        string hostile = Page(Content([name, "plain"], name, name)), harmless = Page(Content(["other", "plain"], "other", "other"));
        // Whatever the names, the page has the same tags with the same attributes.
        Assert.Equal(Tags(harmless), Tags(hostile));
        Assert.DoesNotContain("<script>alert", hostile, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", hostile, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0001', hostile);
    }

    [Fact]
    public void It_needs_no_other_file_and_no_network()
    {
        string page = Page(Content(["a", "b"], "x", "y"));
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        foreach (Match address in Address().Matches(page))
            Assert.StartsWith("data:", address.Groups["address"].Value, StringComparison.Ordinal);
        Assert.DoesNotContain("//", page.Replace(Script().Match(page).Value, "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(1000, 30)]
    public void Any_number_of_epochs_and_classes_is_shown(int epochs, int classes)
    {
        string page = Page(Content([.. Enumerable.Range(0, classes).Select(c => $"class {c}")], "run", "clip", epochs));
        Assert.Equal(epochs == 0 ? 0 : epochs == 1 ? 2 : 3, Regex.Count(page, "<figure "));
        Assert.Equal(epochs, Regex.Count(page, "<th scope=\"row\">[0-9]+</th>"));
        Assert.Equal(classes * classes, Regex.Count(page, "taken for class [0-9]+\">"));
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        foreach (Match points in Regex.Matches(page, "points=\"([^\"]*)\""))
            Assert.Equal(epochs, points.Groups[1].Value.Split(' ').Length);
    }

    [Fact]
    public void Clips_are_shown_worst_first_with_their_frames()
    {
        MadeClip.Make(_folder.File("test", "a", "good.mkv"), MadeClip.Counter(128, 72, "10", 9), "-c:v", "ffv1");
        MadeClip.Make(_folder.File("test", "a", "bad.mkv"), MadeClip.Counter(72, 128, "10", 9), "-c:v", "ffv1");
        string[] classes = ["a", "b"];
        string page = Page(new ReportContent
        {
            Title = "t",
            Summary = "s",
            Metrics = new ClassificationMetrics(classes, [.. ((string, float)[])[("good", 0.9f), ("gone", 0.6f), ("bad", 0.2f)] is var clips ? clips.Select(c => new ClipPrediction(new Clip(ClipSet.Test, "a", c.Item1, 9), 0, [c.Item2, 1 - c.Item2])) : []]),
        });
        Assert.Equal(["test/a/bad", "test/a/gone", "test/a/good"], Regex.Matches(page, "<h3><bdi>([^<]*)</bdi></h3>").Select(m => m.Groups[1].Value));
        Assert.Contains("no picture: test/a/gone: in data_file.csv, but there is neither clip nor JPEG frames", page, StringComparison.Ordinal);
        string[] pictures = [.. Regex.Matches(page, "src=\"data:image/jpeg;base64,([^\"]+)\"").Select(m => m.Groups[1].Value)];
        Assert.Equal(2, pictures.Length);
        // Frames 1, 4 and 7, side by side.
        string strip = _folder.File("strip.jpg");
        File.WriteAllBytes(strip, Convert.FromBase64String(pictures[1]));
        Assert.Equal("513,96", MadeClip.Probe(strip, "width,height"));
        using VideoLstm.Core.Media.FrameReader reader = VideoLstm.Core.Media.FrameReader.OpenPictures([strip], 96, 513);
        byte[] rgb = Assert.Single(MadeClip.ReadAll(reader, 96, 513)).Rgb;
        Assert.All(((int[])[1, 4, 7]).Select((frame, i) => (frame, i)), f => Assert.InRange(rgb[(48 * 513 + 85 + 171 * f.i) * 3], MadeClip.Grey(f.frame) - 3, MadeClip.Grey(f.frame) + 3));
    }

    [SkippableFact]
    public void A_browser_shows_it_without_an_error()
    {
        const string browser = "/usr/bin/chromium";
        Skip.IfNot(File.Exists(browser), "no chromium on this machine");
        string path = _folder.File("report.html");
        File.WriteAllText(path, Page(Content(["<b>a", "b", "c"], "x", "y", 12)));
        var start = new ProcessStartInfo(browser, ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--user-data-dir=" + _folder.File("profile", "x")[..^2], "--dump-dom", "file://" + path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string dom = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        // What a page's script throws, and what its policy forbids, is logged as CONSOLE.
        Assert.DoesNotContain("CONSOLE", errors.Result, StringComparison.Ordinal);
        // The script has run: it wrote the values of the best epoch.
        Assert.Contains("epoch 12: training 0.0833, validation 0.1667", dom, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;a", dom, StringComparison.Ordinal);
    }

    private string Page(ReportContent content)
    {
        string path = _folder.File("page.html");
        ReportPage.Write(path, content, new DataFolder(_folder.Path));
        return File.ReadAllText(path);
    }

    private static ReportContent Content(string[] classes, string title, string clip, int epochs = 5) => new()
    {
        Title = title,
        Summary = title,
        Epochs = [.. Enumerable.Range(1, epochs).Select(e => new EpochResult(e, 1.0 / e, 1 - 1.0 / e, 2.0 / e, 1 - 0.5 / e) { LearningRate = 1e-3 / e })],
        Metrics = new ClassificationMetrics(classes, [.. Enumerable.Range(0, 5).Select(i =>
        {
            float[] probabilities = new float[classes.Length];
            probabilities[i % classes.Length] = 1;
            return new ClipPrediction(new Clip(ClipSet.Test, classes[0], clip, 10), 0, probabilities);
        })]),
        Facts = [("Options", [(title, clip)])],
    };

    private static IEnumerable<string> Tags(string page) => Tag().Matches(page).Select(m => AttributeValue().Replace(m.Value, "=\"\""));

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("=\"[^\"]*\"")]
    private static partial Regex AttributeValue();

    [GeneratedRegex("(src|href)=\"(?<address>[^\"]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();

    [GeneratedRegex("<script>.*</script>", RegexOptions.Singleline)]
    private static partial Regex Script();
}
