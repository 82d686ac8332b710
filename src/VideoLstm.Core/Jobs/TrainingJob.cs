using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Training;

namespace VideoLstm.Core.Jobs;

/// <summary>Training, from the clips of a data folder to a classifier.</summary>
public sealed class TrainingJob
{
    private readonly TrainingData _data;
    private readonly MobileNetWeights? _pretrained;
    private readonly Func<TrainingOptions, ModelSpec, Trainer> _make;
    private readonly ModelSpec _model;
    private readonly TrainingOptions _options;
    private readonly IBackend _backend;
    private readonly Trainer _trainer;
    private readonly IJobObserver _observer;

    private TrainingJob(TrainingRequest request, TrainingData data, MobileNetWeights? pretrained, IBackend backend, IJobObserver observer,
        (ModelSpec Model, TrainingOptions Options) how, Func<TrainingOptions, ModelSpec, Trainer> make)
    {
        (Request, _data, _pretrained, _backend, _observer, Failures) = (request, data, pretrained, backend, observer, data.Failures);
        (_model, _options) = how;
        _make = make;
        _trainer = make(_options, _model);
    }

    /// <summary>What is trained, on what, and how.</summary>
    public TrainingRequest Request { get; }

    /// <summary>The class names, in the order of the classifier's outputs.</summary>
    public IReadOnlyList<string> Classes => _data.Classes;

    /// <inheritdoc cref="Trainer.Samples"/>
    public (int Train, int Validation, int Test) Samples => _trainer.Samples;

    /// <inheritdoc cref="Trainer.Baselines"/>
    public Baselines Baselines => _trainer.Baselines;

    /// <summary>What went wrong so far: clips that cannot be used, files that cannot be written.</summary>
    public int Failures { get; private set; }

    /// <summary>Makes everything ready: weights, sequences or frames.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="InputException">Something that is needed cannot be had or used.</exception>
    public static async Task<TrainingJob> PrepareAsync(
        DataFolder data, TrainingRequest request, IBackend backend, IJobObserver observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        data.RequireWritable();
        (Recipe recipe, TrainingOptions options) = (request.Recipe, request.Options);
        if (recipe.SeesFrames && recipe.NeedsAllFrames && request.Sequences.Sequences.Pad)
            throw new InputException($"{recipe.Name} looks at a clip as a whole and cannot leave steps out", Remedy.DoNotPad);
        MobileNetWeights? pretrained = recipe.Options.Contains(nameof(ModelSpec.Alpha)) && options.From is null
            ? await new WeightsLoader(observer).LoadMobileNetAsync(request.MobileNet, ct) : null;
        options = options with { Pretrained = pretrained?.Digest };
        CheckpointInfo? start = options.From is { } path
            ? ClassifierFile.Open(path, new ClassifierHints { DataFile = data.DataFile,
                SequenceLength = request.Sequences.Sequences.Length }).Info
            : null;
        if (start?.Source.Origin is { } origin)
            observer.Remark($"{options.From}: a model of {origin}; its classes are taken to be {string.Join(", ", start.Classes)}, in " +
                $"this order");

        TrainingData prepared = recipe.SeesFrames
            ? TrainingData.OfFrames(data, request, observer, ct)
            : await TrainingData.OfFeaturesAsync(data, request.Sequences, backend, observer, ct);
        if (start is not null && prepared.InOrderOf(start.Classes) is { } reordered)
        {
            prepared = reordered;
            observer.Remark($"classes are numbered as in {options.From}: {string.Join(", ", prepared.Classes)}");
        }
        ModelSpec model = request.Choose(ModelSpec.Of(recipe, prepared.Source.Sequences, prepared.Classes.Count)) with
        {
            // What its weights are of no use without.
            HardSigmoid = start?.Model.HardSigmoid ?? false,
            Alpha = pretrained?.Alpha ?? start?.Model.Alpha ?? 1,
            Edition = start is null ? recipe.Edition : start.Model.Edition,
        };
        return new TrainingJob(request, prepared, pretrained, backend, observer, (model, options), (how, what) =>
            new Trainer(data, prepared.Reader, prepared.Samples, prepared.Classes, prepared.Source, what, how, backend)
            {
                WritePage = ReportPage.Write,
                Resumes = request.Resume,
            });
    }

    /// <summary>Searches for options that suit the clips, on training clips alone: see <see cref="Tuner"/>.</summary>
    /// <param name="request">What is searched, and for how long.</param>
    /// <param name="onBegin">Told how often the clips are divided.</param>
    /// <param name="onTrial">Told of each trial.</param>
    /// <param name="ct">Stops the search.</param>
    /// <returns>The best trial, or null if there is none; and <see cref="Tuner.ShortestTrial"/>.</returns>
    /// <exception cref="InputException">There are too few clips.</exception>
    public (Trial? Best, TimeSpan? ShortestTrial) Tune(
        TuningRequest request, Action<int> onBegin, Action<Trial> onTrial, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(onBegin);
        TrainingOptions options = Options(request);
        // What cannot be trained so is said before the search.
        Trainer trainer = _make(options, _model);
        var tuner = new Tuner(_data.Reader, _data.Samples, _model, options with { Patience = request.Patience }, trainer.Loss, _backend,
            _pretrained is null ? null : _pretrained.Fill)
        {
            LearningRates = request.LearningRate is { } given ? [given] : null,
            SearchesUnits = request.SearchesUnits,
        };
        onBegin(tuner.Divisions);
        return (tuner.Run(request.Budget, onTrial, ct), tuner.ShortestTrial);
    }

    /// <summary>The same with what a search found.</summary>
    /// <param name="trial">The best trial.</param>
    /// <param name="request">What was searched.</param>
    public TrainingJob With(Trial trial, TuningRequest request)
    {
        ArgumentNullException.ThrowIfNull(trial);
        ArgumentNullException.ThrowIfNull(request);
        TrainingOptions options = Options(request) with { LearningRate = trial.LearningRate, Patience = trial.Patience };
        return new TrainingJob(Request with { Options = options }, _data, _pretrained, _backend, _observer,
            (_model with { Units = trial.Units }, options), _make);
    }

    /// <summary>Says what is worth knowing before the first epoch.</summary>
    /// <param name="data">The data folder.</param>
    public void Introduce(DataFolder data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (_trainer.Untested is { Count: > 0 } untested)
            _observer.Remark($"no test clip that can be used is of {ClassNames.Join(untested)}: nothing tells how well " +
                $"{(untested.Count == 1 ? "it is" : "they are")} recognised; put some into {Path.Combine(data.Root, "test", "<Class>")}");
        if (Request.Resume && !_trainer.CanResume)
            _observer.Remark($"there is no run with these clips and options to go on with; one " +
                $"begins{(_trainer.RunOfOtherClips is { } other ? $" ({other})" : "")}");
        if (_trainer.ResumesFrom is { } before)
            _observer.Remark($"the run was computed by {before} until here: from here on it is the same but for rounding, not to the bit");
        if (_trainer.CanResume && !Request.Resume)
            _observer.Remark(new Finding("a run with the same clips and options has been here; this one begins anew and writes the same " +
                "files", Remedy.ResumeOrReseed));
    }

    /// <summary>Trains.</summary>
    /// <param name="onEpoch">Told of each epoch and of the checkpoint written after it, if any.</param>
    /// <param name="ct">Stops the run; checkpoints stay.</param>
    /// <exception cref="InputException">See <see cref="Trainer.Run"/>.</exception>
    public TrainingResult Run(Action<EpochResult, string?> onEpoch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(onEpoch);
        return _observer.Watch("epochs", "epochs", progress =>
        {
            // Where a run goes on, the first epoch after that tells from where.
            if (!Request.Resume || !_trainer.CanResume)
                progress.Report(new WorkProgress(0, Request.Options.Epochs));
            return _trainer.Run(
                _pretrained is null ? null : _pretrained.Fill,
                (epoch, checkpoint) =>
                {
                    onEpoch(epoch, checkpoint);
                    progress.Report(new WorkProgress(epoch.Epoch, Request.Options.Epochs));
                },
                failure =>
                {
                    Failures++;
                    _observer.Failure(failure);
                }, ct: ct);
        });
    }

    private TrainingOptions Options(TuningRequest request) =>
        _options with { Epochs = request.Epochs, ValidationSplit = request.ValidationSplit };
}
