using System.Numerics.Tensors;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;
using Xunit.Abstractions;

namespace VideoLstm.Torch.Tests;

/// <summary>Features of frames are those of the CPU engine.</summary>
public sealed class ExtractorTests(ITestOutputHelper output)
{
    private static readonly InceptionWeights Weights = InceptionWeights.Random(7);

    [SkippableTheory]
    [InlineData(75, 91, InceptionDialect.Keras, 19)]
    [InlineData(75, 91, InceptionDialect.Torchvision, 19)]
    [InlineData(299, 299, InceptionDialect.Keras, 2)]
    [InlineData(299, 299, InceptionDialect.Torchvision, 2)]
    [InlineData(720, 1280, InceptionDialect.Keras, 2)]
    [InlineData(720, 1280, InceptionDialect.Torchvision, 2)]
    public void FeaturesAreThoseOfTheEngineInOrder(int height, int width, InceptionDialect dialect, int frames)
    {
        float[][] expected = Features(new CpuBackend(), Spec(height, width, dialect), Precision.Float, frames);
        float[][] found = Features(Libtorch.Require(), Spec(height, width, dialect), Precision.Float, frames);
        AssertNear(expected, found, Pair.Tolerance);
        Assert.NotEqual(expected[0], expected[1]);
    }

    // Numbers of 11 bits, rounded behind each of some fifty layers: measured are 1.1e-2 of the largest, and a cosine of 0.99982.
    [SkippableTheory]
    [InlineData(75, 91, InceptionDialect.Keras, 9)]
    [InlineData(140, 171, InceptionDialect.Torchvision, 2)]
    public void HalfFeaturesAreNearlyThoseOfSinglePrecision(int height, int width, InceptionDialect dialect, int frames)
    {
        float[][] expected = Features(new CpuBackend(), Spec(height, width, dialect), Precision.Float, frames);
        float[][] found = Features(Libtorch.Require(), Spec(height, width, dialect), Precision.Half, frames);
        AssertNear(expected, found, 1.5e-2);
        double cosine = expected.Zip(found).Min(f => (double)TensorPrimitives.CosineSimilarity<float>(f.First, f.Second));
        output.WriteLine($"cosine at least {cosine:0.000000}");
        Assert.True(cosine > 0.9997, $"cosine {cosine:0.000000}");
        // They are others; the mean over the last map is of single precision all the same.
        Assert.NotEqual(expected[0], found[0]);
        Assert.Equal(height < 100, found.SelectMany(f => f).All(v => v == (float)(Half)v));
    }

    [SkippableFact]
    public void ValuesThatHalfCannotHoldAreOneLine()
    {
        TorchBackend backend = Libtorch.Require();
        ExtractorSpec large = Small(weight: 1e4f);
        Assert.All(Features(backend, large, Precision.Float, 3), f => Assert.All(f, v => Assert.True(float.IsFinite(v))));
        InputException refusal = Assert.Throws<InputException>(() => Features(backend, large, Precision.Half, 3));
        Assert.Equal("precision half: the network has values that 16-bit floats cannot hold", refusal.Message);
        Assert.Equal(Remedy.TakeOtherPrecision, refusal.Remedy);
    }

    [SkippableFact]
    public void WhereABatchDoesNotFitFewerFramesAreComputedTogetherAndItIsSaidOnce()
    {
        float[][] expected = Features(Libtorch.Require(), Small(), Precision.Float, 21);
        var said = new Remarks();
        List<int> tried = [];
        TorchBackend backend = Libtorch.Require(said, count =>
        {
            tried.Add(count);
            if (count > 2)
                Libtorch.ExhaustMemory();
        });
        AssertNear(expected, Features(backend, Small(), Precision.Float, 21), Pair.Tolerance);
        Assert.Equal([8, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1], tried);
        Assert.Equal(["torch: its memory is too small for 8 frames at a time; fewer are computed together"], said.Lines);
    }

    [SkippableFact]
    public void WhereNotOneFrameFitsOneLineSaysWhatToLower()
    {
        TorchBackend backend = Libtorch.Require(new Remarks(), _ => Libtorch.ExhaustMemory());
        InputException refusal = Assert.Throws<InputException>(() => Features(backend, Small(), Precision.Float, 3));
        Assert.Equal("torch: its memory is too small for frames, even one at a time", refusal.Message);
        Assert.Equal(Remedy.TakeSmallerFrames, refusal.Remedy);
    }

    [SkippableFact]
    public void AnExtractorThatIsDisposedOfLeavesNoTensorBehind()
    {
        TorchBackend backend = Libtorch.Require();
        Libtorch.Collect();
        long tensors = TorchSharp.torch.Tensor.TotalCount;
        foreach (Precision precision in backend.Precisions)
            Features(backend, Spec(75, 75, InceptionDialect.Keras), precision, 1);
        Assert.Equal(tensors, TorchSharp.torch.Tensor.TotalCount);
    }

    [SkippableFact]
    public void ASourceThatFailsOrAReaderWhoStopsEndsEveryThread()
    {
        using IFeatureExtractor extractor = Libtorch.Require().CreateExtractor(Small(), Precision.Float);
        int calls = 0;
        FrameSource<int> endless = (Span<byte> rgb, out int tag) =>
        {
            tag = Interlocked.Increment(ref calls);
            return true;
        };
        Assert.Equal([1, 2, 3], extractor.Run(endless).Take(3).Select(f => f.Tag));
        int after = calls;
        Thread.Sleep(20);
        Assert.Equal(after, calls);

        FrameSource<int> failing = (Span<byte> rgb, out int tag) =>
            (tag = 0) == 0 && Interlocked.Increment(ref calls) < after + 30 ? true : throw new IOException("the video ends in the middle");
        Assert.Equal("the video ends in the middle", Assert.Throws<IOException>(() => extractor.Run(failing).Count()).Message);

        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var frame in extractor.Run(endless, stop.Token))
                stop.Cancel();
        });
        Assert.Empty(extractor.Run((Span<byte> rgb, out int tag) => (tag = 0) != 0));
    }

    [SkippableFact]
    public void ManyFramesLeaveNoTensorBehind()
    {
        using IFeatureExtractor extractor = Libtorch.Require().CreateExtractor(Small(), Precision.Float);
        Features(extractor, 20);
        Libtorch.Collect();
        long tensors = TorchSharp.torch.Tensor.TotalCount;
        Features(extractor, 500);
        Assert.Equal(tensors, TorchSharp.torch.Tensor.TotalCount);
    }

    private static ExtractorSpec Spec(int height, int width, InceptionDialect dialect) =>
        new(InceptionV3.Spec(height, width, dialect), Weights.Tensors, 127.5f, -1);

    private static ExtractorSpec Small(float weight = 0.5f)
    {
        var network = new NetworkSpec([9, 9, 3], [new ConvolutionBlockSpec(4, 3, 3), new GlobalAveragePooling2DSpec()]);
        return new ExtractorSpec(
            network, new TensorSet(network.Parameters.Select(p => new NamedTensor(
                p.Name, p.Shape, () => Enumerable.Repeat(weight, p.Shape.Aggregate(1, (a, b) => a * b)).ToArray()))), 127.5f, -1);
    }

    private static float[][] Features(IBackend backend, ExtractorSpec spec, Precision precision, int frames)
    {
        using IFeatureExtractor extractor = backend.CreateExtractor(spec, precision);
        return Features(extractor, frames);
    }

    private void AssertNear(float[][] expected, float[][] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        double scale = expected.Max(f => f.Max(Math.Abs));
        double difference = expected.Zip(found).Max(f => f.First.Zip(f.Second).Max(v => Math.Abs((double)v.First - v.Second))) / scale;
        output.WriteLine($"{difference:0.0e0} of {scale:0.00}");
        Assert.True(difference <= tolerance, $"features differ by {difference:0.0e0} of the largest");
    }

    // Of random frames, each of another brightness.
    private static float[][] Features(IFeatureExtractor extractor, int frames)
    {
        var random = new RandomSource(1);
        int next = 0;
        FrameSource<int> source = (Span<byte> rgb, out int tag) =>
        {
            tag = next++;
            for (int i = 0; i < rgb.Length; i++)
                rgb[i] = (byte)(random.NextUniform() * (100 + 150 * tag / frames));
            return tag < frames;
        };
        var features = new List<float[]>();
        foreach ((int tag, ReadOnlyMemory<float> values) in extractor.Run(source))
        {
            Assert.Equal(features.Count, tag);
            features.Add(values.ToArray());
        }
        return [.. features];
    }
}
