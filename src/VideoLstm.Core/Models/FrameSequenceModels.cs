using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// The networks of <see cref="ConvnetGruModel"/> and <see cref="MobileNetGruModel"/> with something else over time than their GRU 64:
/// an LSTM of as many units, or the features of all frames in one row, which needs all frames to be there. All else is theirs.
/// <para>
/// Behind MobileNet's features in one row there is a batch norm, as the convnet has one before: they are between 0 and 6, and many are near
/// 6 in all clips, so that without it the loss grows beyond all numbers at the source's rate, and at a hundredth of it nothing is learnt.
/// Classifiers of before 2026-11-28 go without.
/// </para>
/// </summary>
public static class FrameSequenceModels
{
    private const int NormalizedEdition = 2026;

    /// <summary>The recipes.</summary>
    public static IReadOnlyList<Recipe> All { get; } =
    [
        WithLstm(ConvnetGruModel.Recipe, "convnet-lstm"), Flattened(ConvnetGruModel.Recipe, "convnet-flatten"),
        WithLstm(MobileNetGruModel.Recipe, "mobilenet-lstm"), Normalized(Flattened(MobileNetGruModel.Recipe, "mobilenet-flatten")),
    ];

    private static Recipe WithLstm(Recipe recipe, string name) => recipe with
    {
        Name = name, Summary = $"{recipe.Name} with an LSTM(64)",
        Layers = spec => With(recipe.Layers(spec), l => l is GruSpec gru ? [new LstmSpec(gru.Units)] : [l]),
    };

    private static Recipe Flattened(Recipe recipe, string name) => recipe with
    {
        Name = name, Summary = $"{recipe.Name} without the GRU: all frames' features in one row", NeedsAllFrames = true,
        Layers = spec => With(recipe.Layers(spec), l => l is GruSpec ? [new FlattenSpec()] : [l]),
        Options = [.. recipe.Options.Where(o => o != nameof(ModelSpec.Units))],
    };

    private static Recipe Normalized(Recipe recipe) => recipe with
    {
        Edition = NormalizedEdition,
        Layers = spec => spec.Edition switch
        {
            NormalizedEdition => With(recipe.Layers(spec),
                l => l is FlattenSpec ? [l, new BatchNormalizationSpec { Momentum = 0.9f, WarmsUp = true }] : [l]),
            null => recipe.Layers(spec),
            _ => throw new ArgumentException($"there is no edition of {spec.Edition}", nameof(spec)),
        },
    };

    private static IReadOnlyList<LayerSpec> With(IReadOnlyList<LayerSpec> layers, Func<LayerSpec, LayerSpec[]> change) =>
        [.. layers.SelectMany(change)];
}
