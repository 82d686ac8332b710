using VideoLstm.Core.Classification;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Tests.Classification;

/// <summary>A classifier of which all is known: it tells light windows from dark ones, by the mean of all pixels of all frames.</summary>
internal static class BrightnessClassifier
{
    public const int Side = 8;

    private const float Weight = 40;

    /// <summary>The network and what it says of itself.</summary>
    public static (Network Model, CheckpointInfo Info) Create(int length, long clipFrames, FrameSampling sampling = FrameSampling.Even)
    {
        var workspace = new Workspace();
        var flatten = new Flatten([length, Side, Side, 3]);
        var linear = new Dense("dense", flatten.OutputSize, 2, workspace);
        for (int i = 0; i < flatten.OutputSize; i++)
            linear.Kernel.Value.Span[2 * i] = Weight / flatten.OutputSize;
        linear.Bias.Value.Span[0] = -Weight / 2;
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
        return (new Network([flatten, linear], workspace), info);
    }

    /// <summary>What it says of a window by the grey levels of its frames: the probability of Light.</summary>
    public static double Light(IEnumerable<int> greys) => 1 / (1 + Math.Exp(-Weight * (greys.Average() / 255 - 0.5)));
}
