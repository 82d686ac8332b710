using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>`vlstm export`, as a user types it.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_classifier_is_exported_in_all_ways_that_there_are()
    {
        string weights = Train("6 2 75 75 --inception random:1 --model lstm --units 8");
        string stem = weights[..^".bin".Length];
        foreach ((string arguments, string file, string output) in ((string, string, string)[])
        [
            ("--to onnx", stem + ".onnx", "features float32 [batch, 6, 2048]"),
            ("--to onnx --part extractor", stem + "-extractor.onnx", "frames uint8 [batch, 75, 75, 3]"),
            ("--to onnx --part both --output deep/er/x.onnx", "deep/er/x.onnx", "frames uint8 [6, 75, 75, 3]"),
            ("--to keras", stem + ".h5", "probabilities float32 [batch, 2]"),
            ("--to torch", stem + ".pth", $"model.load_state_dict(torch.load(\"{stem}.pth\"))"),
            ("--to torch --part extractor", stem + "-extractor.pth", "avg_pool2d, count_include_pad=False"),
        ])
        {
            string said = Tool.Succeed(_folder.Path, ["export", weights, .. arguments.Split(' ')]);
            Assert.Contains(output, said, StringComparison.Ordinal);
            Assert.True(new FileInfo(_folder.File(file)).Length > 100_000, file);
            byte[] first = File.ReadAllBytes(_folder.File(file));
            Tool.Succeed(_folder.Path, ["export", weights, .. arguments.Split(' ')]);
            Assert.Equal(first, File.ReadAllBytes(_folder.File(file)));
        }
        Assert.Contains("classes  Bars, Noise", Tool.Succeed(_folder.Path, "export", weights, "--to", "onnx"), StringComparison.Ordinal);
        // What we wrote, `info` reads.
        Assert.Contains("lstm/lstm_cell/recurrent_kernel:0  F32 [8, 32]", Tool.Succeed(_folder.Path, "info", stem + ".h5"), StringComparison.Ordinal);
        Assert.Contains("classes Bars, Noise", Tool.Succeed(_folder.Path, "info", stem + ".h5"), StringComparison.Ordinal);
        Tool.Draw(_folder.File("v.mp4"), "testsrc=s=64x48:r=10", 12);
        Assert.Contains("Bars: ", Tool.Succeed(_folder.Path, "classify", "6", "2", stem + ".h5", "v.mp4", "--no-video", "--data", "nowhere", "--size", "75x75", "--inception", "random:1"), StringComparison.Ordinal);
        Assert.Contains("lstm.weight_hh_l0  F32 [32, 8]", Tool.Succeed(_folder.Path, "info", stem + ".pth"), StringComparison.Ordinal);

        Tool.Refuse(_folder.Path, 2, "one part a file", "export", weights, "--to", "torch", "--part", "both");
        Tool.Refuse(_folder.Path, 2, "writes classifiers only", "export", weights, "--to", "keras", "--part", "extractor");
        Tool.Refuse(_folder.Path, 2, "is the classifier itself", "export", weights, "--to", "onnx", "--output", weights);
        Tool.Refuse(_folder.Path, 2, "is another network", "export", weights, "--to", "onnx", "--part", "both", "--inception", "random:2");
        Tool.Refuse(_folder.Path, 2, "one of its values", "export", weights, "--to", "caffe");
        Tool.Refuse(_folder.Path, 2, "--to", "export", weights);
        Tool.Refuse(_folder.Path, 2, "no such file", "export", "nothing.bin", "--to", "onnx");
        Tool.Refuse(_folder.Path, 2, "no classifier; give a classifier", "export", stem + ".pth", "--to", "onnx");
        // A Keras model is a classifier like any other, our own too.
        Assert.Contains("classes  Bars, Noise", Tool.Succeed(_folder.Path, "export", stem + ".h5", "--to", "onnx", "--output", "again.onnx"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.partial", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_classifier_that_sees_frames_has_no_extractor()
    {
        string weights = Train("2 2 80 80 --model convnet-gru --units 4 --input diff");
        Assert.Contains("frames uint8 [batch, 2, 80, 80, 3]", Tool.Succeed(_folder.Path, "export", weights, "--to", "onnx"), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "sees frames itself", "export", weights, "--to", "onnx", "--part", "both");
        Tool.Refuse(_folder.Path, 2, "give --to onnx", "export", weights, "--to", "torch");
        Tool.Refuse(_folder.Path, 2, "give --to onnx", "export", weights, "--to", "keras");
    }

    private string Train(string arguments)
    {
        string[] names = ["train/Bars/a", "train/Noise/b", "test/Bars/c", "test/Noise/d"];
        for (int i = 0; i < names.Length; i++)
            Tool.Draw(_folder.File("data", names[i] + ".mp4"), i % 2 == 0 ? "testsrc=s=64x48:r=10" : "cellauto=s=64x48:r=10:rule=30:random_seed=1", 8);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        return Tool.Succeed(_folder.Path, ["train", .. arguments.Split(' '), "--epochs", "1"]).TrimEnd().Split('\n')[^1].Split(' ')[4];
    }
}
