using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>What a user says of a classifier whose file does not say it: a Keras model. Null: nothing.</summary>
public sealed record ClassifierHints
{
    /// <summary>The class names, in the order of the outputs.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>data_file.csv, whose first classes by name are taken where <see cref="Classes"/> is null.</summary>
    public string? DataFile { get; init; }

    /// <summary>Frames of a sequence, for a model that takes any number.</summary>
    public int? SequenceLength { get; init; }

    /// <summary>Height and width of the pictures whose features it learnt from, pixels.</summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>How they came to that size.</summary>
    public FrameFit? Fit { get; init; }

    /// <summary>Which frames of a clip its sequences were.</summary>
    public FrameSampling? Sampling { get; init; }
}
