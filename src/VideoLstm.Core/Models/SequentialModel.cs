using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// A network of features that no recipe describes: layers one behind the other, the last a dense one with softmax behind it.
/// It is what a Keras model becomes that is none of the recipes.
/// </summary>
public static class SequentialModel
{
    /// <summary>The most layers.</summary>
    public const int MostLayers = 64;

    /// <summary>The recipe. It is not among <see cref="Recipes.All"/>: only a file says which layers.</summary>
    public static Recipe Recipe { get; } = new(
        "chain", "layers that a file lists", new TrainingOptions(), spec =>
            spec.Sequential ?? throw new ArgumentException("no layers are listed", nameof(spec)), []);

    /// <summary>The same network by the name of the recipe that it is, or as it is.</summary>
    internal static ModelSpec Recognize(ModelSpec spec)
    {
        IReadOnlyList<LayerSpec> layers = spec.Sequential!;
        var first = layers[0] as RecurrentSpec;
        int recurrent = layers.TakeWhile(l => l is RecurrentSpec).Count();
        foreach (Recipe recipe in Recipes.All.Where(r => !r.SeesFrames))
        {
            bool stacks = recipe.Options.Contains(nameof(ModelSpec.Layers));
            ModelSpec named = new(recipe.Name, spec.SequenceLength, spec.Features, spec.Classes)
            {
                Units = layers.Select(UnitsOf).FirstOrDefault(u => u > 0),
                Layers = stacks ? Math.Max(1, recurrent) : 1,
                Bidirectional = first is { Bidirectional: true },
                HardSigmoid = first is { RecurrentActivation: Numerics.Kernels.GateActivation.HardSigmoid },
            };
            if (!(stacks && recurrent > Checkpoint.MostLayers) && Predicting(recipe.Layers(named)).SequenceEqual(layers))
                return named;
        }
        return spec;
    }

    // What is left of layers outside of training.
    private static IEnumerable<LayerSpec> Predicting(IEnumerable<LayerSpec> layers) =>
        layers.Where(l => l is not DropoutSpec).Select(l => l is RecurrentSpec recurrent ? recurrent with { Dropout = 0 } : l);

    private static int UnitsOf(LayerSpec layer) => layer switch
    {
        RecurrentSpec recurrent => recurrent.Units,
        DenseSpec dense => dense.Units,
        _ => 0,
    };
}
