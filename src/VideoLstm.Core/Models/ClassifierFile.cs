using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>
/// A file with a classifier: a checkpoint of `vlstm train`, which says all of itself, or a model that Keras saved, which says
/// less. What a file holds is told by its content.
/// </summary>
public sealed class ClassifierFile
{
    private const int UsualSide = 299;
    private const string Best = "best", Latest = "latest";

    private readonly Func<IBackend, ITrainableNetwork> _load;

    private ClassifierFile(string path, CheckpointInfo info, IReadOnlyList<Finding> notes, Func<IBackend, ITrainableNetwork> load) =>
        (Path, Info, Notes, _load) = (path, info, notes, load);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What the classifier is.</summary>
    public CheckpointInfo Info { get; }

    /// <summary>What was assumed because the file does not say it, a line each.</summary>
    public IReadOnlyList<Finding> Notes { get; }

    /// <summary>The network with its weights.</summary>
    /// <param name="backend">What computes it.</param>
    /// <exception cref="InputException">A weight is missing, of another shape, or holds values that are no numbers.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public ITrainableNetwork Load(IBackend backend) => _load(backend);

    /// <summary>What finds in a video what is like nothing that it learnt.</summary>
    /// <exception cref="InputException">It has no such thing, or it is damaged.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public NoveltyDetector LoadNovelty()
    {
        if (Info.Source.Input is not null)
            throw new InputException($"{Path}: is a `{Info.Model.Recipe}`, which sees frames; what is unknown is told by features",
                Remedy.DoNotAskForUnknown);
        return (Info.Novelty is null ? null : Checkpoint.LoadNovelty(Path))
            ?? throw new InputException($"{Path}: does not hold what its training clips were like, by which unknown things are told",
                Remedy.TrainAgainForUnknown);
    }

    /// <summary>
    /// Whether a text stands for a classifier of a data folder: <c>best</c>, the one with the lowest validation loss of all, or
    /// <c>latest</c>, the one written last.
    /// </summary>
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
                CheckpointInfo info = Checkpoint.ReadInfo(System.IO.Path.Combine(data.Checkpoints, file.Name));
                if (length is null || info.Sequences.Length == length)
                    found.Add((file, info.ValidationLoss ?? double.PositiveInfinity));
            }
            catch (Exception e) when (InputFailure.IsOfOne(e))
            {
                // What cannot be read is not the best, and may be no classifier at all.
            }
        }
        if (found.Count == 0)
            throw new InputException($"{word}: {data.Checkpoints} holds no classifier{(length is null ? "" : $" of {length} frames")}",
                Remedy.TrainOrNameClassifier);
        IEnumerable<(FileInfo File, double Loss)> newest = found.OrderByDescending(f => f.File.LastWriteTimeUtc)
            .ThenByDescending(f => f.File.Name, StringComparer.Ordinal);
        return System.IO.Path.Combine(data.Checkpoints, (word == Latest ? newest.First() : newest.MinBy(f => f.Loss)).File.Name);
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
            throw new InputException($"{path}: no such file", Remedy.NameAnyClassifier);
        using TensorFile file = TensorFile.Open(path);
        if (file is not KerasFile keras)
            return OpenCheckpoint(path, file, hints);
        if (!KerasModel.Is(keras))
            throw new InputException(
                $"{path}: holds weights, but not what the layers are; save the whole model with Keras' model.save(\"model.hdf5\")");
        return OpenKeras(KerasModel.Read(keras), hints);
    }

    private static ClassifierFile OpenCheckpoint(string path, TensorFile file, ClassifierHints hints)
    {
        if (file is not Formats.Safetensors.SafetensorsFile safetensors)
            throw new InputException($"{path}: is a {file.FormatName} file, no classifier", Remedy.NameAnyClassifier);
        CheckpointInfo info = Checkpoint.ReadInfo(safetensors);
        return (hints.Classes, hints.Size, hints.Fit, hints.Sampling) is (null, null, null, null)
            ? new ClassifierFile(path, info, [], backend => Checkpoint.Load(path, backend).Network)
            : throw new InputException($"{path}: says itself what it is", Remedy.LeaveHintsOut);
    }

    private static ClassifierFile OpenKeras(KerasModel model, ClassifierHints hints)
    {
        string path = model.Path;
        int time = model.Time ?? hints.SequenceLength
            ?? throw new InputException($"{path}: takes sequences of any length", Remedy.NameSequenceLength);
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
            Source = new CheckpointSource(new SequenceSpec(time, height, width, sampling, fit, WeightsDigest: "",
                Pad: model.TakesMask) { Features = InceptionV3.Features })
            {
                Extractor = InceptionV3.Name,
                WeightsName = "imagenet",
                Dialect = InceptionDialect.Keras,
                Origin = origin,
            },
            ClipFrames = time,
            Epoch = null,
            ValidationLoss = null,
            ValidationAccuracy = null,
        };
        string size = $"{height} x {width} (height x width), {(fit == FrameFit.CenterCrop ? "the centre square" : "resized")}";
        List<Finding> notes =
        [
            .. model.Notes.Select(note => new Finding(note)),
            $"{path}: a model of {origin}; its classes are {string.Join(", ", classes)}, in this order: {from}",
            new(
                $"{path}: does not say what it saw of a video; taken to be features of InceptionV3 of pictures of {size}, {time} " +
                    $"successive frames a window",
                hints.Size is null ? Remedy.NameSize : Remedy.None),
        ];
        if (!classes.SequenceEqual(classes.Order(StringComparer.Ordinal)))
            notes.Add("the classes are not in alphabetical order, in which Keras and the Python scripts number classes; mind that it is " +
                "the order of the model's outputs");
        return new ClassifierFile(path, info, notes, backend =>
        {
            using KerasFile file = (KerasFile)TensorFile.Open(path);
            return KerasModel.Read(file).Load(spec, backend);
        });
    }

    private static (IReadOnlyList<string> Classes, string From) Classes(KerasModel model, ClassifierHints hints)
    {
        int expected = model.Classes;
        if (hints.Classes is { } given)
        {
            return given.Count == expected && given.Distinct(StringComparer.Ordinal).Count() == expected && given.All(c => c.Length > 0)
                ? (given, "as given")
                : throw new InputException($"expected {expected} names of classes, one for each output of {model.Path}, found " +
                    $"{given.Count}: {string.Join(",", given)}");
        }
        if (model.ClassNames is { } named)
            return (named, "as the file says");
        if (hints.DataFile is not { } list || !File.Exists(list))
            throw new InputException($"{model.Path}: does not hold the names of its {expected} classes", hints.DataFile is null
                ? Remedy.NameClasses : Remedy.NameClassesOrDataFolder);
        string[] listed = [.. DataFile.Read(list).Select(c => c.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (listed.Length < expected)
            throw new InputException($"{model.Path}: tells {expected} classes apart, {list} lists {listed.Length} " +
                $"({string.Join(", ", listed)})", Remedy.NameClasses);
        return (listed[..expected], listed.Length == expected ? $"those of {list}, by name"
            : $"the first {expected} of the {listed.Length} of {list}, by name");
    }
}
