using VideoLstm.Core;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Core.Samples;
using VideoLstm.Tests;

namespace VideoLstm.Onnx.Tests;

/// <summary>Networks of any file: what goes in, what is taken of what comes out, and what is refused.</summary>
public sealed class OnnxPictureNetworkTests : IDisposable
{
    private const int Height = 5, Width = 4, Count = 6;
    private const double Tolerance = 1e-5;

    private static readonly byte[] Frames = Pictures.MadeUp(Count, Height, Width);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Hostile => [.. OnnxSample.Hostile.Keys];

    [Theory]
    [InlineData("imagenet", 255, 0.485, 0.456, 0.406, 0.229, 0.224, 0.225, false)]
    [InlineData("dinov2", 255, 0.485, 0.456, 0.406, 0.229, 0.224, 0.225, false)]
    [InlineData("clip", 255, 0.48145466, 0.4578275, 0.40821073, 0.26862954, 0.26130258, 0.27577711, false)]
    [InlineData("inception", 127.5, 1, 1, 1, 1, 1, 1, false)]
    [InlineData("caffe", 1, 103.939, 116.779, 123.68, 1, 1, 1, true)]
    [InlineData("none", 1, 0, 0, 0, 1, 1, 1, false)]
    public void A_preset_is_what_its_name_says(string preset, double divisor, double m0, double m1, double m2, double s0, double s1, double s2, bool bgr)
    {
        double[] mean = [m0, m1, m2], std = [s0, s1, s2];
        float[] expected = Expected((channel, value) => (value / divisor - mean[channel]) / std[channel], bgr);
        AssertSame(expected, Pictures.Open(OnnxSample.Means(_folder.File("x.onnx")), new OnnxChoices { Preprocessing = preset }));
    }

    [Fact]
    public void What_is_said_goes_before_what_the_file_says_and_that_before_the_config_beside_it()
    {
        string plain = OnnxSample.Means(_folder.File("plain.onnx"));
        float[] imagenet = Expected((c, v) => (v / 255.0 - ((double[])[0.485, 0.456, 0.406])[c]) / ((double[])[0.229, 0.224, 0.225])[c]);
        using (OnnxPictureNetwork assumed = AssertSame(imagenet, Pictures.Open(plain)))
            Assert.Contains("assumed: imagenet, usual for channels that come first", assumed.Assumed, StringComparison.Ordinal);

        File.WriteAllText(_folder.File("preprocessor_config.json"), """{"do_rescale": true, "image_mean": [0.5, 0.25, 0], "image_std": [0.5, 1, 2]}""");
        using (OnnxPictureNetwork config = AssertSame(Expected((c, v) => (v / 255.0 - ((double[])[0.5, 0.25, 0])[c]) / ((double[])[0.5, 1, 2])[c]), Pictures.Open(plain)))
            Assert.Contains("by preprocessor_config.json beside it", config.Assumed, StringComparison.Ordinal);

        string says = OnnxSample.Means(_folder.File("says.onnx"), new() { ["mean"] = "[1, 2, 3]", ["std"] = "2", ["color"] = "bgr" });
        using (OnnxPictureNetwork file = AssertSame(Expected((c, v) => (v - (c + 1)) / 2.0, bgr: true), Pictures.Open(says)))
            Assert.Contains("as the file says", file.Assumed, StringComparison.Ordinal);
        using OnnxPictureNetwork given = AssertSame(Expected((c, v) => (v * 0.5 - (c + 1)) / 2), Pictures.Open(says, new OnnxChoices { Scale = 0.5, Bgr = false }));
        Assert.Contains("as given, the rest as the file says", given.Assumed, StringComparison.Ordinal);

        string standard = OnnxSample.Means(_folder.File("standard.onnx"), new() { ["Image.NominalPixelRange"] = "Normalized_1_1", ["Image.BitmapPixelFormat"] = "Bgr8" });
        AssertSame(Expected((_, v) => v / 127.5 - 1, bgr: true), Pictures.Open(standard)).Dispose();
    }

    [Theory]
    [InlineData(OnnxLayout.NHWC, 1)]
    [InlineData(OnnxLayout.NHWC, 2)]
    [InlineData(OnnxLayout.NHWC, 10)]
    [InlineData(OnnxLayout.NCHW, 2)]
    [InlineData(OnnxLayout.NCHW, 10)]
    public void Channels_may_come_last_and_be_bytes_or_half_numbers(OnnxLayout layout, int type)
    {
        bool last = layout == OnnxLayout.NHWC;
        // A batch that is fixed, and sizes that are.
        string path = OnnxSample.Write(_folder.File("x.onnx"), g =>
        {
            string x = g.Input("x", (OnnxType)type, last ? [4, Height, Width, 3] : [4, 3, Height, Width]);
            string mean = g.Add("ReduceMean", [g.Add("Cast", [x], ("to", (long)OnnxType.Float))], ("axes", last ? (long[])[1, 2] : [2, 3]), ("keepdims", 0L));
            g.Output("y", mean, OnnxType.Float, 4, 3);
        });
        OnnxPictureNetwork network = Pictures.Open(path, type == (int)OnnxType.UInt8 ? null : new OnnxChoices { Preprocessing = "none" });
        Assert.Equal((Height, Width), network.UsualSize);
        AssertSame(Expected((_, v) => v), network, type == (int)OnnxType.Float16 ? 1e-3 : Tolerance);
        InputException refusal = Assert.Throws<InputException>(() => network.Features(Height, Width + 1));
        Assert.Contains("takes pictures of 5 x 4 (height x width), not of 5 x 5", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_tokens_the_first_is_taken_or_their_mean_and_maps_are_pooled()
    {
        // [N, tokens, F]: a pixel is a token; within, the map that it comes from.
        string path = OnnxSample.Write(_folder.File("x.onnx"), g =>
        {
            string map = g.Add("Relu", [g.Input("x", OnnxType.Float, "N", 3, "H", "W")]);
            string flat = g.Add("Reshape", [map, g.Sizes(0, 3, -1)]);
            g.Output("tokens", g.Add("Transpose", [flat], ("perm", (long[])[0, 2, 1])), OnnxType.Float, "N", "T", 3);
            g.Output("loss", g.Add("ReduceMean", [map], ("keepdims", 0L)), OnnxType.Float);
        });
        float[] first = [.. Enumerable.Range(0, Count).SelectMany(i => Frames[(i * Height * Width * 3)..][..3]).Select(b => (float)b)];
        var none = new OnnxChoices { Preprocessing = "none" };
        OnnxPictureNetwork tokens = AssertSame(first, Pictures.Open(path, none));
        Assert.Contains("features from `tokens` (the first of tokens, loss), the first of its tokens (assumed)", tokens.Assumed, StringComparison.Ordinal);
        AssertSame(Expected((_, v) => v), Pictures.Open(path, none with { Pooling = TokenPooling.Mean }));
        AssertSame(Expected((_, v) => v), Pictures.Open(path, none with { Output = "Relu" }));

        Assert.Contains("is [] for", Refusal(() => Pictures.Open(path, none with { Output = "loss" }).Features(Height, Width)), StringComparison.Ordinal);
        Assert.Contains("computes no `nothing`; its outputs are `tokens`, `loss`", Refusal(() => Pictures.Open(path, none with { Output = "nothing" })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OnnxLayout.NCTHW)]
    [InlineData(OnnxLayout.NTCHW)]
    [InlineData(OnnxLayout.NTHWC)]
    public void Frames_of_a_clip_go_in_together(OnnxLayout layout)
    {
        object[] sizes = [.. layout.ToString().Select(a => a switch { 'N' => "N", 'C' => 3, 'T' => 2, 'H' => (object)Height, _ => Width })];
        long[] axes = [.. layout.ToString().Index().Where(a => a.Item is 'H' or 'W' or 'C').Select(a => (long)a.Index)];
        string path = OnnxSample.Write(_folder.File("x.onnx"), g =>
            g.Output("y", g.Add("ReduceMean", [g.Input("x", OnnxType.Float, sizes)], ("axes", axes), ("keepdims", 0L)), OnnxType.Float, "N", 2));
        using OnnxPictureNetwork network = Pictures.Open(path, new OnnxChoices { Preprocessing = "none" });
        Assert.Equal(2, network.Onnx.ClipFrames);
        float[] expected = [.. Frames.Chunk(Height * Width * 3).Select(f => (float)f.Average(b => (double)b))];
        TensorFixture.AssertClose(expected, Pictures.Features(network, Frames, Height, Width), Tolerance, "brightness");
        Assert.Contains("sees 2 frames at once, not 4", Refusal(() => Pictures.Open(path, new OnnxChoices { ClipFrames = 4 })), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_in_a_file_beside_it_are_read_and_part_of_what_it_is()
    {
        string path = OnnxSample.External(_folder.File("x.onnx"), "weights.bin", 0), weights = _folder.File("weights.bin");
        float[] bias = [1, 2, 3];
        File.WriteAllBytes(weights, System.Runtime.InteropServices.MemoryMarshal.AsBytes(bias.AsSpan()).ToArray());
        OnnxPictureNetwork network = AssertSame(Expected((c, v) => v + bias[c]), Pictures.Open(path, new OnnxChoices { Preprocessing = "none" }));
        using (var same = OnnxPictureNetwork.OpenSame(path, network.Onnx, Pictures.Runtime))
            Assert.Equal(network.Digest, same.Digest);
        File.WriteAllBytes(weights, new byte[12]);
        Assert.Contains("its weights in `weights.bin` are others than", Refusal(() => OnnxPictureNetwork.OpenSame(path, network.Onnx, Pictures.Runtime)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_is_no_network_or_may_not_be_one_is_refused_in_a_line(string name)
    {
        string path = OnnxSample.WriteHostile(_folder.Path, name);
        string said = Refusal(() => Pictures.Open(path, OnnxChoices.None).Features(224, 224));
        Assert.Contains(OnnxSample.Hostile[name], said, StringComparison.Ordinal);
        Assert.Contains("hostile.onnx", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
        Assert.InRange(said.Length, 1, 700);
    }

    [Fact]
    public void A_runtime_that_knows_no_cards_says_so_and_computes_nothing()
    {
        string path = OnnxSample.Means(_folder.File("x.onnx"));
        var model = new Core.Compute.OnnxModel(path, File.ReadAllBytes(path), _folder.Path);
        InputException refusal = Assert.Throws<InputException>(() => Pictures.Runtime.Open(model, "means", 1, card: 0));
        Assert.Contains("cannot compute on card 0", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.TakeCudaRuntime, refusal.Finding.Remedy);
    }

    [Fact]
    public void Another_precision_than_the_file_s_is_refused()
    {
        using OnnxPictureNetwork network = Pictures.Open(OnnxSample.Means(_folder.File("x.onnx")));
        var bytes = new SequenceSpec(1, Height, Width, FrameSampling.Even, Core.Media.FrameFit.Resize, "", Numerics.Inference.Precision.Int8);
        Assert.Contains("computes with the precision that it was written with", Refusal(() => network.Create(bytes, new Core.Compute.CpuBackend())), StringComparison.Ordinal);
    }

    private static string Refusal(Action open) => Assert.Throws<InputException>(open).Message;

    // The mean of each channel of each picture, of what its bytes become.
    private static float[] Expected(Func<int, byte, double> value, bool bgr = false) =>
    [
        .. from picture in Frames.Chunk(Height * Width * 3)
           from channel in Enumerable.Range(0, 3)
           select (float)Enumerable.Range(0, Height * Width).Average(i => value(channel, picture[3 * i + (bgr ? 2 - channel : channel)])),
    ];

    private static OnnxPictureNetwork AssertSame(float[] expected, OnnxPictureNetwork network, double tolerance = Tolerance)
    {
        TensorFixture.AssertClose(expected, Pictures.Features(network, Frames, Height, Width), tolerance, network.Assumed);
        return network;
    }
}
