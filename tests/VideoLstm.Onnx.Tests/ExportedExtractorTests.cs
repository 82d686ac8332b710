using VideoLstm.Core.Export;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Core.Models;
using VideoLstm.Tests;

namespace VideoLstm.Onnx.Tests;

/// <summary>The networks that we compute ourselves, as ONNX files that are read back: the same features.</summary>
public sealed class ExportedExtractorTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("NCHW")]
    [InlineData("NHWC")]
    public void InceptionV3_gives_the_features_of_ours(string layout) => Compare(InceptionWeights.Random(3), Pictures.MadeUp(6, 75, 91), 75, 91, layout);

    [Theory]
    [InlineData("NCHW")]
    [InlineData("NHWC")]
    public void MobileNet_gives_the_features_of_ours(string layout) =>
        Compare(new MobileNetExtractor(MobileNetWeights.Random(3)), Pictures.MadeUp(6, 96, 64), 96, 64, layout);

    [SkippableTheory]
    [InlineData("NCHW")]
    [InlineData("NHWC")]
    public void Trained_InceptionV3_gives_the_features_of_ours_on_real_frames(string layout) =>
        Compare(InceptionWeights.Load(TestAssets.Require("weights", "inception_v3_imagenet_2_layers_completed.h5")), Pictures.Real(5, 299), 299, 299, layout);

    [SkippableTheory]
    [InlineData("NCHW")]
    [InlineData("NHWC")]
    public void Trained_MobileNet_gives_the_features_of_ours_on_real_frames(string layout) =>
        Compare(new MobileNetExtractor(MobileNetWeights.Open(TestAssets.Require("weights", "mobilenet_7_5_224_tf.h5"))), Pictures.Real(5, 224), 224, 224, layout);

    private void Compare(DescribedNetwork network, byte[] frames, int height, int width, string layout)
    {
        float[] ours = Pictures.Features(network, frames, height, width);
        string path = OnnxSample.Write(_folder.File("extractor.onnx"), g =>
        {
            string x = layout == "NHWC" ? g.Input("frames", OnnxType.UInt8, "N", height, width, 3)
                : ToBytes(g, g.Input("x", OnnxType.Float, "N", 3, height, width));
            string features = new OnnxExtractorGraph(g, network.Spec(height, width)).Add(x);
            g.Output("features", features, OnnxType.Float, "N", network.Features(height, width));
        });
        // Bytes say what they are; numbers are prepared as Keras does.
        using OnnxPictureNetwork read = Pictures.Open(path, layout == "NHWC" ? null : new OnnxChoices { Preprocessing = "inception" });
        Assert.Equal((height, width), read.UsualSize);
        Assert.Equal(network.Features(height, width), read.Features(height, width));
        TensorFixture.AssertClose(ours, Pictures.Features(read, frames, height, width), Tolerance, "features");
    }

    // From -1..1, channels first, back to bytes, channels last.
    private static string ToBytes(OnnxGraph g, string x)
    {
        string bytes = g.Add("Round", [g.Add("Mul", [g.Add("Add", [x, g.Constant(1)]), g.Constant(127.5f)])]);
        return g.Add("Cast", [g.Add("Transpose", [bytes], ("perm", (long[])[0, 2, 3, 1]))], ("to", (long)OnnxType.UInt8));
    }
}
