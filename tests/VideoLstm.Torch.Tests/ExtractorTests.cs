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
    public void FeaturesAreThoseOfTheEngineInOrder(int height, int width, InceptionDialect dialect, int frames)
    {
        TorchBackend backend = Libtorch.Require();
        ExtractorSpec spec = new(InceptionV3.Spec(height, width, dialect), Weights.Tensors, 127.5f, -1);
        float[][] expected = Features(new CpuBackend().CreateExtractor(spec, Precision.Float), frames);
        float[][] found = Features(backend.CreateExtractor(spec, Precision.Float), frames);
        Assert.Equal(frames, found.Length);
        double scale = expected.Max(f => f.Max(Math.Abs));
        double difference = expected.Zip(found).Max(f => f.First.Zip(f.Second).Max(v => Math.Abs((double)v.First - v.Second))) / scale;
        output.WriteLine($"{difference:0.0e0} of {scale:0.00}");
        Assert.True(difference <= Pair.Tolerance, $"features differ by {difference:0.0e0} of the largest");
        Assert.NotEqual(expected[0], expected[1]);
    }

    [SkippableFact]
    public void ASourceThatFailsOrAReaderWhoStopsEndsEveryThread()
    {
        IFeatureExtractor extractor = Small();
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
        IFeatureExtractor extractor = Small();
        Features(extractor, 20);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long tensors = TorchSharp.torch.Tensor.TotalCount;
        Features(extractor, 500);
        Assert.Equal(tensors, TorchSharp.torch.Tensor.TotalCount);
        GC.KeepAlive(extractor);
    }

    private static IFeatureExtractor Small()
    {
        TorchBackend backend = Libtorch.Require();
        var network = new NetworkSpec([9, 9, 3], [new ConvolutionBlockSpec(4, 3, 3), new GlobalAveragePooling2DSpec()]);
        return backend.CreateExtractor(
            new ExtractorSpec(
                network, new TensorSet(network.Parameters.Select(p => new NamedTensor(
                    p.Name, p.Shape, () => Enumerable.Repeat(0.5f, p.Shape.Aggregate(1, (a, b) => a * b)).ToArray()))), 127.5f, -1),
            Precision.Float);
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
