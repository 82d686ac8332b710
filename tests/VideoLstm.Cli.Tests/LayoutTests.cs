using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Clips that lie otherwise than in data/{train,test}/&lt;Class&gt;/.</summary>
public sealed class LayoutTests : IDisposable
{
    private static readonly string[] Features = ["extract-features", "4", "2", "75", "75", "--inception", "random:1"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_a_class_is_divided_and_divided_anew_without_new_work()
    {
        foreach (string name in (string[])["Bars/a", "Bars/b", "Bars/c", "Noise/d", "Noise/e", "Noise/f"])
            Draw(name + ".mp4");
        string[] split = ["extract-files", "mp4", "--split", "0.33", "--seed"];
        Assert.Contains("6 clips extracted, 0 were done, 0 failed; 48 frames of 6 clips", Tool.Succeed(_folder.Path, [.. split, "1"]), StringComparison.Ordinal);
        Assert.Equal(8, Directory.GetFiles(_folder.File("data", "Bars"), "a-*.jpg").Length);
        string[] first = Rows();
        Assert.Equal(2, first.Count(r => r.StartsWith("test,", StringComparison.Ordinal)));
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);

        string[] second = first;
        for (int seed = 2; second.SequenceEqual(first); seed++)
        {
            Assert.Contains("0 clips extracted, 6 were done, 0 failed; 48 frames of 6 clips", Tool.Succeed(_folder.Path, [.. split, $"{seed}"]), StringComparison.Ordinal);
            second = Rows();
        }
        Assert.Equal(["a", "b", "c", "d", "e", "f"], second.Select(r => r.Split(',')[2]).Order(StringComparer.Ordinal));
        Assert.Contains("0 sequences taken, 6 were done", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);

        Directory.CreateDirectory(_folder.File("data", "train", "x"));
        Tool.Refuse(_folder.Path, 2, "divided already", [.. split, "1"]);
    }

    [Fact]
    public void Lists_as_of_Keras_example_say_what_there_is()
    {
        foreach (string name in (string[])["train/v a.avi", "train/v_b.avi", "train/v_c.avi", "test/v_d.avi", "elsewhere/v_e.avi"])
            Draw(name);
        File.WriteAllText(_folder.File("train.csv"), "video_name,tag\r\nv a.avi,Bars\r\nv_b.avi,Noise\r\nv_c.avi\r\n");
        File.WriteAllText(_folder.File("test.csv"), "video_name,tag\nv_d.avi,Bars\nv_e.avi,Noise\nv_f.avi,Noise\n");
        string[] files = ["extract-files", "avi", "--train-list", "train.csv", "--test-list", "test.csv"];
        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, files);
        Assert.Equal(1, exitCode);
        Assert.Contains("4 clips extracted, 0 were done, 2 failed", output, StringComparison.Ordinal);
        Assert.Equal(["failed: test.csv, line 4: there is no clip v_f.avi (*.avi) in data", "failed: train.csv, line 4: expected 2 fields as in the first row, found 1: `v_c.avi`"], errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["train,Bars,v a,8", "train,Noise,v_b,8", "test,Bars,v_d,8", "test,Noise,v_e,8"], Rows());
        Assert.Contains("test,Noise,v_e,elsewhere/v_e.avi,", File.ReadAllText(_folder.File("data", "clip_files.csv")), StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("data", "elsewhere", "v_e-0008.jpg")));
        Assert.Contains("4 sequences taken", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);

        // On the other side, and one clip less: what is done stays done.
        File.WriteAllText(_folder.File("train.csv"), "video_name,tag\nv_d.avi,Bars\nv_e.avi,Noise\n");
        File.WriteAllText(_folder.File("test.csv"), "video_name,tag\nv a.avi,Bars\n");
        Assert.Contains("0 clips extracted, 3 were done, 0 failed; 24 frames of 3 clips", Tool.Succeed(_folder.Path, files), StringComparison.Ordinal);
        Assert.Equal(["train,Bars,v_d,8", "train,Noise,v_e,8", "test,Bars,v a,8"], Rows());
        Assert.Contains("0 sequences taken, 3 were done", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_as_of_UCF101_and_HMDB51_are_understood()
    {
        foreach (string name in (string[])["A/v_A_g08_c01.avi", "A/v_A_g01_c01.avi", "B/#1 (b)&!.avi", "B/b;2.avi"])
            Draw(name);
        File.WriteAllText(_folder.File("lists", "classInd.txt"), "1 A\r\n2 B\r\n");
        File.WriteAllText(_folder.File("lists", "trainlist01.txt"), "A/v_A_g08_c01.avi 1\r\nB/#1 (b)&!.avi 2\r\n");
        File.WriteAllText(_folder.File("lists", "testlist01.txt"), "A/v_A_g01_c01.avi\r\nB\\b;2.avi\r\n");
        string[] expected = ["train,A,v_A_g08_c01,8", "train,B,#1 (b)&!,8", "test,A,v_A_g01_c01,8", "test,B,b;2,8"];
        Tool.Succeed(_folder.Path, "extract-files", "avi", "--no-images", "--train-list", "lists/trainlist01.txt", "--test-list", "lists/testlist01.txt", "--class-list", "lists/classInd.txt");
        Assert.Equal(expected, Rows());
        Assert.Contains("4 sequences taken", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);

        foreach ((string split, string[] sides) in ((string, string[])[])[("1", ["1", "2", "1", "2"]), ("2", ["2", "1", "0", "1"])])
        {
            File.WriteAllText(_folder.File("lists", $"A_test_split{split}.txt"), $"v_A_g08_c01.avi {sides[0]} \nv_A_g01_c01.avi {sides[1]} \n");
            File.WriteAllText(_folder.File("lists", $"B_test_split{split}.txt"), $"#1 (b)&!.avi {sides[2]} \nb;2.avi {sides[3]} \n");
        }
        Tool.Succeed(_folder.Path, "extract-files", "avi", "--no-images", "--split-list", "lists/A_test_split1.txt", "lists/B_test_split1.txt");
        Assert.Equal(expected, Rows());
        Tool.Succeed(_folder.Path, "extract-files", "avi", "--no-images", "--split-list", "lists/*_test_split2.txt");
        Assert.Equal(["train,A,v_A_g01_c01,8", "train,B,b;2,8", "test,A,v_A_g08_c01,8"], Rows());
        Tool.Refuse(_folder.Path, 2, "splits 1, 2", "extract-files", "avi", "--split-list", "lists/*split*.txt");
    }

    [Fact]
    public void A_pattern_says_where_clips_lie_and_what_they_are()
    {
        foreach (string name in (string[])["videos/v_Bars_g1.avi", "videos/v_Bars_g2.avi", "videos/v_Noise_g1.avi", "videos/more/v_Noise_g2.avi", "videos/w_Noise_g3.avi", "v_Other_g1.avi"])
            Draw(name);
        string[] pattern = ["extract-files", "avi", "--no-images", "--pattern", "videos/**/v_{classname}_g*.avi", "--split", "0.5"];
        Assert.Contains("4 clips counted, 0 were done, 0 failed", Tool.Succeed(_folder.Path, pattern), StringComparison.Ordinal);
        string[] rows = Rows();
        Assert.Equal(["Bars", "Bars", "Noise", "Noise"], rows.Select(r => r.Split(',')[1]).Order(StringComparer.Ordinal));
        Assert.Equal(["Bars", "Noise"], rows.Where(r => r.StartsWith("test,", StringComparison.Ordinal)).Select(r => r.Split(',')[1]));
        Assert.Contains("4 sequences taken", Tool.Succeed(_folder.Path, Features), StringComparison.Ordinal);
        Assert.Contains("0 clips counted, 2 were done", Tool.Succeed(_folder.Path, [.. pattern, "--classes", "Bars"]), StringComparison.Ordinal);
        Assert.Equal(4, Rows().Length);

        Draw("own/Train/Bars/a.mp4");
        Draw("own/test/Bars/b.mp4");
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images", "--pattern", "./own/{set}/{classname}/?.mp4");
        Assert.Equal(["train,Bars,a,8", "test,Bars,b,8"], Rows());
        Tool.Refuse(_folder.Path, 2, "no *.mp4 clip", "extract-files", "mp4", "--pattern", "own/{set}/{classname}/x*.mp4");
    }

    [Theory]
    [InlineData("expected {classname} once", "--pattern", "videos/*.mp4", "--split", "0.5")]
    [InlineData("and {set} at most once", "--pattern", "{set}/{classname}/{set}.mp4")]
    [InlineData("nothing says which clips are for the test", "--pattern", "videos/{classname}/*.mp4")]
    [InlineData("leave --split out", "--pattern", "{set}/{classname}/*.mp4", "--split", "0.5")]
    [InlineData("begin in the data folder", "--pattern", "/videos/{classname}/*.mp4", "--split", "0.5")]
    [InlineData("stay in it", "--pattern", "../{classname}/*.mp4", "--split", "0.5")]
    [InlineData("give --pattern or lists", "--pattern", "{classname}/*.mp4", "--train-list", "a.csv", "--test-list", "b.csv")]
    [InlineData("--split must be above 0 and below 1, not 1.", "--split", "1")]
    [InlineData("--split must be above 0 and below 1, not NaN.", "--split", "NaN")]
    [InlineData("as expected a number", "--split", "third")]
    [InlineData("--seed goes with --split", "--seed", "1")]
    [InlineData("--seed must be at least 0", "--split", "0.5", "--seed", "-1")]
    [InlineData("go together", "--train-list", "a.csv")]
    [InlineData("go together", "--test-list", "a.csv")]
    [InlineData("goes with --train-list", "--class-list", "a.txt")]
    [InlineData("give one of", "--split", "0.5", "--split-list", "a.txt")]
    [InlineData("a.csv: no such file", "--train-list", "a.csv", "--test-list", "b.csv")]
    [InlineData("no such files", "--split-list", "*_test_split1.txt")]
    public void Options_that_do_not_fit_are_refused(string text, params string[] options) =>
        Tool.Refuse(_folder.Path, 2, text, ["extract-files", "mp4", .. options]);

    private string[] Rows() => File.ReadAllText(_folder.File("data", "data_file.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    private void Draw(string name) => Tool.Draw(_folder.File(["data", .. name.Split('/')]), $"cellauto=s=64x48:r=10:rule=30:random_seed={name.Length + name[^5]}", 8);
}
