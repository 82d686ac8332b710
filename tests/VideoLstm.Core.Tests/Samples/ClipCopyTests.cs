using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Inference;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Samples;

public sealed class ClipCopyTests : IDisposable
{
    private const int Side = 75;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FeaturesOfACopyAreThoseOfItsFrames()
    {
        var data = new DataFolder(_folder.File("data"));
        MadeClip.Make(_folder.File("data", "train", "A", "colour.mkv"), "testsrc=s=64x48:r=5", "-frames:v", "3", "-c:v", "ffv1");
        MadeClip.Make(_folder.File("data", "train", "A", "black.mkv"), "color=black:s=64x48:r=5,format=gbrp", "-frames:v", "3", "-c:v", "ffv1");
        Clip colour = new(ClipSet.Train, "A", "colour", 3), black = new(ClipSet.Train, "A", "black", 3);
        ClipVariant same = new(colour, new ClipCopy(1, new FrameTransform())), dark = new(colour, new ClipCopy(2, new FrameTransform { Brightness = 0 }));
        InceptionWeights weights = InceptionWeights.Random(1);
        var store = new SequenceStore(data, [colour, black], new SequenceSpec(3, Side, Side, FrameSampling.Even, FrameFit.Resize, weights.Digest) { Features = InceptionV3.Features });

        SequenceExtractionResult result = SequenceExtraction.Run(data, store, [colour, same, dark, black], () => new CpuBackend().CreateExtractor(weights.Spec(Side, Side), Precision.Float));

        Assert.Empty(result.Failures);
        Assert.Equal(4, result.Extracted);
        Assert.Equal(Read(store, colour), Read(store, same));
        Assert.Equal(Read(store, black), Read(store, dark));
        Assert.NotEqual(Read(store, colour), Read(store, dark));
    }

    [Fact]
    public void OnlyTrainClipsHaveCopies()
    {
        Clip a = new(ClipSet.Train, "A", "a", 9), b = new(ClipSet.Train, "A", "b", 9), c = new(ClipSet.Test, "A", "c", 9);
        var augmentation = new Augmentation { RotationRange = 10 };

        IReadOnlyList<ClipVariant> copies = augmentation.Copies([a, b, c], 3, 20, 30);

        Assert.Equal([(a, 1), (a, 2), (a, 3), (b, 1), (b, 2), (b, 3)], copies.Select(x => (x.Clip, x.Copy!.Number)));
        Assert.All(copies, x => Assert.Equal(augmentation.Draw(20, 30, 0, x.Label, x.Copy!.Number), x.Copy.Transform));
        Assert.Equal(6, copies.Select(x => x.Copy!.Transform.Rotation).Distinct().Count());
        Assert.Empty(augmentation.Copies([a, b, c], 0, 20, 30));
    }

    private static float[] Read(SequenceStore store, ClipVariant clip)
    {
        var features = new float[3 * InceptionV3.Features];
        store.Read(clip, features);
        return features;
    }
}
