using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>The frames themselves.</summary>
/// <param name="Spec">What of them.</param>
public sealed record FrameClassifierInput(FrameSpec Spec) : ClassifierInput
{
    /// <summary>What a classifier sees that says of itself that it sees frames.</summary>
    public FrameClassifierInput(CheckpointInfo info)
        : this(SpecOf(info))
    {
    }

    private static FrameSpec SpecOf(CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        (float scale, float offset) = Recipes.Find(info.Model.Recipe)!.Pixels;
        return new FrameSpec(info.Sequences, info.Source.Input!.Value, scale, offset);
    }
}
