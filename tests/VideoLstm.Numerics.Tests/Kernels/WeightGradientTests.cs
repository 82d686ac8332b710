using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics.Tests.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Kernels;

public unsafe class WeightGradientTests
{
    // Height and width, channels in and out, kernel, outputs of a tile.
    public static TheoryData<int, int, int, int, int, int, int> Tiles => new()
    {
        { 9, 8, 16, 16, 3, 2, 2 },
        { 9, 11, 32, 80, 3, 4, 4 },
        { 13, 7, 48, 16, 3, 6, 6 },
        { 14, 14, 16, 96, 3, 4, 6 },
        { 10, 15, 16, 32, 3, 2, 6 },
        { 11, 12, 32, 16, 5, 2, 4 },
        { 131, 127, 16, 16, 3, 4, 4 },
    };

    /// <summary>All tiles, cut off at the borders; the last picture is so large that its tiles come in several chunks.</summary>
    [Theory]
    [MemberData(nameof(Tiles))]
    public void Winograds_way_equals_the_definition_at_every_level(int height, int width, int inputs, int outputs, int kernel, int tileHeight, int tileWidth)
    {
        const int Frames = 2;
        ConvolutionAxis rows = ConvolutionAxis.Of(height, kernel, 1, Padding.Same), columns = ConvolutionAxis.Of(width, kernel, 1, Padding.Same);
        float[] x = LayerRun.Values(Frames * height * width * inputs, 1), dy = LayerRun.Values(Frames * height * width * outputs, 2);
        ReferenceConvolution reference = new(new(1, 1, 1, 0, 1), rows, columns, inputs, outputs);
        double[] expected = reference.Backward([.. x.Select(v => (double)v)], new double[kernel * kernel * inputs * outputs], [.. dy.Select(v => (double)v)], Frames).Kernel;

        AlignedBuffer plain = new(Math.Max(x.Length, dy.Length)), blockedX = new(x.Length), blockedGradient = new(dy.Length), gradient = new(expected.Length);
        x.CopyTo(plain.Span);
        ChannelBlocks.FromPlain(plain.Pointer, blockedX.Pointer, Frames, height * width, inputs);
        dy.CopyTo(plain.Span);
        ChannelBlocks.FromPlain(plain.Pointer, blockedGradient.Pointer, Frames, height * width, outputs);
        ActivationMap<float> input = ActivationMap.Blocked(blockedX.Pointer, inputs, height, width) with { Frames = Frames, FrameStride = height * width * inputs };
        ActivationMap<float> output = ActivationMap.Blocked(blockedGradient.Pointer, outputs, height, width) with { Frames = Frames, FrameStride = height * width * outputs };
        foreach (SimdLevel level in Simd.Supported)
        {
            gradient.Span.Fill(float.NaN);
            WinogradWeightGradient sums = new(new(inputs, outputs, kernel, kernel, 1, rows.PadBefore, columns.PadBefore), (new(tileHeight, kernel), new(tileWidth, kernel)), new ConvolutionScratch(), level);
            sums.Add(input.Slice(0, 1), output.Slice(0, 1));
            sums.Add(input.Slice(1, 1), output.Slice(1, 1));
            sums.Finish(gradient.Pointer);
            TensorFixture.AssertClose([.. expected.Select(v => (float)v)], gradient.Span, 2e-5, level.ToString());
        }
        GC.KeepAlive(blockedX);
        GC.KeepAlive(blockedGradient);
    }

    /// <summary>Both ways of convolving, with so many pictures that they come in groups: the same bits, however many threads there are.</summary>
    [Theory]
    [InlineData(40, 20, 32, 3, 1)]
    [InlineData(60, 3, 16, 3, 2)]
    [InlineData(60, 20, 20, 3, 2)]
    public void Results_do_not_depend_on_the_number_of_threads(int size, int inputs, int outputs, int kernel, int stride)
    {
        const int Batch = 20;
        int threads = Workers.Count;
        try
        {
            List<float[][]> results = [];
            foreach (int count in (int[])[1, 2, 3])
            {
                Workers.Count = count;
                Workspace workspace = new();
                Conv2D convolution = new("conv", [size, size, inputs], outputs, (kernel, kernel), workspace, new() { Stride = stride, Padding = Padding.Same, Activation = Activation.Relu });
                convolution.Initialize(new RandomSource(3));
                BatchNormalization normalization = new("bn", [.. convolution.OutputShape], workspace);
                Layer[] layers = [convolution, normalization];
                Layer.Connect(layers);
                LayerRun run = new(layers, LayerRun.Values(Batch * convolution.InputSize, 1), LayerRun.Values(Batch * normalization.OutputSize, 2), Batch);
                results.Add([run.Y, run.XGradient, convolution.Kernel.Gradient.Span.ToArray(), convolution.Bias!.Gradient.Span.ToArray(), normalization.Gamma.Gradient.Span.ToArray()]);
            }
            for (int i = 0; i < results[0].Length; i++)
            {
                Assert.Equal(results[0][i], results[1][i]);
                Assert.Equal(results[0][i], results[2][i]);
            }
        }
        finally
        {
            Workers.Count = threads;
        }
    }
}
