using System.Runtime.InteropServices;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Numerics.Inference;
using VideoLstm.Tests;
using Xunit.Abstractions;

namespace VideoLstm.Core.Tests.Features;

/// <summary>Features equal torchvision's, on the pictures and weights of tests/references/inception.py.</summary>
public class InceptionV3Tests(ITestOutputHelper output)
{
    private static readonly InceptionWeights _random = InceptionWeights.Random(7);

    [Theory]
    [InlineData(75, 75)]
    [InlineData(150, 211)]
    [InlineData(299, 299)]
    [InlineData(720, 1280)]
    public void Features_of_random_weights_equal_torchvisions(int height, int width)
    {
        foreach (InceptionDialect dialect in Enum.GetValues<InceptionDialect>())
            AssertFeatures("random-7", _random, dialect, height, width);
    }

    [SkippableTheory]
    [InlineData(299, 299)]
    [InlineData(720, 1280)]
    public void Features_of_trained_weights_equal_torchvisions(int height, int width)
    {
        InceptionWeights weights = InceptionWeights.Load(TestAssets.Require("weights", "inception_v3_imagenet_2_layers_completed.h5"));
        Assert.Equal(InceptionDialect.Keras, weights.Dialect);
        Assert.Equal("sha256:a7f183db2c0209362fce13496ae09c96e11621ba237f8e8a67272d553ea00566", weights.Digest);
        foreach (InceptionDialect dialect in Enum.GetValues<InceptionDialect>())
            AssertFeatures("keras-file", weights, dialect, height, width);
    }

    [Fact]
    public void The_convolutions_are_those_of_torchvision()
    {
        Assert.Equal(94, InceptionV3.Convolutions.Count);
        Assert.Equal(21_751_136, InceptionV3.Convolutions.Sum(c => c.Length));
        Assert.Equal(94, InceptionV3.Convolutions.Select(c => c.Name).Distinct().Count());
        // Spot checks of Keras' numbers: the 95th is the first of a second network.
        Assert.Equal(new InceptionConvolution("Conv2d_1a_3x3", 32, 3, 3, 3), InceptionV3.Convolutions[0]);
        Assert.Equal(new InceptionConvolution("Mixed_5b.branch5x5_2", 64, 48, 5, 5), InceptionV3.Convolutions[7]);
        Assert.Equal(new InceptionConvolution("Mixed_6a.branch3x3", 384, 288, 3, 3), InceptionV3.Convolutions[26]);
        Assert.Equal(new InceptionConvolution("Mixed_6b.branch7x7_2", 128, 128, 1, 7), InceptionV3.Convolutions[32]);
        Assert.Equal(new InceptionConvolution("Mixed_7b.branch3x3dbl_3b", 384, 384, 3, 1), InceptionV3.Convolutions[83]);
        Assert.Equal(new InceptionConvolution("Mixed_7c.branch_pool", 192, 2048, 1, 1), InceptionV3.Convolutions[93]);
    }

    [Theory]
    [InlineData(74, 299)]
    [InlineData(299, 74)]
    [InlineData(4097, 299)]
    [InlineData(299, int.MaxValue)]
    [InlineData(-1, 0)]
    public void Sizes_out_of_range_are_refused_in_one_line(int height, int width)
    {
        InputException refusal = Assert.Throws<InputException>(() => CpuBackend.CreateEngine(_random.Spec(height, width), Precision.Float));
        Assert.Contains($"{height} x {width}", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Random_features_tell_pictures_apart_and_are_of_the_size_of_trained_ones()
    {
        const int size = 150;
        Session session = CpuBackend.CreateEngine(_random.Spec(size, size), Precision.Float).CreateSession();
        float[][] features = [.. Pictures(size).Select(picture =>
        {
            float[] values = new float[InceptionV3.Features];
            session.Run(picture, values);
            return values;
        })];
        for (int i = 0; i < features.Length; i++)
        {
            output.WriteLine($"picture {i}: mean {features[i].Average():0.000}; cosines {string.Join(' ', features.Select(f => Cosine(features[i], f).ToString("0.000")))}");
            Assert.InRange(features[i].Average(), 0.05, 1.5);
            for (int j = 0; j < i; j++)
                Assert.InRange(Cosine(features[i], features[j]), 0.1, 0.9);
        }
    }

    [SkippableTheory]
    [InlineData("weizmann_scene")]
    [InlineData("long")]
    public void Bytes_give_the_features_of_floats_on_real_frames(string folder)
    {
        const int size = 299;
        InceptionWeights trained = InceptionWeights.Load(TestAssets.Require("weights", "inception_v3_imagenet_2_layers_completed.h5"));
        string[] clips = [.. Directory.GetFiles(TestAssets.Require("videos", folder), "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        byte[][] frames = [.. clips.Where((_, i) => i % (1 + clips.Length / 8) == 0).Select(clip =>
        {
            using FrameReader reader = new(clip, size, size, FrameFit.Resize, frames: [20]);
            byte[] pixels = new byte[size * size * 3];
            Assert.True(reader.Read(pixels, out _));
            return pixels;
        })];
        AssertNear(trained, size, frames, 0.99);
        // Nothing in an untrained network has learnt to be robust.
        AssertNear(_random, size, frames, 0.97);
    }

    [Fact]
    public void Bytes_give_nearly_the_features_of_floats_of_an_untrained_network()
    {
        const int size = 150;
        AssertNear(_random, size, Pictures(size), 0.9);
    }

    private void AssertNear(InceptionWeights weights, int size, IEnumerable<byte[]> pictures, double cosine)
    {
        using Session floats = CpuBackend.CreateEngine(weights.Spec(size, size), Precision.Float).CreateSession(), bytes = CpuBackend.CreateEngine(weights.Spec(size, size), Precision.Int8).CreateSession();
        float[] expected = new float[InceptionV3.Features], actual = new float[InceptionV3.Features];
        List<double> cosines = [];
        foreach (byte[] picture in pictures)
        {
            floats.Run(picture, expected);
            bytes.Run(picture, actual);
            cosines.Add(Cosine(expected, actual));
        }
        output.WriteLine($"{weights.Source}: cosines {string.Join(' ', cosines.Select(c => c.ToString("0.0000")))}");
        Assert.All(cosines, c => Assert.InRange(c, cosine, 1.000001));
    }

    private void AssertFeatures(string name, InceptionWeights weights, InceptionDialect dialect, int height, int width)
    {
        float[] expected = Fixture($"{name}-{(dialect == InceptionDialect.Keras ? "keras" : "torchvision")}-{height}x{width}.npy");
        InferenceNetwork network = CpuBackend.CreateEngine(weights.WithDialect(dialect).Spec(height, width), Precision.Float);
        Assert.Equal((height, width, InceptionV3.Features), (network.InputHeight, network.InputWidth, network.OutputLength));
        float[] actual = new float[InceptionV3.Features];
        network.CreateSession().Run(Pixels(height, width), actual);

        float largest = expected.Max(), error = 0, relative = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            float difference = Math.Abs(actual[i] - expected[i]);
            error = Math.Max(error, difference);
            if (expected[i] > 0.01f * largest)
                relative = Math.Max(relative, difference / expected[i]);
        }
        output.WriteLine($"{name} {dialect} {height} x {width}: error {error / largest:0.0e0} of the largest feature, {relative:0.0e0} of each over a hundredth of it");
        Assert.InRange(error / largest, 0, 1e-4);
    }

    /// <summary>The values of an npy file, whose header length is in its bytes 8 and 9.</summary>
    private static float[] Fixture(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Features", "Fixtures", name));
        return MemoryMarshal.Cast<byte, float>(file.AsSpan(10 + BitConverter.ToUInt16(file, 8))).ToArray();
    }

    /// <summary>The test picture, in integers.</summary>
    private static byte[] Pixels(int height, int width)
    {
        byte[] pixels = new byte[height * width * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int y, int x, int c) = (i / 3 / width, i / 3 % width, i % 3);
            pixels[i] = (byte)(x * (3 + c) + y * (5 - c) + ((x * x + y * y) >> 7) * 11 + (((x >> 4) ^ (y >> 4)) & 1) * 60);
        }
        return pixels;
    }

    /// <summary>Stripes, noise, a chessboard, a white ball on a green field, a colour gradient.</summary>
    private static IEnumerable<byte[]> Pictures(int size)
    {
        Random random = new(1);
        Func<int, int, (int R, int G, int B)>[] pictures =
        [
            (y, x) => (x / 20 % 2 * 200, x / 20 % 3 * 100, x / 20 % 4 * 60),
            (y, x) => (random.Next(256), random.Next(256), random.Next(256)),
            (y, x) => ((x / 12 + y / 12) % 2 * 255, (x / 12 + y / 12) % 2 * 255, (x / 12 + y / 12) % 2 * 255),
            (y, x) => (x - 60) * (x - 60) + (y - 90) * (y - 90) < 200 ? (255, 255, 255) : (40, x / 20 % 2 * 20 + 130, 50),
            (y, x) => (x, y, 150 - x),
        ];
        foreach (Func<int, int, (int R, int G, int B)> picture in pictures)
        {
            byte[] pixels = new byte[size * size * 3];
            for (int i = 0; i < size * size; i++)
                (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = picture(i / size, i % size) is var (r, g, b) ? ((byte)r, (byte)g, (byte)b) : default;
            yield return pixels;
        }
    }

    private static double Cosine(float[] a, float[] b)
    {
        double dot = a.Zip(b).Sum(p => (double)p.First * p.Second);
        return dot / Math.Sqrt(a.Sum(v => (double)v * v) * b.Sum(v => (double)v * v));
    }
}
