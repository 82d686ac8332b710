using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Models;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Training;

/// <summary>
/// Where a training run stands after an epoch, complete: weights, the optimizer's memory, the schedule, the epochs so far.
/// (Random numbers need no state: each epoch has a stream of its own.) A run that goes on from here does, bit for bit, what it
/// would have done. One safetensors file, written aside and renamed.
/// </summary>
internal sealed record RunState
{
    private const string Format = "vlstm-run-1";

    private static readonly JsonSerializerOptions Json = new() { NumberHandling =
        JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>All epochs so far.</summary>
    public required IReadOnlyList<EpochResult> Epochs { get; init; }

    /// <summary>The learning rate, which a schedule may have changed.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Steps of the optimizer.</summary>
    public required long Steps { get; init; }

    /// <summary>What computed the last of them; null in older files.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Backend { get; init; }

    /// <summary>Lowest loss that the schedule has seen.</summary>
    public double PlateauBest { get; init; } = double.PositiveInfinity;

    /// <summary>Epochs without progress that the schedule has counted.</summary>
    public int PlateauWait { get; init; }

    /// <summary>Writes the state, whole or not at all.</summary>
    public void Save(string path, string run, ITrainableNetwork network, ITrainingSession session)
    {
        var metadata = new Dictionary<string, string> { ["format"] = Format, ["run"] = run,
            ["state"] = JsonSerializer.Serialize(this, Json) };
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, new TensorSet([.. network.Export(), .. session.State]).ToWrite(),
            metadata));
    }

    /// <summary>What computed the last epoch of a state; null: the file does not say.</summary>
    public static string? BackendOf(string path)
    {
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            return JsonText.Deserialize<RunState>(file.Metadata.GetValueOrDefault("state") ?? "", Json)?.Backend;
        }
        catch (Exception e) when (InputFailure.IsOfOne(e) || e is JsonException)
        {
            // Said when it is loaded.
            return null;
        }
    }

    /// <summary>Reads a state into a network and a fresh session.</summary>
    /// <param name="path">The file.</param>
    /// <param name="run">What the run must be called.</param>
    /// <param name="network">Gets the weights.</param>
    /// <param name="session">Gets what the optimizer remembers.</param>
    /// <exception cref="InputException">The file is no such state, or damaged.</exception>
    public static RunState Load(string path, string run, ITrainableNetwork network, ITrainingSession session)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format || file.Metadata.GetValueOrDefault("run") != run)
            throw Broken(path, "is no state of this run");
        RunState state;
        try
        {
            state = JsonText.Deserialize<RunState>(file.Metadata.GetValueOrDefault("state") ?? "", Json)
                ?? throw Broken(path, "says nothing");
        }
        catch (JsonException e)
        {
            throw Broken(path, string.Create(CultureInfo.InvariantCulture, $"is damaged at character {e.BytePositionInLine}"));
        }
        if (!state.IsPossible())
            throw Broken(path, "holds numbers that cannot be");
        TensorSet weights = Read(network.Spec.Parameters), memory = Read(session.State.Select(t => new ParameterSpec(t.Name, t.Shape)));
        network.Import(weights);
        session.Resume(memory, state.Steps, state.LearningRate);
        return state;

        TensorSet Read(IEnumerable<ParameterSpec> parameters) =>
            TensorSet.Read(file, parameters, fault => Broken(path, fault), notFinite: null);
    }

    // Epochs count from 1, and each has had a step at least.
    private bool IsPossible() =>
        Epochs is { Count: > 0 } && Epochs.Select(e => e.Epoch).SequenceEqual(Enumerable.Range(1, Epochs.Count))
            && Epochs.All(e => double.IsFinite(e.ValidationLoss))
        && Steps >= Epochs.Count && LearningRate > 0 && double.IsFinite(LearningRate) && PlateauWait >= 0 && !double.IsNaN(PlateauBest);

    private static InputException Broken(string path, string what) => new($"{path}: {what}", Remedy.TrainAfresh);
}
