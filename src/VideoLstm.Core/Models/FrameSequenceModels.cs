using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// The networks of <see cref="ConvnetGruModel"/> and <see cref="MobileNetGruModel"/> with something else over time than their GRU 64:
/// an LSTM of as many units, or the features of all frames in one row, which needs all frames to be there. All else is theirs.
/// </summary>
public static class FrameSequenceModels
{
    /// <summary>The recipes.</summary>
    public static IReadOnlyList<Recipe> All { get; } =
    [
        WithLstm(ConvnetGruModel.Recipe, "convnet-lstm"), Flattened(ConvnetGruModel.Recipe, "convnet-flatten"),
        WithLstm(MobileNetGruModel.Recipe, "mobilenet-lstm"), Flattened(MobileNetGruModel.Recipe, "mobilenet-flatten"),
    ];

    private static Recipe WithLstm(Recipe recipe, string name) => recipe with
    {
        Name = name, Summary = $"{recipe.Name} with an LSTM(64)",
        Layers = spec => With(recipe.Layers(spec), gru => new LstmSpec(gru.Units)),
    };

    private static Recipe Flattened(Recipe recipe, string name) => recipe with
    {
        Name = name, Summary = $"{recipe.Name} without the GRU: all frames' features in one row", NeedsAllFrames = true,
        Layers = spec => With(recipe.Layers(spec), _ => new FlattenSpec()),
        Options = [.. recipe.Options.Where(o => o != nameof(ModelSpec.Units))],
    };

    private static IReadOnlyList<LayerSpec> With(IReadOnlyList<LayerSpec> layers, Func<GruSpec, LayerSpec> overTime) =>
        [.. layers.Select(l => l is GruSpec gru ? overTime(gru) : l)];
}
