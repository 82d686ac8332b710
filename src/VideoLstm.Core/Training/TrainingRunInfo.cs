using System.Text.Encodings.Web;
using VideoLstm.Core.Datasets;

namespace VideoLstm.Core.Training;

/// <summary>What a training run is, before its first epoch.</summary>
public sealed record TrainingRunInfo
{
    /// <summary>Name of its folder. The same run again must have the same name, another run another one.</summary>
    public required string Name { get; init; }

    /// <summary>Class names, in the order of the classifier's outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The clips that it learns from and is evaluated on.</summary>
    public required IReadOnlyList<Clip> Clips { get; init; }

    /// <summary>
    /// All that was chosen: public properties, in snake_case as JSON; nested ones may be grouped, e.g. <c>new { Training = options,
    /// Sequences = spec }</c>.
    /// </summary>
    public required object Options { get; init; }
}
