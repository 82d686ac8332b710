using System.Text.Json;
using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Models;

/// <summary>A layer of a <see cref="SequentialModel"/> as it stands in the metadata of a classifier's file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Units">Of a recurrent or dense layer; else 0.</param>
internal sealed record SequentialLayer(
    [property: JsonConverter(typeof(SequentialLayer.SnakeCase<SequentialLayer.Kinds>))] SequentialLayer.Kinds Kind, int Units = 0)
{
    /// <summary>What a layer is, in words of the file.</summary>
    public enum Kinds
    {
        Lstm,
        Gru,
        GruResetBefore,
        Dense,
        Relu,
        Tanh,
        Sigmoid,
        Flatten,
        BatchNormalization,
        GlobalMaxPooling,
        GlobalAveragePooling,
    }

    /// <summary><see cref="RecurrentSpec.ReturnSequences"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Sequences { get; init; }

    /// <summary><see cref="RecurrentSpec.Bidirectional"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Bidirectional { get; init; }

    /// <summary><see cref="RecurrentSpec.RecurrentActivation"/>.</summary>
    [JsonConverter(typeof(SnakeCase<GateActivation>))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public GateActivation Gates { get; init; }

    /// <summary><see cref="BatchNormalizationSpec.Epsilon"/>; else 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Epsilon { get; init; }

    /// <summary>As the file has it.</summary>
    /// <exception cref="ArgumentException">No file says such a layer.</exception>
    public static SequentialLayer Of(LayerSpec layer) => layer switch
    {
        LstmSpec spec => Of(Kinds.Lstm, spec),
        GruSpec spec => Of(spec.ResetAfter ? Kinds.Gru : Kinds.GruResetBefore, spec),
        DenseSpec spec => new(Kinds.Dense, spec.Units),
        ActivationSpec { Function: ActivationKind.Relu } => new(Kinds.Relu),
        ActivationSpec { Function: ActivationKind.Tanh } => new(Kinds.Tanh),
        ActivationSpec { Function: ActivationKind.Sigmoid } => new(Kinds.Sigmoid),
        FlattenSpec { TimeDistributed: false } => new(Kinds.Flatten),
        BatchNormalizationSpec spec => new(Kinds.BatchNormalization) { Epsilon = spec.Epsilon },
        GlobalMaxPooling1DSpec => new(Kinds.GlobalMaxPooling),
        GlobalAveragePooling1DSpec => new(Kinds.GlobalAveragePooling),
        _ => throw new ArgumentException($"a classifier's file cannot say {layer}", nameof(layer)),
    };

    /// <summary>Whether layers that were read from a file can be any.</summary>
    public static bool AreValid(IReadOnlyList<SequentialLayer>? layers) =>
        layers is { Count: >= 1 and <= SequentialModel.MostLayers } && layers.All(
            l => l is not null && Enum.IsDefined(l.Kind) && Enum.IsDefined(l.Gates) && l.Epsilon is >= 0 and <= 1
                && (l.HasUnits ? l.Units is >= 1 and <= Checkpoint.MostUnits : l.Units == 0));

    /// <summary>What it is.</summary>
    public LayerSpec ToSpec() => Kind switch
    {
        Kinds.Lstm => Recurrent(new LstmSpec(Units)),
        Kinds.Gru => Recurrent(new GruSpec(Units)),
        Kinds.GruResetBefore => Recurrent(new GruSpec(Units) { ResetAfter = false }),
        Kinds.Dense => new DenseSpec(Units),
        Kinds.Relu => ActivationSpec.Relu,
        Kinds.Tanh => ActivationSpec.Tanh,
        Kinds.Sigmoid => ActivationSpec.Sigmoid,
        Kinds.Flatten => new FlattenSpec(),
        Kinds.BatchNormalization => new BatchNormalizationSpec { Epsilon = Epsilon },
        Kinds.GlobalMaxPooling => new GlobalMaxPooling1DSpec(),
        Kinds.GlobalAveragePooling => new GlobalAveragePooling1DSpec(),
        _ => throw new InvalidOperationException($"there is no layer {Kind}"),
    };

    private bool HasUnits => Kind is Kinds.Lstm or Kinds.Gru or Kinds.GruResetBefore or Kinds.Dense;

    private static SequentialLayer Of(Kinds kind, RecurrentSpec spec) =>
        new(kind, spec.Units) { Sequences = spec.ReturnSequences, Bidirectional = spec.Bidirectional, Gates = spec.RecurrentActivation };

    private RecurrentSpec Recurrent(RecurrentSpec spec) =>
        spec with { ReturnSequences = Sequences, Bidirectional = Bidirectional, RecurrentActivation = Gates };

    /// <summary>Words as the file has them.</summary>
    internal sealed class SnakeCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
        where T : struct, Enum;
}
