using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Models;

/// <summary>
/// A trained classifier as one safetensors file: the weights under Keras' names and in Keras' layout, everything else as a
/// <see cref="ClassifierRecord"/> in <c>__metadata__</c>. It can be renamed and moved and is still complete.
/// </summary>
public static class Checkpoint
{
    /// <summary>The most units of a recurrent layer.</summary>
    public const int MostUnits = 1 << 16;

    /// <summary>The most recurrent layers.</summary>
    public const int MostLayers = 16;

    /// <summary>Whether the metadata of a safetensors file is that of a checkpoint.</summary>
    public static bool IsCheckpoint(IReadOnlyDictionary<string, string> metadata) => ClassifierRecord.IsIn(metadata);

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">Its weights.</param>
    /// <param name="info">What it says of itself.</param>
    /// <param name="novelty">Finds what is like nothing that it learnt; null: it cannot tell.</param>
    public static void Save(string path, ITrainableNetwork network, CheckpointInfo info, NoveltyDetector? novelty = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(info);
        Dictionary<string, string> metadata = ClassifierRecord.Of(info with { Novelty = novelty?.Record }).ToMetadata();
        var tensors = new TensorSet([.. network.Export(), .. novelty?.ToTensors() ?? []]);
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, tensors.ToWrite(), metadata));
    }

    /// <summary>All that a classifier knows of itself besides its weights, a text each; what is no text, as JSON.</summary>
    public static IReadOnlyDictionary<string, string> Describe(CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return ClassifierRecord.Of(info).ToTexts();
    }

    /// <summary>Reads what a checkpoint says of itself, without its weights.</summary>
    /// <exception cref="InputException">It is no checkpoint, or lacks something.</exception>
    /// <exception cref="InvalidDataException">It is no whole safetensors file.</exception>
    public static CheckpointInfo ReadInfo(string path)
    {
        using SafetensorsFile file = Open(path);
        return ReadInfo(file);
    }

    /// <summary>Reads what a checkpoint says of itself, without its weights.</summary>
    /// <exception cref="InputException">It is no checkpoint, or lacks something.</exception>
    public static CheckpointInfo ReadInfo(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return IsCheckpoint(file.Metadata)
            ? ClassifierRecord.Read(file.Path, file.Metadata)
            : throw new InputException($"{file.Path}: is a {file.FormatName} file, but no classifier of ours", Remedy.NameClassifier);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="backend">What computes the network.</param>
    /// <exception cref="InputException">It is no checkpoint, lacks a tensor, or holds values that are no numbers.</exception>
    /// <exception cref="InvalidDataException">It is no whole safetensors file.</exception>
    public static (ITrainableNetwork Network, CheckpointInfo Info) Load(string path, IBackend backend)
    {
        using SafetensorsFile file = Open(path);
        CheckpointInfo info = ReadInfo(file);
        TensorSet weights = TensorSet.Read(
            file, Recipes.Network(info.Model).Parameters,
            fault => new InputException($"{path}: {fault}; train again"),
            name => new InputException($"{path}: tensor {name} holds NaN or infinite values", Remedy.LowerLearningRate));
        ITrainableNetwork network = Recipes.Build(info.Model, backend);
        network.Import(weights);
        return (network, info);
    }

    /// <summary>Reads what finds in a video what is like nothing that a classifier learnt.</summary>
    /// <returns>Null: the file holds none.</returns>
    /// <exception cref="InputException">It is not what the file says of it.</exception>
    /// <exception cref="InvalidDataException">It is no whole safetensors file.</exception>
    public static NoveltyDetector? LoadNovelty(string path)
    {
        using SafetensorsFile file = Open(path);
        CheckpointInfo info = ReadInfo(file);
        if (info.Novelty is not { } record)
            return null;
        return NoveltyDetector.Read(record, info.Sequences.Features, expected => TensorSet.Read(
            file, expected, fault => new InputException($"{path}: {fault}; train again"),
            name => new InputException($"{path}: tensor {name} holds NaN or infinite values; train again")));
    }

    private static SafetensorsFile Open(string path) => File.Exists(path)
        ? SafetensorsFile.Open(path)
        : throw new InputException($"{path}: no such file", Remedy.NameClassifier);
}
