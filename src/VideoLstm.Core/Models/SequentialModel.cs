using System.Globalization;
using System.Text.Json.Serialization;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Models;

/// <summary>What a layer of a <see cref="SequentialModel"/> is.</summary>
public enum SequentialLayerKind
{
    /// <summary><see cref="Numerics.Layers.Lstm"/>.</summary>
    Lstm,

    /// <summary><see cref="Numerics.Layers.Gru"/>.</summary>
    Gru,

    /// <summary><see cref="Numerics.Layers.GruResetBefore"/>.</summary>
    GruResetBefore,

    /// <summary><see cref="Linear"/>.</summary>
    Dense,

    /// <summary><see cref="Numerics.Layers.Relu"/>.</summary>
    Relu,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,

    /// <summary>All steps as one row.</summary>
    Flatten,

    /// <summary><see cref="Numerics.Layers.BatchNormalization"/>.</summary>
    BatchNormalization,

    /// <summary>The largest value of each feature over time.</summary>
    GlobalMaxPooling,
}

/// <summary>A layer of a <see cref="SequentialModel"/>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Units">Of a recurrent or dense layer; else 0.</param>
public sealed record SequentialLayer(SequentialLayerKind Kind, int Units = 0)
{
    /// <summary>A recurrent layer gives its outputs after every step, not after the last only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Sequences { get; init; }

    /// <summary>A recurrent layer in both directions, side by side.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Bidirectional { get; init; }

    /// <summary>The gates of a recurrent layer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public GateActivation Gates { get; init; }

    /// <summary>What a batch normalization adds to the variance; else 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Epsilon { get; init; }

    /// <summary>Whether it is a recurrent layer.</summary>
    [JsonIgnore]
    public bool IsRecurrent => Kind is SequentialLayerKind.Lstm or SequentialLayerKind.Gru or SequentialLayerKind.GruResetBefore;

    /// <inheritdoc/>
    public override string ToString() => string.Concat(
        Kind switch
        {
            SequentialLayerKind.GruResetBefore => "gru (reset before)",
            SequentialLayerKind.BatchNormalization => "batch normalization",
            SequentialLayerKind.GlobalMaxPooling => "maximum over time",
            _ => Kind.ToString().ToLowerInvariant(),
        },
        Units > 0 ? " " + Units.ToString(CultureInfo.InvariantCulture) : "", Bidirectional ? " in both directions" : "",
        Gates == GateActivation.Sigmoid ? "" : " with hard sigmoid");
}

/// <summary>
/// A network of features that no recipe describes: layers one behind the other, the last a dense one with softmax behind it.
/// It is what a Keras model becomes that is none of the recipes.
/// </summary>
public static class SequentialModel
{
    /// <summary>The most layers.</summary>
    public const int MostLayers = 64;

    /// <summary>The recipe. It is not among <see cref="Recipes.All"/>: only a file says which layers.</summary>
    public static Recipe Recipe { get; } = new("chain", "layers that a file lists", new TrainingOptions(), Build);

    /// <summary>Whether layers, read from a file, can be any.</summary>
    internal static bool IsValid(IReadOnlyList<SequentialLayer>? layers) => layers is { Count: >= 1 and <= MostLayers } && layers.All(
        l => l is not null && Enum.IsDefined(l.Kind) && Enum.IsDefined(l.Gates) && l.Epsilon is >= 0 and <= 1
            && (l.IsRecurrent || l.Kind == SequentialLayerKind.Dense ? l.Units is >= 1 and <= Checkpoint.MostUnits : l.Units == 0));

    /// <summary>The same network by the name of the recipe that it is, or as it is.</summary>
    internal static ModelSpec Recognize(ModelSpec spec)
    {
        IReadOnlyList<SequentialLayer> chain = spec.Chain!;
        int recurrent = chain.TakeWhile(l => l.IsRecurrent).Count();
        bool bidirectional = chain[0].Bidirectional, hard = chain[0].Gates == GateActivation.HardSigmoid;
        int units = chain[0].Units > 0 ? chain[0].Units : chain.FirstOrDefault(l => l.Units > 0)?.Units ?? 0, half = Math.Max(1, units / 2);
        SequentialLayer last = new(SequentialLayerKind.Dense, spec.Classes), relu = new(SequentialLayerKind.Relu);

        SequentialLayer lstm = new(SequentialLayerKind.Lstm, units) { Bidirectional = bidirectional, Gates = hard ? GateActivation.HardSigmoid : GateActivation.Sigmoid };
        if (recurrent is >= 1 and <= Checkpoint.MostLayers && chain.SequenceEqual(
            [.. Enumerable.Repeat(lstm with { Sequences = true }, recurrent - 1), lstm, new(SequentialLayerKind.Dense, LstmModel.Hidden), relu, last]))
            return Plain(LstmModel.Recipe) with { Units = units, Layers = recurrent, Bidirectional = bidirectional, HardSigmoid = hard };
        SequentialLayer gru = new(SequentialLayerKind.Gru, units) { Sequences = true, Bidirectional = bidirectional };
        if (chain.SequenceEqual([gru, gru with { Units = half, Sequences = false }, new(SequentialLayerKind.Dense, half), relu, last]))
            return Plain(GruModel.Recipe) with { Units = units, Bidirectional = bidirectional };
        SequentialLayer dense = new(SequentialLayerKind.Dense, units);
        return chain.SequenceEqual([new(SequentialLayerKind.Flatten), dense, dense, last]) ? Plain(MlpModel.Recipe) with { Units = units } : spec;

        ModelSpec Plain(Recipe recipe) => new(recipe.Name, spec.SequenceLength, spec.Features, spec.Classes);
    }

    private static Network Build(ModelSpec spec)
    {
        var stack = new LayerStack([spec.SequenceLength, spec.Features], new Workspace());
        foreach (SequentialLayer layer in spec.Chain ?? throw new ArgumentException("no layers are listed", nameof(spec)))
            Add(stack, layer);
        if (stack.Shape is not [var classes] || classes != spec.Classes)
            throw new ArgumentException($"it gives [{string.Join(", ", stack.Shape)}] for a sequence, not {spec.Classes} classes", nameof(spec));
        return new Network(stack.Layers, stack.Workspace);
    }

    private static void Add(LayerStack stack, SequentialLayer layer)
    {
        int[] shape = stack.Shape;
        if ((layer.IsRecurrent || layer.Kind == SequentialLayerKind.GlobalMaxPooling) && shape.Length != 2)
            throw new ArgumentException($"{layer} takes a sequence, not [{string.Join(", ", shape)}]", nameof(layer));
        if (layer.Kind == SequentialLayerKind.BatchNormalization && shape[^1] > Checkpoint.MostUnits)
            throw new ArgumentException($"{layer} of {shape[^1]} features", nameof(layer));
        _ = layer.Kind switch
        {
            SequentialLayerKind.Dense => stack.Dense(layer.Units),
            SequentialLayerKind.Flatten => stack.Flatten(),
            SequentialLayerKind.Relu => stack.Add(new Relu(shape, stack.Workspace)),
            SequentialLayerKind.Tanh => stack.Add(new Squash(shape, sigmoid: false, stack.Workspace)),
            SequentialLayerKind.Sigmoid => stack.Add(new Squash(shape, sigmoid: true, stack.Workspace)),
            SequentialLayerKind.BatchNormalization => stack.Add(new BatchNormalization(stack.Name("batch_normalization"), shape, stack.Workspace, epsilon: (float)layer.Epsilon)),
            SequentialLayerKind.GlobalMaxPooling => stack.Add(new GlobalMaxPooling1D(shape[0], shape[1])),
            _ => stack.Add(Recurrent(stack, layer)),
        };
    }

    private static Layer Recurrent(LayerStack stack, SequentialLayer layer)
    {
        (int time, int inputs, Workspace workspace) = (stack.Shape[0], stack.Shape[1], stack.Workspace);
        string name = stack.Name(layer.Kind == SequentialLayerKind.Lstm ? "lstm" : "gru");
        RecurrentLayer Create(string path) => layer.Kind switch
        {
            SequentialLayerKind.Lstm => new Lstm(path, time, inputs, layer.Units, 0, layer.Gates, workspace, layer.Sequences),
            SequentialLayerKind.Gru => new Gru(path, time, inputs, layer.Units, 0, workspace, layer.Sequences, layer.Gates),
            _ => new GruResetBefore(path, time, inputs, layer.Units, 0, workspace, layer.Sequences, layer.Gates),
        };
        if (!layer.Bidirectional)
            return Create(name);
        string both = stack.Name("bidirectional");
        return new Bidirectional(Create($"{both}/forward_{name}"), Create($"{both}/backward_{name}"));
    }
}
