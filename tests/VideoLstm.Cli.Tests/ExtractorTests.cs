using System.Diagnostics;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Other networks before the classifier, `--extractor`, as a user types it.</summary>
public sealed class ExtractorTests : IDisposable
{
    private static readonly string[] Files = ["extract-files", "mp4", "--no-images"];
    private static readonly string[] Learning = ["--model", "mlp", "--units", "32", "--epochs", "200", "--patience", "0", "--learning-rate", "1e-3"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_verb_works_with_ResNet_18()
    {
        EndToEndTests.DrawClips(_folder.Path);
        Tool.Succeed(_folder.Path, Files);
        // Nothing is here: the SDK gets ONNX Runtime and the weights, which lie among its packages.
        string[] features = ["extract-features", "6", "2", "--extractor", "resnet18"];
        using (Process process = Tool.Start(_folder.Path, features, variables: ("VLSTM_ONNXRUNTIME", "")))
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Assert.Contains("6 sequences taken", await process.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
            Assert.Matches("ResNet-18's weights are got once(.|\n)*Microsoft.ML.OnnxRuntime 1.31.1, which computes such networks, is got once", await errors);
        }
        Assert.Single(Directory.GetFiles(_folder.File("cache"), "*.onnx"));
        Assert.Contains("0 sequences taken, 6 were done", Tool.Succeed(_folder.Path, features), StringComparison.Ordinal);
        Assert.Matches(@"\(6, 512\)(.|\n)*""onnx"":\{""file_digest"":""sha256:", Tool.Succeed(_folder.Path, "info", "data/sequences/a-6-features.npy", "--all"));

        string[] train = ["train", "6", "2", "224", "224", "--extractor", "resnet18", .. Learning];
        string[] trained = Tool.Succeed(_folder.Path, train).TrimEnd().Split('\n');
        string checkpoint = trained[^1].Split(' ')[4];
        Assert.Equal($"vlstm classify 6 2 {checkpoint} VIDEO", trained[^1]);
        // Nothing has to be said of the network any more.
        Assert.Contains("accuracy 1.000 (4 of 4)", Tool.Succeed(_folder.Path, "evaluate", checkpoint, "--set", "train"), StringComparison.Ordinal);
        Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
        string labels = Tool.Succeed(_folder.Path, "classify", "6", "2", checkpoint, "long.mp4", "--timeline", "long.csv");
        Assert.Contains("31 frames in 3 windows", labels, StringComparison.Ordinal);
        Assert.Equal(4, labels.Split('\n').Count(l => l.Contains("Bars: ", StringComparison.Ordinal)));
        Assert.Contains("resnet18-imagenet.onnx", Tool.Succeed(_folder.Path, "info", checkpoint), StringComparison.Ordinal);
        Assert.Contains("features float32 [batch, 6, 512]", Tool.Succeed(_folder.Path, "export", checkpoint, "--to", "onnx"), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "an ONNX file already; leave --part out", "export", checkpoint, "--to", "onnx", "--part", "both");
        Assert.Matches(@"resnet18 +512 +224 x 224 +[0-9.]+ .*resnet18-imagenet.onnx", Tool.Succeed(_folder.Path, "extractors", "--bench"));
        Assert.Contains("RGB, as the file says", Tool.Succeed(_folder.Path, "info", "cache/resnet18-imagenet.onnx"), StringComparison.Ordinal);
        // The other verbs have nothing to do with features, but with what came of them.
        Tool.Succeed(_folder.Path, "cut", "long.mp4", "long.csv", "--keep", "Bars");
        Tool.Succeed(_folder.Path, "review", "long.mp4", "long.csv");
        Tool.Succeed(_folder.Path, "status");

        Tool.Refuse(_folder.Path, 2, "takes pictures of 224 x 224 (height x width), not of 299 x 299; give such a height and width", "train", "6", "2", "299", "299", "--extractor", "resnet18");
        Tool.Refuse(_folder.Path, 2, "is known: what is given to it and taken of it is no choice; leave --output-name", [.. features, "--bgr"]);
        Tool.Refuse(_folder.Path, 2, "no such file, and no network of this name; give inception, resnet18, mobilenet", "extract-features", "6", "2", "--extractor", "resnet50");
        Tool.Refuse(_folder.Path, 2, "not both", [.. features, "--inception", "random:1"]);
        // Of another network nothing is taken over.
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, "extract-features", "6", "2", "96", "96", "--extractor", "mobilenet:random:1"), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "was trained on features of resnet18-imagenet.onnx", "evaluate", checkpoint, "--extractor", "mobilenet:random:1");
    }

    [Fact]
    public void A_classifier_finds_its_ONNX_file_by_what_is_in_it()
    {
        EndToEndTests.DrawClips(_folder.Path);
        Tool.Succeed(_folder.Path, Files);
        // Ours, as a file: features are the same but for the last digits.
        string[] inception = ["train", "6", "2", "75", "75", "--inception", "random:1", "--model", "mlp", "--units", "8", "--epochs", "1"];
        string first = Tool.Succeed(_folder.Path, inception).TrimEnd().Split('\n')[^1].Split(' ')[4];
        float[] ours = Sequence("a");
        Tool.Succeed(_folder.Path, "export", first, "--to", "onnx", "--part", "extractor", "--output", "net/inception.onnx");
        (_, _, string assumed) = Tool.Run(_folder.Path, "extract-features", "6", "2", "--extractor", "net/inception.onnx");
        Assert.Contains("pictures as NHWC bytes, RGB, its input takes bytes; features from `features`", assumed, StringComparison.Ordinal);
        TensorFixture.AssertClose(ours, Sequence("a"), 1e-4, "features");

        string checkpoint = Tool.Succeed(_folder.Path, ["train", "6", "2", "75", "75", "--extractor", "net/inception.onnx", .. Learning]).TrimEnd().Split('\n')[^1].Split(' ')[4];
        Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
        string[] classify = ["classify", "6", "2", checkpoint, "long.mp4", "--no-video"];
        string there = Labels(classify);
        // Under another name beside the classifier; in the cache; where the user says.
        File.Move(_folder.File("net", "inception.onnx"), Path.Combine(_folder.Path, Path.GetDirectoryName(checkpoint)!, "renamed.onnx"));
        Assert.Equal(there, Labels(classify));
        File.Move(Path.Combine(_folder.Path, Path.GetDirectoryName(checkpoint)!, "renamed.onnx"), _folder.File("cache", "x.onnx"));
        Assert.Equal(there, Labels(classify));
        Assert.Contains("x.onnx", Tool.Succeed(_folder.Path, "extractors"), StringComparison.Ordinal);
        File.Move(_folder.File("cache", "x.onnx"), _folder.File("elsewhere", "y.onnx"));
        Tool.Refuse(_folder.Path, 2, "was trained on features of inception.onnx (sha256:", classify);
        Assert.Equal(there, Labels([.. classify, "--extractor", "elsewhere/y.onnx"]));
        OnnxSample.Means(_folder.File("other.onnx"));
        Tool.Refuse(_folder.Path, 2, "other.onnx is another file; give the one it was trained on with --extractor", [.. classify, "--extractor", "other.onnx"]);
    }

    [Fact]
    public void A_network_that_sees_several_frames_works_from_clips_to_labels()
    {
        EndToEndTests.DrawClips(_folder.Path);
        Tool.Succeed(_folder.Path, Files);
        OnnxSample.R2Plus1D(_folder.File("clip.onnx"), 4);
        string[] choices = ["--extractor", "clip.onnx", "--clip-stride", "2"];
        (_, _, string assumed) = Tool.Run(_folder.Path, ["extract-features", "6", "2", "75", "80", .. choices]);
        Assert.Contains("pictures as NCTHW", assumed, StringComparison.Ordinal);
        Assert.Contains("4 frames at once, 2 apart; features from `features`", assumed, StringComparison.Ordinal);
        string checkpoint = Tool.Succeed(_folder.Path, ["train", "6", "2", "75", "80", .. choices, .. Learning]).TrimEnd().Split('\n')[^1].Split(' ')[4];
        Assert.Contains("accuracy 1.000 (4 of 4)", Tool.Succeed(_folder.Path, "evaluate", checkpoint, "--set", "train"), StringComparison.Ordinal);
        Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
        string labels = Tool.Succeed(_folder.Path, "classify", "6", "2", checkpoint, "long.mp4", "--timeline", "long.csv");
        Assert.Contains("31 frames in 3 windows", labels, StringComparison.Ordinal);
        Assert.Equal(4, labels.Split('\n').Count(l => l.Contains("Bars: ", StringComparison.Ordinal)));
        // How far its frames are apart makes other features.
        Assert.Contains("6 sequences taken", Tool.Succeed(_folder.Path, "extract-features", "6", "2", "75", "80", "--extractor", "clip.onnx"), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "sees 4 frames at once, not 8; give --clip-frames N as it was trained with", "extract-features", "6", "2", "75", "80", "--extractor", "clip.onnx", "--clip-frames", "8");
        OnnxSample.Means(_folder.File("picture.onnx"));
        Tool.Refuse(_folder.Path, 2, "has no axis for time; leave --clip-frames and --clip-stride out", "extract-features", "6", "2", "--extractor", "picture.onnx", "--clip-frames", "8");
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    public void The_frames_around_a_frame_go_in_beyond_the_ends_the_first_and_the_last(int frames, int stride)
    {
        // Frame n is of brightness 16 + 8 n.
        foreach (string name in (string[])["train/A/a", "train/B/b", "test/A/c", "test/B/d"])
            Tool.Draw(_folder.File("data", name + ".avi"), "color=black:s=64x48:r=10,format=gray,geq=lum='16+8*N'", 12, "-c:v", "ffv1");
        Tool.Succeed(_folder.Path, "extract-files", "avi", "--no-images");
        OnnxSample.FrameMeans(_folder.File("frames.onnx"), "T");
        Tool.Succeed(_folder.Path, "extract-features", "6", "2", "75", "80", "--extractor", "frames.onnx", "--preprocessing", "none", "--sampling", "stride",
            "--clip-frames", $"{frames}", "--clip-stride", $"{stride}");
        float[] found = Sequence("a");
        Assert.Equal(6 * frames, found.Length);
        for (int step = 0; step < 6; step++)
        {
            for (int i = 0; i < frames; i++)
                Assert.Equal(16 + 8 * Math.Clamp(2 * step + (i - (frames - 1) / 2) * stride, 0, 11), found[step * frames + i], 1.5);
        }
    }

    [Fact]
    public void What_a_hostile_file_is_is_said_in_a_line()
    {
        EndToEndTests.DrawClips(_folder.Path);
        Tool.Succeed(_folder.Path, Files);
        foreach (string name in OnnxSample.Hostile.Keys)
        {
            OnnxSample.WriteHostile(_folder.Path, name);
            (int exitCode, string output, string errors) = Tool.Run(_folder.Path, "info", "models/hostile.onnx");
            // What ONNX Runtime finds, or who takes pictures, `info` does not.
            if (exitCode == 0)
                Assert.Matches(@"\nextractor: +", output);
            else
                Assert.Contains(OnnxSample.Hostile[name], Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
            Tool.Refuse(_folder.Path, 2, OnnxSample.Hostile[name], "extract-features", "6", "2", "224", "224", "--extractor", "models/hostile.onnx");
        }
    }

    // What is printed, but for how fast it was.
    private string Labels(string[] arguments) => Tool.Succeed(_folder.Path, arguments).Split(" segments, ") is [var labels, _] ? labels
        : throw new InvalidOperationException("no segments are counted");

    private float[] Sequence(string clip)
    {
        string path = _folder.File("data", "sequences", $"{clip}-6-features.npy");
        using FileStream stream = File.OpenRead(path);
        return NpyFile.ReadSingle(stream, path).Values;
    }
}
