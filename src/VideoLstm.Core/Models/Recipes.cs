using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>All recipes.</summary>
public static class Recipes
{
    /// <summary>The default: the article's.</summary>
    public const string Default = "lstm";

    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<Recipe> All { get; } =
    [
        LstmModel.Recipe, GruModel.Recipe, MlpModel.Recipe, AttentionModel.Recipe, ConvnetGruModel.Recipe, MobileNetGruModel.Recipe,
        MobileNetModel.Recipe, .. FrameSequenceModels.All, LrcnModel.Recipe, Conv3DModel.Recipe, C3DModel.Recipe, I3DModel.Recipe,
        LinearModel.Recipe,
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
