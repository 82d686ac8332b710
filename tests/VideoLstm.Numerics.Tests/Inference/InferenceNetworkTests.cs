using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Tests.Kernels;

namespace VideoLstm.Numerics.Tests.Inference;

public class InferenceNetworkTests
{
    private const int Height = 23;
    private const int Width = 31;

    [Fact]
    public void A_network_of_all_kinds_of_layers_equals_plain_loops_at_every_level()
    {
        InferenceNetwork network = Build(out Func<byte[], float[]> reference);
        byte[] picture = Picture(1);
        float[] expected = reference(picture);
        Assert.True(expected.Count(v => v != 0) > expected.Length / 2);
        foreach (SimdLevel level in Simd.Supported)
        {
            float[] actual = new float[network.OutputLength];
            network.CreateSession(level).Run(picture, actual);
            ConvolutionTestData.AssertClose(expected, actual, 1e-5 * expected.Max());
        }
    }

    [Fact]
    public void A_network_of_bytes_is_near_and_the_same_at_every_level_and_for_any_number_of_threads()
    {
        InferenceNetwork network = Build(out Func<byte[], float[]> reference, Precision.Int8);
        Assert.InRange(network.ArenaBytes, 1, Build(out _).ArenaBytes / 3);
        byte[] picture = Picture(1);
        float[] expected = reference(picture);
        float[]? first = null;
        foreach (SimdLevel level in Simd.Supported)
            for (int threads = 1; threads <= 3; threads++)
            {
                float[] actual = new float[network.OutputLength];
                using Session session = network.CreateSession(level, threads);
                session.Run(picture, actual);
                ConvolutionTestData.AssertClose(expected, actual, 0.02 * expected.Max());
                Assert.Equal(first ??= actual, actual);
            }
    }

    [Fact]
    public void A_network_of_bytes_needs_a_pool_at_its_end_and_to_know_its_sums()
    {
        InferenceNetworkBuilder net = new(4, 4);
        ConvolutionParameters known = new(new float[16 * 27], new float[16], new float[16], new float[16]);
        Assert.Throws<ArgumentException>(() => net.Build(net.Convolution(net.Input, 16, (4, 4), 1, (0, 0), () => known), Precision.Int8));
        net = new(4, 4);
        ConvolutionParameters unknown = new(new float[16 * 27], new float[16]);
        FeatureMap x = net.Convolution(net.Input, 16, (3, 3), 1, (0, 0), () => unknown);
        Assert.Throws<ArgumentException>(() => net.Build(net.GlobalAveragePool(x), Precision.Int8));
    }

    [Theory]
    [InlineData(Precision.Float)]
    [InlineData(Precision.Int8)]
    public void What_the_memory_held_before_does_not_matter(Precision precision)
    {
        InferenceNetwork network = Build(out _, precision);
        using Session used = network.CreateSession();
        float[] first = new float[network.OutputLength], again = new float[network.OutputLength];
        used.Run(Picture(1), first);
        used.Run(Picture(2), again);
        Assert.NotEqual(first, again);
        used.Run(Picture(1), again);
        Assert.Equal(first, again);
    }

    /// <summary>Together from nowhere on, from the middle on (the maps have 165 pixels, then 35), all along.</summary>
    [Theory]
    [InlineData(0, Precision.Float)]
    [InlineData(100, Precision.Float)]
    [InlineData(1000, Precision.Float)]
    [InlineData(0, Precision.Int8)]
    [InlineData(100, Precision.Int8)]
    [InlineData(1000, Precision.Int8)]
    public void Pictures_computed_together_give_the_same_bits(int pixels, Precision precision)
    {
        InferenceNetwork plain = Build(out _, precision);
        foreach (SimdLevel level in Simd.Supported)
        {
            using Session alone = plain.CreateSession(level);
            float[][] expected = [.. Enumerable.Range(0, 5).Select(seed =>
            {
                float[] features = new float[plain.OutputLength];
                alone.Run(Picture(seed), features);
                return features;
            })];
            for (int frames = 1; frames <= 3; frames++)
            {
                InferenceNetwork network = Build(out _, precision, frames, pixels);
                Assert.Equal(frames, network.Frames);
                using Session session = network.CreateSession(level, threads: frames);
                for (int round = 0; round < 4; round++)
                {
                    int count = 1 + round % frames;
                    for (int i = 0; i < count; i++)
                        session.Add(Picture((round + i) % 5));
                    Assert.Equal(count, session.Finish());
                    for (int i = 0; i < count; i++)
                        Assert.Equal(expected[(round + i) % 5], session.Features(i).ToArray());
                }
                Assert.Equal(0, session.Finish());
            }
        }
    }

    [Fact]
    public void A_session_takes_no_more_pictures_than_it_has_room_for()
    {
        InferenceNetwork network = Build(out _, frames: 2);
        using Session session = network.CreateSession();
        session.Add(Picture(1));
        session.Add(Picture(2));
        Assert.Throws<InvalidOperationException>(() => session.Add(Picture(3)));
        Assert.Equal(2, session.Finish());
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Features(2));
    }

    [Fact]
    public void Threads_share_a_network()
    {
        InferenceNetwork network = Build(out _);
        float[][] expected = [.. Enumerable.Range(0, 8).Select(seed => Run(network.CreateSession(), seed))];
        Parallel.For(0, 4, _ =>
        {
            using Session session = network.CreateSession();
            for (int seed = 0; seed < expected.Length; seed++)
                Assert.Equal(expected[seed], Run(session, seed));
        });
        static float[] Run(Session session, int seed)
        {
            float[] output = new float[64];
            session.Run(Picture(seed), output);
            return output;
        }
    }

    [Fact]
    public void Threads_that_share_a_picture_give_the_same_bits()
    {
        InferenceNetwork network = Build(out _);
        foreach (SimdLevel level in Simd.Supported)
        {
            using Session one = network.CreateSession(level);
            for (int threads = 2; threads <= 5; threads++)
            {
                using Session several = network.CreateSession(level, threads);
                for (int seed = 1; seed <= 3; seed++)
                {
                    float[] expected = new float[network.OutputLength], actual = new float[network.OutputLength];
                    one.Run(Picture(seed), expected);
                    several.Run(Picture(seed), actual);
                    Assert.Equal(expected, actual);
                }
            }
        }
    }

    [Fact]
    public void Threads_sleep_between_pictures_and_end_with_the_session()
    {
        InferenceNetwork network = Build(out _);
        Session session = network.CreateSession(threads: 4);
        session.Run(Picture(1), new float[network.OutputLength]);
        Assert.True(SpinWait.SpinUntil(() => session.Sleeps, TimeSpan.FromSeconds(30)));
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run(Picture(1), new float[network.OutputLength]));
        network.CreateSession(threads: 3).Dispose();
    }

    [Theory]
    [InlineData(1, Precision.Float)]
    [InlineData(3, Precision.Float)]
    [InlineData(1, Precision.Int8)]
    public void A_frame_allocates_nothing(int threads, Precision precision)
    {
        InferenceNetwork network = Build(out _, precision);
        using Session session = network.CreateSession(threads);
        float[] output = new float[network.OutputLength];
        byte[] picture = Picture(1);
        session.Run(picture, output);
        // A thread that has to sleep for the first time makes what it sleeps on: that may be in any frame, but not in each.
        var allocated = new long[20];
        for (int i = 0; i < allocated.Length; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            session.Run(picture, output);
            allocated[i] = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Contains(0, allocated);
    }

    [Fact]
    public void Pictures_and_outputs_of_another_size_are_refused()
    {
        InferenceNetwork network = Build(out _);
        using Session session = network.CreateSession();
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run(new byte[Height * Width * 3 - 1], new float[network.OutputLength]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run(Picture(1), new float[network.OutputLength + 1]));
    }

    [Fact]
    public void Layers_that_cannot_be_are_refused()
    {
        InferenceNetworkBuilder net = new(4, 4);
        Assert.Throws<ArgumentException>(() => net.Convolution(net.Input, 16, (5, 5), 1, (0, 0), () => default));
        Assert.Throws<ArgumentException>(() => net.Convolution(net.Input, 16, (3, 3), 1, (1, 1), () => default));
        FeatureMap x = net.Convolution(net.Input, 16, (3, 3), 1, (0, 0), () => default);
        FeatureMap small = net.MaxPool(x, 2, 1);
        Assert.Throws<ArgumentException>(() => FeatureMap.Concat(x, small));
        Assert.Throws<ArgumentException>(() => FeatureMap.Concat(x, x));
        Assert.Throws<ArgumentException>(() => net.MaxPool(x, 3, 1));
        Assert.Throws<ArgumentException>(() => net.Build(x));
    }

    private static byte[] Picture(int seed)
    {
        byte[] picture = new byte[Height * Width * 3];
        new Random(seed).NextBytes(picture);
        return picture;
    }

    /// <summary>
    /// Branches of other depths that join, one within another; maps read twice, with different padding; and the same network
    /// in plain loops over <c>[channels, height, width]</c>.
    /// </summary>
    private static InferenceNetwork Build(out Func<byte[], float[]> reference, Precision precision = Precision.Float, int frames = 1, int pixels = 0)
    {
        InferenceNetworkBuilder net = new(Height, Width);
        Dictionary<int, ConvolutionParameters> constants = [];
        FeatureMap Conv(int id, FeatureMap x, int filters, int kh, int kw, int stride = 1, int py = 0, int px = 0)
        {
            int reduction = x.Channels * kh * kw;
            float scale = MathF.Sqrt(2f / reduction);
            float[] bias = ConvolutionTestData.Values((uint)id + 1, filters);
            constants[id] = new(ConvolutionTestData.Values((uint)id, filters * reduction).Select(v => v * scale).ToArray(), bias, bias, Enumerable.Repeat(0.5f, filters).ToArray());
            return net.Convolution(x, filters, (kh, kw), stride, (py, px), () => constants[id]);
        }

        FeatureMap x = Conv(1, net.Input, 32, 3, 3, stride: 2);
        FeatureMap a = Conv(2, x, 16, 3, 3, py: 1, px: 1);
        FeatureMap b = Conv(3, net.AveragePool(x, 3, 1, 1, countPadding: false), 48, 1, 1);
        FeatureMap b1 = Conv(4, b, 16, 1, 7, px: 3);
        FeatureMap b2 = Conv(5, b, 32, 7, 1, py: 3);
        FeatureMap joined = FeatureMap.Concat(a, FeatureMap.Concat(b1, b2), Conv(6, net.AveragePool(x, 3, 1, 1, countPadding: true), 16, 1, 1));
        FeatureMap c = Conv(7, joined, 48, 5, 5, py: 2, px: 2);
        FeatureMap whole = FeatureMap.Concat(Conv(8, c, 16, 3, 3, stride: 2), net.MaxPool(c, 3, 2));

        reference = picture =>
        {
            Plain input = new(3, Height, Width);
            for (int i = 0; i < picture.Length; i++)
                input.Values[i % 3 * Height * Width + i / 3] = picture[i] / 127.5f - 1;
            Plain P(int id, Plain p, int filters, int kh, int kw, int stride = 1, int py = 0, int px = 0) => p.Convolution(constants[id], filters, kh, kw, stride, py, px);
            Plain px = P(1, input, 32, 3, 3, stride: 2);
            Plain pa = P(2, px, 16, 3, 3, py: 1, px: 1);
            Plain pb = P(3, px.Average(countPadding: false), 48, 1, 1);
            Plain pc = P(7, Plain.Join(pa, P(4, pb, 16, 1, 7, px: 3), P(5, pb, 32, 7, 1, py: 3), P(6, px.Average(countPadding: true), 16, 1, 1)), 48, 5, 5, py: 2, px: 2);
            return Plain.Join(P(8, pc, 16, 3, 3, stride: 2), pc.Max()).Mean();
        };
        return net.Build(net.GlobalAveragePool(whole), precision, frames, pixels);
    }

    /// <summary>Layers on <c>[channels, height, width]</c>, as they are defined.</summary>
    private sealed record Plain(int Channels, int Height, int Width)
    {
        public float[] Values { get; private init; } = new float[Channels * Height * Width];

        public static Plain Join(params Plain[] parts) =>
            new(parts.Sum(p => p.Channels), parts[0].Height, parts[0].Width) { Values = [.. parts.SelectMany(p => p.Values)] };

        public Plain Convolution(ConvolutionParameters constants, int filters, int kh, int kw, int stride, int py, int px)
        {
            (float[] weights, float[] bias) = (constants.Weights.ToArray(), constants.Bias.ToArray());
            return Map(filters, (Height + 2 * py - kh) / stride + 1, (Width + 2 * px - kw) / stride + 1, (filter, y, x) =>
            {
                double sum = bias[filter];
                for (int channel = 0; channel < Channels; channel++)
                    for (int i = 0; i < kh; i++)
                        for (int j = 0; j < kw; j++)
                            sum += weights[((filter * Channels + channel) * kh + i) * kw + j] * (At(channel, y * stride + i - py, x * stride + j - px) ?? 0);
                return Math.Max(0, sum);
            });
        }

        public Plain Average(bool countPadding) => Map(Channels, Height, Width, (channel, y, x) =>
        {
            List<float?> window = [.. from i in Enumerable.Range(-1, 3) from j in Enumerable.Range(-1, 3) select At(channel, y + i, x + j)];
            return (double)window.Sum(v => v ?? 0)! / (countPadding ? 9 : window.Count(v => v is not null));
        });

        public Plain Max() => Map(Channels, (Height - 3) / 2 + 1, (Width - 3) / 2 + 1, (channel, y, x) =>
            (from i in Enumerable.Range(0, 3) from j in Enumerable.Range(0, 3) select (double)At(channel, y * 2 + i, x * 2 + j)!.Value).Max());

        public float[] Mean() => [.. Values.Chunk(Height * Width).Select(channel => (float)channel.Average(v => (double)v))];

        private static Plain Map(int channels, int height, int width, Func<int, int, int, double> value)
        {
            Plain result = new(channels, height, width);
            for (int i = 0; i < result.Values.Length; i++)
                result.Values[i] = (float)value(i / (height * width), i / width % height, i % width);
            return result;
        }

        private float? At(int channel, int y, int x) =>
            y >= 0 && y < Height && x >= 0 && x < Width ? Values[(channel * Height + y) * Width + x] : null;
    }
}
