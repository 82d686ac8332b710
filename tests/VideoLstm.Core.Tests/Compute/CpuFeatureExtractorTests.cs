using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Tests.Compute;

public class CpuFeatureExtractorTests
{
    [Theory]
    [InlineData(2, 8, "1 1")]
    [InlineData(2, 88, "1 1")]
    [InlineData(2, 1600, "2")]
    [InlineData(6, 88, "1 2 1 2")]
    [InlineData(16, 8, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    [InlineData(16, 88, "4 4 4 4")]
    [InlineData(1, 8000, "1")]
    public void Large_frames_are_shared_by_several_threads(int threads, long arenaMegabytes, string expected) =>
        Assert.Equal(expected, string.Join(' ', CpuFeatureExtractor.Threads(threads, arenaMegabytes << 20)));

    [Fact]
    public void FeaturesComeInTheOrderOfTheFrames()
    {
        IFeatureExtractor extractor = Create();
        Assert.Equal(0, extractor.Rates.Network);
        (int Tag, float First)[] found = [.. extractor.Run(Frames(100)).Select(f => (f.Tag, f.Features.Span[0]))];
        Assert.Equal(Enumerable.Range(0, 100), found.Select(f => f.Tag));
        // A frame is as bright as its number says; what the network makes of one it makes of each like it.
        Assert.Equal(found.Select(f => f.First), extractor.Run(Frames(100)).Select(f => f.Features.Span[0]));
        Assert.Equal(100, found.Select(f => f.First).Distinct().Count());
        Assert.True(extractor.Rates is { Network: > 0, Copying: null });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ASourceWithFewFramesEnds(int frames) => Assert.Equal(frames, Create().Run(Frames(frames)).Count());

    [Fact]
    public void AFaultOfTheSourceComesBehindWhatWasBeforeItAtMost()
    {
        var seen = new List<int>();
        InputException fault = Assert.Throws<InputException>(() =>
        {
            foreach ((int tag, _) in Create().Run(Frames(50, at => at == 20 ? throw new InputException("it is torn") : true)))
                seen.Add(tag);
        });
        Assert.Equal("it is torn", fault.Message);
        Assert.Equal(Enumerable.Range(0, seen.Count), seen);
        Assert.InRange(seen.Count, 0, 20);
    }

    [Fact]
    public void NobodyAsksTheSourceAfterAnEndByTheCallerOrByCancellation()
    {
        IFeatureExtractor extractor = Create();
        int asked = 0;
        foreach ((int tag, _) in extractor.Run(Frames(int.MaxValue, _ => ++asked > 0)))
        {
            if (tag == 10)
                break;
        }
        int atTheEnd = asked;
        Assert.InRange(atTheEnd, 11, 10_000);

        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach ((int tag, _) in extractor.Run(Frames(int.MaxValue, _ => ++asked > 0), cancel.Token))
            {
                if (tag == 10)
                    cancel.Cancel();
            }
        });
        atTheEnd = asked;
        Thread.Sleep(50);
        Assert.Equal(atTheEnd, asked);
    }

    // Frames of one grey each, numbered, as long as a condition holds.
    private static FrameSource<int> Frames(int count, Predicate<int>? goesOn = null)
    {
        int next = 0;
        return (Span<byte> rgb, out int tag) =>
        {
            tag = next++;
            rgb.Fill((byte)(150 + tag % 100));
            return tag < count && goesOn?.Invoke(tag) != false;
        };
    }

    // A convolution and a mean.
    private static IFeatureExtractor Create()
    {
        var network = new NetworkSpec(
            [9, 9, 3], [new ConvolutionBlockSpec(16, 3, 3) { Name = "conv", Stride = 2 }, new GlobalAveragePooling2DSpec()]);
        var random = new Random(1);
        Dictionary<string, float[]> values = network.Parameters.ToDictionary(
            p => p.Name, p => (float[])[.. Enumerable.Range(0, p.Shape.Aggregate(1, (a, b) => a * b)).Select(_ => random.NextSingle() + 0.1f)]);
        var weights = new TensorSet(network.Parameters.Select(p => new NamedTensor(p.Name, p.Shape, () => values[p.Name])));
        return new CpuBackend().CreateExtractor(new ExtractorSpec(network, weights, 127.5f, -1), Precision.Float);
    }
}
