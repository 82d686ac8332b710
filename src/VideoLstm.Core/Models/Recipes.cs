using VideoLstm.Core.Compute;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>A way from sequences to a class that somebody published, with the numbers of its source as defaults.</summary>
/// <param name="Name">What a user types.</param>
/// <param name="Summary">One line.</param>
/// <param name="Defaults">How its source trains it.</param>
/// <param name="Layers">The layers of its network, the last a dense one with softmax behind it.</param>
/// <param name="Choices">What of the <see cref="ModelSpec"/> it heeds.</param>
public sealed record Recipe(string Name, string Summary, TrainingOptions Defaults, Func<ModelSpec, IReadOnlyList<LayerSpec>> Layers,
    ModelChoices Choices = ModelChoices.None)
{
    /// <summary>Whether the network sees frames, and not features of them.</summary>
    public bool SeesFrames { get; init; }

    /// <summary>What it takes a pixel for: byte · scale + offset.</summary>
    public (float Scale, float Offset) Pixels { get; init; } = (1 / 255f, 0);

    /// <summary>How its source takes frames from clips, where the user does not say it; null: as all others.</summary>
    public SequenceDefaults? Sequences { get; init; }

    /// <summary>Whether each clip is looked at as a whole: its sequences cannot be padded.</summary>
    public bool NeedsAllFrames { get; init; }
}

/// <summary>How frames are taken from clips.</summary>
/// <param name="Sampling">Which.</param>
/// <param name="Fit">How they come to size.</param>
/// <param name="Pad">Whether clips that are too short are kept.</param>
public sealed record SequenceDefaults(FrameSampling Sampling, FrameFit Fit, bool Pad);

/// <summary>What can be chosen of a recipe's network.</summary>
[Flags]
public enum ModelChoices
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="ModelSpec.Units"/>.</summary>
    Units = 1,

    /// <summary><see cref="ModelSpec.Layers"/>.</summary>
    Layers = 2,

    /// <summary><see cref="ModelSpec.Bidirectional"/>.</summary>
    Bidirectional = 4,

    /// <summary><see cref="ModelSpec.Alpha"/> and <see cref="ModelSpec.TrainableLayers"/>.</summary>
    MobileNet = 8,
}

/// <summary>All recipes.</summary>
public static class Recipes
{
    /// <summary>The default: the article's.</summary>
    public const string Default = "lstm";

    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<Recipe> All { get; } =
    [
        LstmModel.Recipe, GruModel.Recipe, MlpModel.Recipe, AttentionModel.Recipe, ConvnetGruModel.Recipe, MobileNetGruModel.Recipe,
        LrcnModel.Recipe, Conv3DModel.Recipe, C3DModel.Recipe,
    ];

    /// <summary>The recipe of that name, also <see cref="SequentialModel"/>'s, or null.</summary>
    public static Recipe? Find(string name) =>
        name == SequentialModel.Recipe.Name ? SequentialModel.Recipe : All.FirstOrDefault(r => r.Name == name);

    /// <summary>What the network of a classifier is.</summary>
    /// <exception cref="InputException">There is no such recipe, or it cannot be made of such sequences.</exception>
    public static NetworkSpec Network(ModelSpec spec) => Make(spec, network => network);

    /// <summary>The network of a classifier, with zero weights.</summary>
    /// <param name="spec">What the classifier is.</param>
    /// <param name="backend">What computes it.</param>
    /// <exception cref="InputException">There is no such recipe, or it cannot be made of such sequences, or not by the backend.</exception>
    public static ITrainableNetwork Build(ModelSpec spec, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return Make(spec, backend.CreateNetwork);
    }

    private static T Make<T>(ModelSpec spec, Func<NetworkSpec, T> make)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Recipe recipe = Find(spec.Recipe)
            ?? throw new InputException($"no model `{spec.Recipe}`; there are {string.Join(", ", All.Select(r => r.Name))}");
        try
        {
            int[] input = recipe.SeesFrames ? [spec.SequenceLength, spec.Height, spec.Width, 3] : [spec.SequenceLength, spec.Features];
            var network = new NetworkSpec(input, recipe.Layers(spec));
            return network.OutputShape is [var classes] && classes == spec.Classes
                ? make(network)
                : throw new ArgumentException(
                    $"it gives [{string.Join(", ", network.OutputShape)}] for a sequence, not {spec.Classes} classes", nameof(spec));
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            string what = recipe.SeesFrames ? $"{spec.SequenceLength} frames of {spec.Height} x {spec.Width}"
                : $"{spec.SequenceLength} frames";
            throw new InputException($"model {recipe.Name}: cannot be made for {what} " +
                $"({e.Message.Split('\n', 2)[0].TrimEnd('\r', '.')}); give other numbers", e);
        }
    }
}
