using VideoLstm.Core.Compute;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Tests.Classification;

/// <summary>A classifier of which all is known: it tells light windows from dark ones, by the mean of all pixels of all frames.</summary>
internal static class BrightnessClassifier
{
    public const int Side = 8;

    private const float Weight = 40;

    /// <summary>The classifier.</summary>
    public static Classifier Create(int length, long clipFrames, FrameSampling sampling = FrameSampling.Even)
    {
        ITrainableNetwork network = Engine.Backend.CreateNetwork(new NetworkSpec([length, Side, Side, 3], [new FlattenSpec(), new DenseSpec(2)]));
        TensorSet weights = network.Export();
        Span<float> kernel = weights["dense/kernel"].Values.Span;
        for (int i = 0; i < kernel.Length; i += 2)
            kernel[i] = 2 * Weight / kernel.Length;
        weights["dense/bias"].Values.Span[0] = -Weight / 2;
        var spec = new SequenceSpec(length, Side, Side, sampling, FrameFit.Resize, "");
        var info = new CheckpointInfo
        {
            Classes = ["Light", "Dark"],
            Model = ModelSpec.Of(Recipes.Find("lrcn")!, spec, 2),
            Source = new CheckpointSource(spec) { Input = FrameInput.Rgb },
            ClipFrames = clipFrames,
            Epoch = 1,
            ValidationLoss = 0,
            ValidationAccuracy = 1,
        };
        return new Classifier(info, network, new FrameClassifierInput(info));
    }

    /// <summary>What it says of a window by the grey levels of its frames: the probability of Light.</summary>
    public static double Light(IEnumerable<int> greys) => 1 / (1 + Math.Exp(-Weight * (greys.Average() / 255 - 0.5)));
}
