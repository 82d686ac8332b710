using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Training;

/// <summary>
/// Trains a classifier on stored sequences: full epochs in random order, the last batch as small as it is; clips that it does not
/// learn from validate each epoch; a checkpoint at each improvement; early stopping. A run can be killed at any moment and resumed.
/// </summary>
public sealed class Trainer
{
    /// <summary>Writing states takes at most this share of the time.</summary>
    private const double StateShare = 0.05;

    private readonly IBackend _backend;
    private readonly ISampleReader _reader;
    private readonly CheckpointSource _source;
    private readonly DataFolder _data;
    private readonly IReadOnlyList<string> _classes;
    private readonly IReadOnlyList<Clip> _clips;
    private readonly Sample[] _train, _validation, _test;
    private readonly TrainingOptions _options;
    private readonly ModelSpec _spec;
    private readonly Dictionary<ClipVariant, string> _contents = [];
    private readonly string _run, _kind, _begunBy;
    private readonly RunFiles _files;
    private readonly HashSet<Sample> _unreadable = [];
    private NoveltyDetector? _novelty;

    /// <summary>Sets up a run.</summary>
    /// <param name="data">Where checkpoints and the log go.</param>
    /// <param name="reader">Where the samples come from.</param>
    /// <param name="samples">To learn from and to be evaluated on: the clip of each says which.</param>
    /// <param name="classes">Class names, in the order of the classifier's outputs.</param>
    /// <param name="source">What the samples are.</param>
    /// <param name="spec">What to train.</param>
    /// <param name="options">How to train.</param>
    /// <param name="backend">What computes.</param>
    /// <exception cref="InputException">A class has no clip to learn from, or there is no test clip.</exception>
    public Trainer(
        DataFolder data, ISampleReader reader, IReadOnlyList<Sample> samples, IReadOnlyList<string> classes, CheckpointSource source,
        ModelSpec spec, TrainingOptions options, IBackend backend)
    {
        _data = data;
        _reader = reader;
        _backend = backend;
        _source = source with { Backend = backend.Provenance };
        _classes = classes;
        _options = options;
        _spec = spec;
        if (classes.Count < 2)
            throw new InputException(
                $"{data.Root}: {classes.Count} class is asked for (class_limit), a classifier tells at least 2 apart; give 2 or more");
        _clips = [.. samples.Select(s => s.Clip).Distinct()];
        // A list of the same clips in another order is the same run.
        samples = [.. samples.OrderBy(s => s.Copy is null ? 0 : 1).ThenBy(s => s.Clip.Label, StringComparer.Ordinal)];
        (_train, _validation) = Split([.. samples.Where(s => s.Clip.Set == ClipSet.Train)]);
        _test = [.. samples.Where(s => s.Clip.Set == ClipSet.Test)];
        for (int c = 0; c < classes.Count; c++)
        {
            if (!_train.Any(s => s.Label == c))
                throw new InputException($"{data.ClassFolder(ClipSet.Train, classes[c])}: no usable clip of class {classes[c]} to train " +
                    $"on; add some, or leave the class out");
        }
        if (_test.Length == 0)
            throw new InputException($"{Path.Combine(data.Root, "test")}: no usable test clip; move some clips of each class there, " +
                $"training needs them to know when to stop");
        if (_options.ValidationSplit is null)
            _validation = _test;
        else if (_validation.Length == 0)
            throw new InputException($"{Path.Combine(data.Root, "train")}: too few clips to spare {_options.ValidationSplit:P0} of them " +
                $"for validation", Remedy.AddClipsOrJudgeByTest);
        (_run, _kind, _files) = Named(_source);
        _begunBy = backend.Name;
    }

    /// <summary>Shows the run as a page, after its epochs and at its end; null: there is no page.</summary>
    public ReportWriter? WritePage { get; init; }

    /// <summary>Whether there was a run with these options that <see cref="Run"/> could go on with.</summary>
    public bool CanResume => File.Exists(_files.State);

    /// <summary>
    /// Whether to go on where the same run ended, instead of beginning: one that another backend began goes on under its own name, if there
    /// is none of this one's.
    /// </summary>
    public bool Resumes
    {
        get;
        init
        {
            field = value;
            if (value && !CanResume && RunOfOtherBackend() is { } other)
            {
                (_run, _kind, _files) = Named(other);
                _begunBy = other.Backend ?? CpuBackend.BackendName;
            }
        }
    }

    /// <summary>What computed the run that is resumed until now, if it is another backend: else null.</summary>
    public string? ResumesFrom =>
        Resumes && CanResume && (RunState.BackendOf(_files.State) ?? _begunBy) is var other && other != _backend.Name ? other : null;

    /// <summary>Samples to learn from, to validate the epochs with, and to evaluate the result on.</summary>
    public (int Train, int Validation, int Test) Samples => (_train.Length, _validation.Length, _test.Length);

    /// <summary>What the accuracy of an epoch's validation has to be compared with.</summary>
    public Baselines Baselines => Baselines.Of([.. _validation.Select(s => s.Label)], _classes.Count);

    /// <summary>Classes without a test clip: nothing tells how well they are recognised.</summary>
    public IReadOnlyList<string> Untested => [.. _classes.Where((_, label) => !_test.Any(s => s.Label == label))];

    /// <summary>A run with the same options on other clips, in words; null if there was none.</summary>
    public string? RunOfOtherClips => RunRecorder.OfOtherClips(_data, RunInfo, _kind);

    /// <summary>What is to become small.</summary>
    internal LossSpec Loss => new((float)_options.LabelSmoothing, ClassWeights());

    private TrainingRunInfo RunInfo => new() { Name = _run, Classes = _classes, Clips = _clips,
        Options = new { Training = _options, Model = _spec, Sequences = _source } };

    /// <summary>Runs until patience or epochs run out.</summary>
    /// <param name="pretrain">Gives the network what <see cref="TrainingOptions.Pretrained"/> says.</param>
    /// <param name="onEpoch">Told of each epoch and of the checkpoint written after it, if any.</param>
    /// <param name="onFailure">Told once of each clip that cannot be read any more and is left out, and of each file besides the
    /// classifiers that cannot be written.</param>
    /// <param name="progress">Told of each clip within an epoch.</param>
    /// <param name="ct">Stops the run; checkpoints stay.</param>
    /// <exception cref="InputException">The loss is no number any more, a class has no clip left, a classifier cannot be written, the same
    /// run is running already, or the state to resume is damaged.</exception>
    public TrainingResult Run(
        Action<ITrainableNetwork>? pretrain = null, Action<EpochResult, string?>? onEpoch = null,
        Action<Finding>? onFailure = null, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        using FileStream alone = _files.Lock();
        HashSet<Finding> failures = [];
        using ITrainableNetwork network = Recipes.Build(_spec, _backend);
        using ITrainingSession session = network.Train(_options.OptimizerSpec, Loss);
        var loop = new EpochLoop(_reader, session, _options, _train.Length);
        ReduceLearningRateOnPlateau? plateau = _options.PlateauFactor is { } factor
            ? new ReduceLearningRateOnPlateau(factor, _options.PlateauPatience) : null;
        List<EpochResult> epochs = [];
        if (Resumes && CanResume)
        {
            RunState state = RunState.Load(_files.State, _run, network, session);
            epochs = [.. state.Epochs];
            if (plateau is not null)
                (plateau.Best, plateau.Wait) = (state.PlateauBest, state.PlateauWait);
        }
        else
        {
            network.Initialize((ulong)_options.Seed);
            pretrain?.Invoke(network);
            if (_options.From is { } from)
                Begin(network, from);
            if (CanResume)
                File.Delete(_files.State);
        }

        using RunRecorder run = RunRecorder.Start(_data, RunInfo, epochs.Count, WritePage, Fail);
        int resumable = epochs.Count;
        EpochResult best = epochs.Count > 0 ? epochs.MinBy(e => e.ValidationLoss) : new EpochResult(0, 0, 0, double.PositiveInfinity, 0);
        var sinceSaved = Stopwatch.StartNew();
        double saving = 0;
        bool saved = true;
        while (epochs.Count < _options.Epochs && !(epochs.Count - best.Epoch >= _options.Patience))
        {
            int epoch = epochs.Count + 1;
            (double trainLoss, double accuracy, double inTop) = loop.Run(Readable(_train), epoch, Drop, progress, ct);
            if (!double.IsFinite(trainLoss) || !network.Export().IsFinite)
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"epoch {epoch}: the loss is no number any more, at a learning rate of {session.LearningRate:g4}{Saved()}"),
                    Remedy.LowerLearningRate);
            var validation = new ClassificationMetrics(_classes,
                Evaluation.Run(network, _reader, Readable(_validation), unreadable: Drop, ct: ct));

            bool hasTop = _classes.Count > SoftmaxCrossEntropy.Top;
            var result = new EpochResult(epoch, trainLoss, accuracy, validation.Loss, validation.Accuracy)
            {
                LearningRate = session.CurrentRate,
                TopAccuracy = hasTop ? inTop : null,
                ValidationTopAccuracy = hasTop ? validation.TopAccuracy(SoftmaxCrossEntropy.Top) : null,
            };
            epochs.Add(result);
            string? checkpoint = null;
            bool isBetter = result.ValidationLoss < best.ValidationLoss;
            if (isBetter || _options.KeepsEachEpoch)
            {
                checkpoint = _files.Checkpoint(result);
                try
                {
                    Checkpoint.Save(checkpoint, network, Describe(result, validation), _novelty ??= FitNovelty());
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new InputException($"{checkpoint}: cannot be written ({e.Message}){Saved()}", Remedy.MakeRoomAndResume, e);
                }
                best = isBetter ? result : best;
            }
            plateau?.Report(result.ValidationLoss, session);
            run.Add(result, result.LearningRate.Value);
            saved = false;
            if (sinceSaved.Elapsed.TotalSeconds >= saving / StateShare)
                Save();
            Prune();
            onEpoch?.Invoke(result, checkpoint);
        }
        if (!saved)
            Save();
        Prune();

        string bestPath = _files.Checkpoint(best);
        if (!File.Exists(bestPath))
            throw new InputException($"{bestPath}: not found, the best weights of this run", Remedy.TrainAfresh);
        using ITrainableNetwork? other = best.Epoch == epochs.Count ? null : Checkpoint.Load(bestPath, _backend).Network;
        ClassificationMetrics metrics = run.Finish(Evaluation.Run(other ?? network, _reader, Readable(_test), unreadable: Drop, ct: ct),
            bestPath, ct);
        string? page = WritePage is null ? null : run.Page;
        return new TrainingResult(
            best, bestPath, metrics, Checkpoint.ReadInfo(bestPath).Temperature, epochs.Count, epochs.Count < _options.Epochs, page);

        void Save()
        {
            var clock = Stopwatch.StartNew();
            var state = new RunState
            {
                Epochs = epochs,
                LearningRate = session.LearningRate,
                Steps = session.Steps,
                Backend = _backend.Name,
                PlateauBest = plateau?.Best ?? double.PositiveInfinity,
                PlateauWait = plateau?.Wait ?? 0,
            };
            if (Try(() => state.Save(_files.State, _run, network, session)))
                (saved, resumable) = (true, epochs.Count);
            saving = clock.Elapsed.TotalSeconds;
            sinceSaved.Restart();
        }

        void Prune()
        {
            if (!_options.KeepsEachEpoch)
                Try(() => _files.Prune(epochs, _options.Keep, resumable));
        }

        // Without a state the run cannot be resumed, and with too many classifiers the disk is fuller: no reason to lose the training.
        bool Try(Action write)
        {
            try
            {
                write();
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fail($"{_data.Checkpoints}: {e.Message}; the training goes on");
                return false;
            }
        }

        void Drop(Sample sample, Exception why)
        {
            if (!_unreadable.Add(sample))
                return;
            Fail(InputFailure.Of(sample.Clip.Label, why).With("it is left out"));
            if (sample.Clip.Set == ClipSet.Train && !_train.Any(s => s.Label == sample.Label && !_unreadable.Contains(s)))
                throw new InputException($"{_data.ClassFolder(ClipSet.Train, _classes[sample.Label])}: no clip of class " +
                    $"{_classes[sample.Label]} can be read any more{Saved()}", Remedy.ExtractFeaturesAgain);
        }

        void Fail(Finding line)
        {
            if (failures.Add(line))
                onFailure?.Invoke(line);
        }

        string Saved() => best.Epoch > 0 ? $", the best classifier so far is {_files.Checkpoint(best)}" : "";
    }

    private Sample[] Readable(Sample[] samples) => _unreadable.Count == 0 ? samples : [.. samples.Where(s => !_unreadable.Contains(s))];

    private void Begin(ITrainableNetwork network, string from)
    {
        ClassifierFile file = ClassifierFile.Open(from, new ClassifierHints { DataFile = _data.DataFile,
            SequenceLength = _spec.SequenceLength });
        CheckpointInfo info = file.Info;
        if (info.Model.Sequential is not null)
        {
            string layers = string.Join(" - ", info.Model.Sequential);
            throw new InputException($"{from}: is no recipe of ours ({layers}), and only those are trained; give another checkpoint");
        }
        if (info.Model.Recipe != _spec.Recipe)
            throw new InputException($"{from}: is a `{info.Model.Recipe}`, not a `{_spec.Recipe}`", Remedy.TrainItsRecipe);
        if (!info.Classes.SequenceEqual(_classes, ClassNames.Same))
            throw new InputException($"{from}: tells {string.Join(", ", info.Classes)} apart, the clips are of " +
                $"{string.Join(", ", _classes)}; give a checkpoint of the same classes");
        using ITrainableNetwork other = file.Load(_backend);
        TensorSet learnt = other.Export();
        if (network.Export().FirstUnlike(learnt) is { } fault)
            throw new InputException($"{from}: {fault}", Remedy.TrainItsSizes);
        network.Import(learnt);
    }

    /// <summary>
    /// Of each class the same share of the clips to validate with, with all their windows, chosen by the seed; a class keeps at
    /// least one clip to learn from. Transformed copies of a clip stay with it, and validate nothing.
    /// </summary>
    private (Sample[] Train, Sample[] Validation) Split(Sample[] samples)
    {
        if (_options.ValidationSplit is not { } share)
            return (samples, []);
        var random = new RandomSource((ulong)_options.Seed, ulong.MaxValue);
        HashSet<Clip> spared = [];
        foreach (IGrouping<int, Sample> group in samples.GroupBy(s => s.Label).OrderBy(g => g.Key))
        {
            Clip[] clips = [.. group.Select(s => s.Clip).Distinct()];
            random.Shuffle(clips.AsSpan());
            spared.UnionWith(clips.Take(Math.Min((int)Math.Round(share * clips.Length), clips.Length - 1)));
        }
        return ([.. samples.Where(s => !spared.Contains(s.Clip))], [.. samples.Where(s => s.Copy is null && spared.Contains(s.Clip))]);
    }

    private float[]? ClassWeights()
    {
        if (_options.ClassWeights is { } given)
        {
            if (given.Keys.FirstOrDefault(name => !_classes.Contains(name)) is { } unknown)
                throw new InputException($"class weights: there is no class {unknown}; there are {string.Join(", ", _classes)}");
            return [.. _classes.Select(name => given.TryGetValue(name, out double weight) ? (float)weight : 1f)];
        }
        // As scikit-learn's "balanced": clips / (classes * clips of the class).
        return _options.BalanceClasses
            ? [.. _classes.Select((_, label) => _train.Length / ((float)_classes.Count * _train.Count(s => s.Label == label)))] : null;
    }

    private CheckpointInfo Describe(EpochResult epoch, ClassificationMetrics validation) => new()
    {
        Classes = _classes,
        Model = _spec,
        Source = _source,
        ClipFrames = _train.Select(s => s.Frames).Order().ElementAt(_train.Length / 2),
        Epoch = epoch.Epoch,
        ValidationLoss = epoch.ValidationLoss,
        ValidationAccuracy = epoch.ValidationAccuracy,
        Temperature = Calibration.FitTemperature([.. validation.Predictions.Select(p => (p.Probabilities, p.Label))]),
    };

    // By features alone: recipes that see frames have none that are the same before and after training.
    private NoveltyDetector? FitNovelty()
    {
        if (_source.Input is not null)
            return null;
        int features = _reader.SampleShape[1];
        var sequence = new float[_reader.SampleShape[0] * features];
        List<float[]> train = Means([.. _train.Where(s => s.Copy is null)]), validation = Means(_validation);
        return train.Count > 1 && validation.Count > 0 ? NoveltyDetector.Fit(train, validation) : null;

        List<float[]> Means(Sample[] samples)
        {
            List<float[]> means = [];
            Sample[] all = Readable(samples);
            int count = Math.Min(all.Length, NoveltyDetector.MostClips);
            for (int i = 0; i < count; i++)
            {
                Sample sample = all[(long)i * all.Length / count];
                try
                {
                    _reader.Read(sample, epoch: 0, sequence);
                    means.Add(NoveltyDetector.MeanOf(sequence.AsSpan(0, sample.RealFrames * features), features));
                }
                catch (Exception e) when (InputFailure.IsOfOne(e))
                {
                    // The next epoch says so.
                }
            }
            return means;
        }
    }

    // The run with these options that computes, or computed, with the backend that a source names.
    private (string Run, string Kind, RunFiles Files) Named(CheckpointSource source)
    {
        SequenceSpec sequences = source.Sequences;
        string digest = Digest(source), computed = source.Backend is { } other ? $"-{other}" : "";
        string kind = $"{_spec.Recipe}{computed}-training-{sequences.Length}-{_classes.Count}-{sequences.Height}x{sequences.Width}-";
        string classifiers = _spec.Recipe + (source.Input is null ? "-features" : "");
        return (kind + digest, kind, new RunFiles(_data, kind + digest, classifiers, digest));
    }

    // What a state beside this one's would have to be called, were it the same run of another backend.
    private CheckpointSource? RunOfOtherBackend()
    {
        string begin = _spec.Recipe, end = $"{_kind[_kind.IndexOf("-training-", StringComparison.Ordinal)..]}*.state";
        return (Directory.Exists(_data.Checkpoints) ? Directory.EnumerateFiles(_data.Checkpoints, begin + "*" + end) : [])
            .Select(f => Path.GetFileName(f)[begin.Length..].Split("-training-")[0].TrimStart('-')).Distinct(StringComparer.Ordinal)
            .Select(other => _source with { Backend = other.Length > 0 ? other : null })
            .FirstOrDefault(source => source.Backend != _source.Backend && File.Exists(Named(source).Files.State));
    }

    // Of all that the run depends on: the same run again writes the same files, another one never overwrites them.
    private string Digest(CheckpointSource source)
    {
        byte[] run = JsonSerializer.SerializeToUtf8Bytes(new { _options, _spec, _source = source, _classes, Train = _train.Select(Name),
            Validation = _validation.Select(Name) });
        return Convert.ToHexStringLower(SHA256.HashData(run))[..8];

        string Name(Sample sample) => string.Create(CultureInfo.InvariantCulture,
            $"{sample.Clip.Label}@{sample.Window}/{sample.Copy} {Content(sample.Variant)}");

        string Content(ClipVariant clip)
        {
            if (_contents.TryGetValue(clip, out string? known))
                return known;
            try
            {
                return _contents[clip] = _reader.Digest(clip);
            }
            catch (Exception e) when (InputFailure.IsOfOne(e))
            {
                // Said when it is to be learnt from.
                return _contents[clip] = "";
            }
        }
    }
}
