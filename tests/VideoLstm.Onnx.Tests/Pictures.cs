using VideoLstm.Core.Compute;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Inference;
using VideoLstm.Tests;

namespace VideoLstm.Onnx.Tests;

/// <summary>Pictures, and what networks make of them.</summary>
internal static class Pictures
{
    /// <summary>ONNX Runtime, of which there is one in a process.</summary>
    public static IOnnxRuntime Runtime { get; } = new OnnxRuntime(OnnxPackages.Library);

    /// <summary>Made-up ones, RGB <c>[count, height, width, 3]</c>.</summary>
    public static byte[] MadeUp(int count, int height, int width) =>
        [.. Enumerable.Range(0, count * height * width * 3).Select(i => (byte)(i * 7919 >> 5))];

    /// <summary>The first frames of a film of people, RGB; the test is skipped where there is none.</summary>
    public static byte[] Real(int count, int side)
    {
        string video = Directory.EnumerateFiles(TestAssets.Require("videos", "weizmann_scene"), "*.mp4", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).First();
        byte[] frames = new byte[count * side * side * 3];
        using var reader = new FrameReader(video, side, side);
        for (int i = 0; i < count; i++)
            Assert.True(reader.Read(frames.AsSpan(i * side * side * 3, side * side * 3), out _));
        return frames;
    }

    /// <summary>Features of some pictures, <c>[samples, features]</c>, as every verb takes them.</summary>
    public static float[] Features(ExtractorNetwork network, byte[] frames, int height, int width)
    {
        using IFeatureExtractor extractor = network.Create(
            new SequenceSpec(1, height, width, FrameSampling.Even, FrameFit.Resize, "", Precision.Float), new CpuBackend());
        int sample = extractor.ClipFrames * height * width * 3, next = 0;
        List<float> features = [];
        foreach ((int tag, ReadOnlyMemory<float> row) in extractor.Run((Span<byte> rgb, out int number) =>
        {
            number = next;
            if (next * sample == frames.Length)
                return false;
            frames.AsSpan(next++ * sample, sample).CopyTo(rgb);
            return true;
        }))
        {
            Assert.Equal(features.Count, tag * extractor.Features);
            features.AddRange(row.ToArray());
        }
        Assert.Equal(frames.Length / sample * extractor.Features, features.Count);
        return [.. features];
    }

    /// <summary>Opens an ONNX file.</summary>
    public static OnnxPictureNetwork Open(string path, OnnxChoices? choices = null) => OnnxPictureNetwork.Open(path, choices ?? OnnxChoices.None, Runtime);
}
