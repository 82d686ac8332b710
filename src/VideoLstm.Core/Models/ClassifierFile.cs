using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Layers;

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

/// <summary>
/// A file with a classifier: a checkpoint of `vlstm train`, which says all of itself, or a model that Keras saved, which says
/// less. What a file holds is told by its content.
/// </summary>
public sealed class ClassifierFile
{
    private const int UsualSide = 299;
    private const string Best = "best", Latest = "latest";

    private readonly Func<Network> _load;

    private ClassifierFile(CheckpointInfo info, IReadOnlyList<string> notes, Func<Network> load) => (Info, Notes, _load) = (info, notes, load);

    /// <summary>What the classifier is.</summary>
    public CheckpointInfo Info { get; }

    /// <summary>What was assumed because the file does not say it, a line each.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Reads the weights.</summary>
    /// <exception cref="InputException">A weight is missing, of another shape, or holds values that are no numbers.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public Network Load() => _load();

    /// <summary>Whether a text stands for a classifier of a data folder: <c>best</c>, the one with the lowest validation loss of all, or <c>latest</c>, the one written last.</summary>
    public static bool IsWord(string text) => text is Best or Latest;

    /// <summary>The classifier of a data folder that a word stands for. Of equals the one that was written last is the best.</summary>
    /// <param name="word">See <see cref="IsWord"/>.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="length">Frames of a sequence that it must take; null: any.</param>
    /// <exception cref="InputException">There is none.</exception>
    public static string Find(string word, DataFolder data, int? length)
    {
        ArgumentNullException.ThrowIfNull(data);
        List<(FileInfo File, double Loss)> found = [];
        foreach (FileInfo file in Directory.Exists(data.Checkpoints) ? new DirectoryInfo(data.Checkpoints).EnumerateFiles("*.bin") : [])
        {
            try
            {
                CheckpointInfo info = Checkpoint.ReadInfo(Path.Combine(data.Checkpoints, file.Name));
                if (length is null || info.Sequences.Length == length)
                    found.Add((file, info.ValidationLoss ?? double.PositiveInfinity));
            }
            catch (Exception e) when (InputFailure.IsOfOne(e))
            {
                // What cannot be read is not the best, and may be no classifier at all.
            }
        }
        if (found.Count == 0)
            throw new InputException($"{word}: {data.Checkpoints} holds no classifier{(length is null ? "" : $" of {length} frames")}; train one, or name a file, --data names another data folder");
        IEnumerable<(FileInfo File, double Loss)> newest = found.OrderByDescending(f => f.File.LastWriteTimeUtc).ThenByDescending(f => f.File.Name, StringComparer.Ordinal);
        return Path.Combine(data.Checkpoints, (word == Latest ? newest.First() : newest.MinBy(f => f.Loss)).File.Name);
    }

    /// <summary>Reads what a file says of a classifier, without its weights.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hints">What the user says; what contradicts the file is refused.</param>
    /// <exception cref="InputException">It is no classifier, or something is not known.</exception>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    public static ClassifierFile Open(string path, ClassifierHints hints)
    {
        ArgumentNullException.ThrowIfNull(hints);
        if (!File.Exists(path))
            throw new InputException($"{path}: no such file; give a classifier: a .bin from data/checkpoints, which `vlstm train` writes, or a Keras model (.hdf5, .h5, .keras)");
        using TensorFile file = TensorFile.Open(path);
        if (file is not KerasFile keras)
            return OpenCheckpoint(path, file, hints);
        if (!KerasModel.Is(keras))
            throw new InputException($"{path}: holds weights, but not what the layers are; save the whole model with Keras' model.save(\"model.hdf5\")");
        return OpenKeras(KerasModel.Read(keras), hints);
    }

    private static ClassifierFile OpenCheckpoint(string path, TensorFile file, ClassifierHints hints)
    {
        if (file is not Formats.Safetensors.SafetensorsFile safetensors)
            throw new InputException($"{path}: is a {file.FormatName} file; expected a classifier: a .bin that `vlstm train` wrote, or a Keras model (.hdf5, .h5, .keras)");
        CheckpointInfo info = Checkpoint.ReadInfo(safetensors);
        string? said = hints.Classes is not null ? "--classes" : hints.Size is not null ? "--size" : hints.Fit is not null ? "--crop" : hints.Sampling is not null ? "--sampling" : null;
        return said is null
            ? new ClassifierFile(info, [], () => Checkpoint.Load(path).Model)
            : throw new InputException($"{said}: {path} says itself what it is; leave {said} out, it is for Keras models");
    }

    private static ClassifierFile OpenKeras(KerasModel model, ClassifierHints hints)
    {
        string path = model.Path;
        int time = model.Time ?? hints.SequenceLength
            ?? throw new InputException($"{path}: takes sequences of any length; say which it learnt with --seq-length N");
        ModelSpec spec = model.Spec(time);
        SequenceDefaults? defaults = Recipes.Find(spec.Recipe)!.Sequences;
        (int height, int width) = hints.Size ?? (UsualSide, UsualSide);
        FrameFit fit = hints.Fit ?? defaults?.Fit ?? FrameFit.Resize;
        FrameSampling sampling = hints.Sampling ?? defaults?.Sampling ?? FrameSampling.Stride;
        (IReadOnlyList<string> classes, string from) = Classes(model, hints);
        string origin = model.Version is { } version ? $"Keras {KerasLayer.Short(version)}" : "Keras";
        var info = new CheckpointInfo
        {
            Classes = classes,
            Model = spec,
            Source = new CheckpointSource(new SequenceSpec(time, height, width, sampling, fit, WeightsDigest: "", Pad: model.TakesMask)) { WeightsName = "imagenet", Dialect = InceptionDialect.Keras, Origin = origin },
            ClipFrames = time,
            Epoch = null,
            ValidationLoss = null,
            ValidationAccuracy = null,
        };
        string size = $"{height} x {width} (height x width), {(fit == FrameFit.CenterCrop ? "the centre square" : "resized")}";
        List<string> notes =
        [
            .. model.Notes,
            $"{path}: a model of {origin}; its classes are {string.Join(", ", classes)}, in this order: {from}",
            $"{path}: does not say what it saw of a video; taken to be features of InceptionV3 of pictures of {size}{(hints.Size is null ? "; if it learnt from others, say --size HEIGHTxWIDTH" : "")}, {time} successive frames a window",
        ];
        if (!classes.SequenceEqual(classes.Order(StringComparer.Ordinal)))
            notes.Add("--classes: is not in alphabetical order, in which Keras and the Python scripts number classes; mind that it is the order of the model's outputs");
        return new ClassifierFile(info, notes, () =>
        {
            using KerasFile file = (KerasFile)TensorFile.Open(path);
            return KerasModel.Read(file).Load(spec);
        });
    }

    private static (IReadOnlyList<string> Classes, string From) Classes(KerasModel model, ClassifierHints hints)
    {
        int expected = model.Classes;
        if (hints.Classes is { } given)
        {
            return given.Count == expected && given.Distinct(StringComparer.Ordinal).Count() == expected && given.All(c => c.Length > 0)
                ? (given, "as --classes says")
                : throw new InputException($"--classes: expected {expected} names, one for each output of {model.Path}, found {given.Count}: {string.Join(",", given)}");
        }
        if (model.ClassNames is { } named)
            return (named, "as the file says");
        if (hints.DataFile is not { } list || !File.Exists(list))
            throw new InputException($"{model.Path}: does not hold the names of its {expected} classes; give them in the order of its outputs with --classes A,B,...{(hints.DataFile is null ? "" : $", or the data folder with the {Path.GetFileName(hints.DataFile)} that it learnt from with --data")}");
        string[] listed = [.. DataFile.Read(list).Select(c => c.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (listed.Length < expected)
            throw new InputException($"{model.Path}: tells {expected} classes apart, {list} lists {listed.Length} ({string.Join(", ", listed)}); give their names in the order of its outputs with --classes A,B,...");
        return (listed[..expected], listed.Length == expected ? $"those of {list}, by name" : $"the first {expected} of the {listed.Length} of {list}, by name");
    }
}
