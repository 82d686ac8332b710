using System.Text.Json;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Models that Keras saved (tests/references/keras_models.py), used as they are.</summary>
public sealed class KerasModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KerasModelTests()
    {
        foreach (string name in (string[])["keras2_lstm.hdf5", "keras3_cnn_rnn.keras", "keras3_any_length.h5", "tfkeras_bidirectional.h5"])
            File.Copy(Path.Combine(TestAssets.Repository, "tests", "VideoLstm.Core.Tests", "Models", "Fixtures", name), _folder.File(name));
        Tool.Draw(_folder.File("v.mp4"), "testsrc=s=64x48:r=10", 10);
    }

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("cpu")]
    [InlineData("torch")]
    public void A_model_labels_a_video_and_so_does_what_it_is_converted_to(string device)
    {
        Tool.Use(device);
        string[] said = ["--size", "75x80", "--inception", "random:1"];
        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, ["classify", "4", "3", "keras2_lstm.hdf5", "v.mp4", "--classes", "Ads, Football ,Tennis", .. said]);
        Assert.Equal(0, exitCode);
        Assert.Contains("10 frames in 3 windows", output, StringComparison.Ordinal);
        Assert.Contains("note: keras2_lstm.hdf5: a model of Keras 2.1.6; its classes are Ads, Football, Tennis, in this order: as given", errors, StringComparison.Ordinal);
        Assert.Contains("pictures of 75 x 80 (height x width), resized, 4 successive frames a window", errors, StringComparison.Ordinal);

        string converted = Tool.Succeed(_folder.Path, ["weights", "convert", "keras2_lstm.hdf5", "--classes", "Ads,Football,Tennis", .. said]);
        Assert.Contains("keras2_lstm.bin: classifier (lstm) of Ads, Football, Tennis", converted, StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "keras2_lstm.bin: is there already", ["weights", "convert", "keras2_lstm.hdf5", "--classes", "Ads,Football,Tennis", .. said]);
        string again = Tool.Succeed(_folder.Path, "classify", "4", "3", "keras2_lstm.bin", "v.mp4");
        Assert.Equal(output.Split('\n')[..3], again.Split('\n')[..3]);
        string info = Tool.Succeed(_folder.Path, "info", "keras2_lstm.bin");
        Assert.Contains("classifier (lstm, 2 units, hard sigmoid)", info, StringComparison.Ordinal);
        Assert.Contains("Keras 2.1.6", info, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch", info, StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "is another network", "classify", "4", "3", "keras2_lstm.bin", "v.mp4", "--inception", "random:2");
        Tool.Refuse(_folder.Path, 2, "says itself what it is", "classify", "4", "3", "keras2_lstm.bin", "v.mp4", "--classes", "A,B,C");

        // One that no recipe describes, for sequences of the length that is asked for.
        Tool.Succeed(_folder.Path, ["weights", "convert", "keras3_any_length.h5", "--output", "any.bin", "--classes", "A,B,C", "--seq-length", "5", .. said]);
        Assert.Contains("classifier (lstm 2 - dense 3)", Tool.Succeed(_folder.Path, "info", "any.bin"), StringComparison.Ordinal);
        Assert.Contains("10 frames in 2 windows", Tool.Succeed(_folder.Path, "classify", "5", "3", "any.bin", "v.mp4"), StringComparison.Ordinal);
        Assert.Contains("10 frames in 2 windows", Tool.Succeed(_folder.Path, ["classify", "5", "3", "keras3_any_length.h5", "v.mp4", "--classes", "A,B,C", .. said]), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("cpu")]
    [InlineData("torch")]
    public void A_model_is_judged_by_the_clips_whose_list_names_its_classes(string device)
    {
        Tool.Use(device);
        string[] names = ["train/Bars/a", "train/Noise/b", "test/Bars/c", "test/Noise/d", "test/Zebra/e", "train/Zebra/f"];
        for (int i = 0; i < names.Length; i++)
            Tool.Draw(_folder.File("data", names[i] + ".mp4"), $"testsrc=s=64x48:r=10,hue=h={20 * i}", i == 2 ? 3 : 9);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        // It knows what padding is: also the clip of three frames counts.
        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, "evaluate", "keras3_cnn_rnn.keras", "--size", "75x75", "--inception", "random:1", "--json");
        Assert.Equal(0, exitCode);
        Assert.Equal(3, JsonDocument.Parse(output).RootElement.GetProperty("clips").GetInt32());
        Assert.Contains("its classes are Bars, Noise, Zebra, in this order: those of data/data_file.csv, by name", errors.Replace('\\', '/'), StringComparison.Ordinal);

        (exitCode, output, errors) = Tool.Run(_folder.Path, "evaluate", "tfkeras_bidirectional.h5", "--size", "75x75", "--inception", "random:1", "--set", "all", "--report", "page.html");
        Assert.Equal(1, exitCode);
        Assert.Contains("the first 2 of the 3 of", errors, StringComparison.Ordinal);
        Assert.Contains("clips of Zebra are left out", errors, StringComparison.Ordinal);
        Assert.Contains("shorter than the sequence", errors, StringComparison.Ordinal);
        Assert.Contains("of 3)", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("page.html")));
    }

    [Fact]
    public void Training_goes_on_where_Keras_ended()
    {
        foreach (string name in (string[])["train/A/a", "train/B/b", "train/C/c", "test/A/d", "test/B/e", "test/C/f"])
            Tool.Draw(_folder.File("data", name + ".mp4"), $"testsrc=s=64x48:r=10,hue=h={10 * name[^1]}", 4);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        string[] train = ["train", "4", "3", "75", "75", "--inception", "random:1", "--epochs", "1", "--learning-rate", "1e-12", "--from", "keras2_lstm.hdf5"];
        Tool.Refuse(_folder.Path, 2, "keras2_lstm.hdf5: expected tensor lstm/kernel of shape [2048, 8192], found [2048, 8]; give its --units", train);
        (int exitCode, string output, string errors) = Tool.Run(_folder.Path, [.. train, "--units", "2"]);
        Assert.Equal(0, exitCode);
        Assert.Contains("a model of Keras 2.1.6; its classes are taken to be A, B, C, in this order", errors, StringComparison.Ordinal);
        string checkpoint = output.TrimEnd().Split('\n')[^1].Split(' ')[4];
        Assert.Contains("hard sigmoid", Tool.Succeed(_folder.Path, "info", checkpoint), StringComparison.Ordinal);
        double[] before = Losses("keras2_lstm.hdf5", "--size", "75x75", "--inception", "random:1"), after = Losses(checkpoint);
        Assert.Equal(3, before.Length);
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-5));

        double[] Losses(params string[] arguments) => [.. JsonDocument.Parse(Tool.Succeed(_folder.Path, ["evaluate", .. arguments, "--json"])).RootElement
            .GetProperty("predictions").EnumerateArray().Select(p => p.GetProperty("loss").GetDouble())];
    }

    [Fact]
    public void Info_says_what_a_model_is_and_what_it_lacks()
    {
        string info = Tool.Succeed(_folder.Path, "info", "keras3_cnn_rnn.keras");
        Assert.Contains("Keras archive, a model of Keras 3.3.3", info, StringComparison.Ordinal);
        Assert.Contains("gru, 4 units; 3 classes, whose names are not in the file", info, StringComparison.Ordinal);
        Assert.Contains("6 frames, features of InceptionV3, with a mask", info, StringComparison.Ordinal);
        Assert.Contains("any number of frames", Tool.Succeed(_folder.Path, "info", "keras3_any_length.h5"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("give them in the order of its outputs with --classes A,B,...", "classify", "4", "3", "keras2_lstm.hdf5", "v.mp4", "--inception", "random:1")]
    [InlineData("expected 3 names", "classify", "4", "2", "keras2_lstm.hdf5", "v.mp4", "--classes", "A,B")]
    [InlineData("was trained with seq_length 4, not 5", "classify", "5", "3", "keras2_lstm.hdf5", "v.mp4", "--classes", "A,B,C")]
    [InlineData("--size must be HEIGHTxWIDTH", "classify", "4", "3", "keras2_lstm.hdf5", "v.mp4", "--classes", "A,B,C", "--size", "75")]
    [InlineData("say which it learnt with --seq-length N", "evaluate", "keras3_any_length.h5", "--classes", "A,B,C")]
    [InlineData("--sampling must be even, stride or head", "evaluate", "keras2_lstm.hdf5", "--sampling", "sliding")]
    [InlineData("is the file itself", "weights", "convert", "keras2_lstm.hdf5", "--classes", "A,B,C", "--output", "keras2_lstm.hdf5")]
    public void What_is_not_known_is_asked_for_in_one_line(string text, params string[] arguments) => Tool.Refuse(_folder.Path, 2, text, arguments);
}
