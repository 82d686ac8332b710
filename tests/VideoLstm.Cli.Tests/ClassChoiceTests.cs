using System.Text.Json;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Which classes are learnt, and what is said of how well, as a user asks for it.</summary>
public sealed class ClassChoiceTests : IDisposable
{
    private static readonly string[] Weights = ["--inception", "random:1"];
    private static readonly string[] Quick = [.. Weights, "--model", "mlp", "--units", "8", "--epochs", "2"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Named_classes_are_taken_instead_of_the_first_ones()
    {
        DrawClips("A", "B", "C");
        Assert.Contains("4 clips counted", Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images", "--classes", "C,A"), StringComparison.Ordinal);
        Assert.Equal(["A", "C", "A", "C"], Rows().Select(r => r.Split(',')[1]));
        // What is listed of others stays.
        Assert.Contains("2 clips counted", Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images", "--classes", "B"), StringComparison.Ordinal);
        Assert.Equal(6, Rows().Length);
        Tool.Refuse(_folder.Path, 2, "no *.mp4 clip of class D", "extract-files", "mp4", "--classes", "A,D");

        Assert.Contains("4 sequences taken", Tool.Succeed(_folder.Path, ["extract-features", "4", "75", "75", "--classes", "C,A", .. Weights]), StringComparison.Ordinal);
        Assert.Matches(@"^2 sequences taken \(.*\), 4 were done", Tool.Succeed(_folder.Path, ["extract-features", "4", "all", "75", "75", .. Weights]));
        string trained = Tool.Succeed(_folder.Path, ["train", "4", "75", "75", "--classes", "C,A", .. Quick]);
        Assert.Contains("; classes C, A\n", trained, StringComparison.Ordinal);
        Assert.Contains("baselines: majority 0.500, random 0.500", trained, StringComparison.Ordinal);
        Assert.Contains("vlstm classify 4 2 ", trained, StringComparison.Ordinal);
        Assert.DoesNotContain("top5", trained, StringComparison.Ordinal);
        // With their number too, and others by the number alone.
        Assert.Contains("; classes B, C\n", Tool.Succeed(_folder.Path, ["train", "4", "2", "75", "75", "--classes", "B, C", .. Quick]), StringComparison.Ordinal);
        Assert.Contains("; classes A, B\n", Tool.Succeed(_folder.Path, ["train", "4", "2", "75", "75", .. Quick]), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "lists no class X; there are A, B, C", ["train", "4", "75", "75", "--classes", "A,X", .. Quick]);
    }

    [Fact]
    public void Of_more_than_five_classes_accuracy_among_the_five_likeliest_is_told()
    {
        DrawClips("A", "B", "C", "D", "E", "F");
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        string[] trained = Tool.Succeed(_folder.Path, ["train", "4", "all", "75", "75", .. Quick]).Split('\n');
        Assert.Contains(" epoch     loss    acc   top5  val_loss  val_acc  val_top5  seconds", trained);
        Assert.Equal(2, trained.Count(l => System.Text.RegularExpressions.Regex.IsMatch(l, @"^     [12]( +\d+\.\d+){7}")));
        Assert.Contains(trained, l => System.Text.RegularExpressions.Regex.IsMatch(l, @"test accuracy [01]\.\d{3} \([0-6] of 6; top 5 [01]\.\d{3}; majority 0\.167, random 0\.167\)$"));
        string best = trained[^2].Split(' ')[4];
        Assert.EndsWith("; majority 0.167, random 0.167", Tool.Succeed(_folder.Path, "evaluate", best).Split('\n')[0], StringComparison.Ordinal);
        JsonElement measures = JsonDocument.Parse(Tool.Succeed(_folder.Path, "evaluate", best, "--json", "--report", "page.html")).RootElement;
        Assert.Equal(1.0 / 6, measures.GetProperty("baselines").GetProperty("majority").GetDouble(), 9);
        Assert.Equal(1.0 / 6, measures.GetProperty("baselines").GetProperty("random").GetDouble(), 9);
        Assert.Contains("majority 16.7%, random 16.7%", File.ReadAllText(_folder.File("page.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("width is missing", "train", "75", "720", "1280")]
    [InlineData("height and width are missing", "train", "75", "2")]
    [InlineData("width is missing", "extract-features", "75", "720", "1280")]
    [InlineData("class_limit is missing", "extract-features", "75")]
    [InlineData("height and width are missing", "train", "75", "--classes", "A,B")]
    [InlineData("height must be 75 to 4096 pixels, not 2", "train", "75", "2", "720", "--classes", "A,B")]
    [InlineData("class_limit must be a whole number, at least 1, or `all`, not none", "train", "75", "none", "720", "1280")]
    [InlineData("class_limit must be a whole number", "train", "75", "0", "720", "1280")]
    [InlineData("--classes names 2 classes, class_limit is 3", "train", "75", "3", "720", "1280", "--classes", "A,B")]
    [InlineData("--classes names 2 classes, class_limit is all", "train", "75", "all", "720", "1280", "--classes", "A,B")]
    [InlineData("height must be 75 to 4096 pixels, not 20", "train", "75", "20", "720", "--classes", "A,B")]
    [InlineData("--classes names A twice", "train", "75", "720", "1280", "--classes", "A,B,A")]
    [InlineData("--classes must be names of classes", "extract-files", "mp4", "--classes", "A,,B")]
    [InlineData("--keep goes with --checkpoint best", "train", "75", "2", "720", "1280", "--checkpoint", "each-epoch", "--keep", "2")]
    [InlineData("--cval goes with --fill-mode constant", "train", "75", "2", "720", "1280", "--cval", "3", "--fill-mode", "wrap")]
    [InlineData("--reduce-lr-on-plateau must be 0, or 1e-6 to 0.999999, not 1", "train", "75", "2", "720", "1280", "--reduce-lr-on-plateau", "1")]
    public void Arguments_that_do_not_fit_are_refused(string text, params string[] arguments) => Tool.Refuse(_folder.Path, 2, text, arguments);

    private void DrawClips(params string[] classes)
    {
        foreach (string name in classes.SelectMany(c => (string[])[$"train/{c}/{c}1", $"test/{c}/{c}2"]))
            Tool.Draw(_folder.File(["data", .. (name + ".mp4").Split('/')]), $"cellauto=s=64x48:r=10:rule=30:random_seed={name[^2] + name[^1]}", 5);
    }

    private string[] Rows() => File.ReadAllText(_folder.File("data", "data_file.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
}
