using System.Runtime.InteropServices;
using System.Text.Json;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Export;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Export;

public sealed class OnnxExportTests : IDisposable
{
    private const double Tolerance = 1e-5;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("lstm")]
    [InlineData("lstm hard bidirectional")]
    [InlineData("lstm 2-layers bidirectional pad")]
    [InlineData("lstm hard 2-layers pad")]
    [InlineData("gru")]
    [InlineData("gru pad")]
    [InlineData("gru bidirectional pad")]
    [InlineData("mlp")]
    [InlineData("mlp pad")]
    [InlineData("attention")]
    [InlineData("attention pad")]
    [InlineData("mixed pad")]
    [InlineData("hard")]
    [InlineData("hard pad")]
    [InlineData("hard6")]
    [InlineData("pooled pad")]
    [InlineData("averaged")]
    [InlineData("averaged pad")]
    [InlineData("linear pad")]
    [InlineData("flat pad")]
    [InlineData("flat-recurrent")]
    public void OnnxRuntime_computes_the_same(string name)
    {
        var sample = ExportSample.Of(name);
        string model = Write(OnnxExport.Classifier(sample.Spec, sample.Weights, sample.Info));
        sample.AssertSame(Run(model, sample, "features", "float32", MemoryMarshal.AsBytes(sample.X.AsSpan())), Tolerance);
    }

    [SkippableTheory]
    [InlineData("lrcn", 3, 82, 86, false)]
    [InlineData("lrcn", 3, 80, 80, true)]
    [InlineData("convnet-gru", 2, 24, 27, true)]
    [InlineData("convnet-lstm", 2, 24, 27, true)]
    [InlineData("convnet-flatten", 2, 24, 27, false)]
    [InlineData("mobilenet-gru", 2, 32, 64, false)]
    [InlineData("mobilenet-flatten", 2, 32, 64, false)]
    [InlineData("mobilenet", 2, 32, 64, true)]
    [InlineData("conv3d", 11, 72, 76, false)]
    [InlineData("c3d", 16, 32, 35, false)]
    [InlineData("i3d", 8, 40, 33, false)]
    public void OnnxRuntime_sees_frames_as_we_do(string recipe, int length, int height, int width, bool pad)
    {
        (ExportSample sample, byte[] frames) = ExportSample.OfFrames(recipe, length, height, width, pad);
        string model = Write(OnnxExport.Classifier(sample.Spec, sample.Weights, sample.Info));
        sample.AssertSame(Run(model, sample, "frames", "uint8", frames), Tolerance);
    }

    [SkippableFact]
    public void OnnxRuntime_extracts_the_same_features_with_either_dialects_pools()
    {
        InceptionWeights keras = InceptionWeights.Random(3);
        float[][] features = new float[2][];
        foreach (InceptionDialect dialect in Enum.GetValues<InceptionDialect>())
            features[(int)dialect] = CompareFeatures(keras.WithDialect(dialect), 75, 91, 2, 1e-4);
        Assert.True(TensorFixture.RelativeError(features[0], features[1]) > 1e-3);
    }

    [SkippableFact]
    public void OnnxRuntime_extracts_the_same_features_with_trained_weights() =>
        CompareFeatures(InceptionWeights.Load(TestAssets.Require("weights", "inception_v3_imagenet_2_layers_completed.h5")), 299, 299, 2, 2e-5);

    [SkippableTheory]
    [InlineData("lstm", 5, 5)]
    [InlineData("gru", 5, 5)]
    [InlineData("gru", 5, 2)]
    [InlineData("mlp", 5, 3)]
    [InlineData("attention", 4, 3)]
    public void OnnxRuntime_goes_from_frames_to_probabilities(string recipe, int length, int real) =>
        CompareProbabilities(InceptionWeights.Random(2), recipe, length, Pixels(real, 75, 75), real, 75);

    [SkippableFact]
    public void OnnxRuntime_goes_from_the_frames_of_a_video_to_probabilities_with_trained_weights()
    {
        InceptionWeights weights = InceptionWeights.Load(TestAssets.Require("weights", "inception_v3_imagenet_2_layers_completed.h5"));
        string video = Directory.EnumerateFiles(TestAssets.Require("videos", "weizmann_scene"), "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        const int side = 299, count = 4;
        var frames = new byte[count * side * side * 3];
        using (var reader = new FrameReader(video, side, side))
        {
            for (int i = 0; i < count; i++)
                Assert.True(reader.Read(frames.AsSpan(i * side * side * 3, side * side * 3), out _));
        }
        CompareProbabilities(weights, "lstm", count, frames, count, side);
    }

    [Fact]
    public void What_padding_would_make_another_is_refused()
    {
        var sample = ExportSample.Of("flat-recurrent pad");
        Assert.Contains("flattens",
            Assert.Throws<InputException>(() => OnnxExport.Classifier(sample.Spec, sample.Weights, sample.Info)).Message,
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_file_says_what_it_is()
    {
        var sample = ExportSample.Of("gru pad");
        JsonElement file = JsonDocument.Parse(Reference.Python("export.py", "onnx",
            Write(OnnxExport.Classifier(sample.Spec, sample.Weights, sample.Info)))).RootElement;
        Assert.Equal(8, file.GetProperty("ir").GetInt32());
        Assert.Equal(17, file.GetProperty("opset").GetInt32());
        Assert.Equal("""[["features",1,["batch",7,24]],["lengths",6,["batch"]]]""", Compact(file.GetProperty("inputs")));
        Assert.Equal("""[["probabilities",1,["batch",3]]]""", Compact(file.GetProperty("outputs")));
        JsonElement metadata = file.GetProperty("metadata");
        Assert.Equal(sample.Info.Classes, JsonSerializer.Deserialize<string[]>(metadata.GetProperty("classes").GetString()!));
        Assert.Equal("gru", metadata.GetProperty("model").GetString());
        Assert.Equal("7", metadata.GetProperty("sequence_length").GetString());
        Assert.Equal("Even", metadata.GetProperty("sampling").GetString());
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private static byte[] Pixels(int frames, int height, int width) => [.. Enumerable.Range(0, frames * height * width * 3).Select(i => (byte)(i * 7919 >> 5))];

    private static float[] Features(InceptionWeights weights, byte[] frames, int count, int height, int width)
    {
        using Session session = CpuBackend.CreateEngine(weights.Spec(height, width), Precision.Float).CreateSession(1);
        List<float> features = [];
        foreach (byte[] frame in frames.Chunk(frames.Length / count))
        {
            session.Add(frame);
            session.Finish();
            features.AddRange(session.Features(0).ToArray());
        }
        return [.. features];
    }

    private void CompareProbabilities(InceptionWeights weights, string recipe, int length, byte[] frames, int real, int side)
    {
        ExportSample small = ExportSample.Of(recipe + (real < length ? " pad" : ""));
        CheckpointInfo info = small.Info with
        {
            Model = new ModelSpec(recipe, length, InceptionV3.Features, 3) { Units = 8 },
            Source = small.Info.Source with { Sequences = small.Info.Sequences with { Length = length, Height = side, Width = side } },
        };
        Network model = Engine.Build(info.Model);
        model.Initialize(new RandomSource(9));
        var x = new float[model.InputSize];
        Features(weights, frames, real, side, side).CopyTo(x, 0);
        var ours = new float[model.Classes];
        model.Predict(x, 1, ours, [.. Enumerable.Range(0, length).Select(t => t < real)]);

        string path = Write(OnnxExport.Both(weights, Recipes.Network(info.Model), Engine.Weights(model), info));
        File.WriteAllBytes(_folder.File("frames"), frames);
        float[] theirs = ExportSample.Numbers(Reference.Node("onnx.cjs", path, "frames", "uint8", $"{real}x{side}x{side}x3", _folder.File("frames")));
        Assert.Equal(3, theirs.Length);
        Assert.All(ours.Zip(theirs), p => Assert.Equal(p.First, p.Second, Tolerance));
    }

    private float[] CompareFeatures(InceptionWeights weights, int height, int width, int count, double tolerance)
    {
        CheckpointInfo info = ExportSample.Of("lstm").Info;
        info = info with { Source = info.Source with { Sequences = info.Sequences with { Height = height, Width = width } } };
        byte[] frames = Pixels(count, height, width);
        float[] ours = Features(weights, frames, count, height, width);
        File.WriteAllBytes(_folder.File("frames"), frames);
        string theirs = Reference.Node("onnx.cjs", Write(OnnxExport.Extractor(weights, info)), "frames", "uint8", $"{count}x{height}x{width}x3", _folder.File("frames"));
        TensorFixture.AssertClose(ExportSample.Numbers(theirs), ours, tolerance, "features");
        return ours;
    }

    private string Run(string model, ExportSample sample, string name, string type, ReadOnlySpan<byte> values)
    {
        File.WriteAllBytes(_folder.File("x"), values);
        List<string> arguments = [model, name, type, string.Join('x', sample.Shape), _folder.File("x")];
        if (sample.Lengths is not null && !sample.Model.Layers.Any(l => l is Flatten { PropagatesMask: false }))
        {
            File.WriteAllBytes(_folder.File("lengths"), MemoryMarshal.AsBytes(sample.Lengths.AsSpan()));
            arguments.AddRange("lengths", "int32", $"{sample.Lengths.Length}", _folder.File("lengths"));
        }
        return Reference.Node("onnx.cjs", [.. arguments]);
    }

    private string Write(OnnxExport export)
    {
        string path = _folder.File("model.onnx");
        using FileStream stream = File.Create(path);
        export.Write(stream);
        return path;
    }
}
