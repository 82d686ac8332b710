using System.Diagnostics;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Training;

/// <summary>
/// Searches the learning rate, the units and the patience of a recipe, on training clips alone. First each learning rate with the recipe's
/// own units, or with 128 if these make a smaller network, so that a short time is enough; then the other numbers of units with the best
/// rate, the smallest network first. It is the same order with the same random numbers each time. A trial trains on
/// a part of the clips and is judged by the loss on the others, a stratified fifth of them, or where a class has few clips each of three
/// stratified folds in turn. Nothing is written.
/// </summary>
public sealed class Tuner
{
    private const int Folds = 3, FewClips = 50, Usual = 128;
    private const double Share = 0.2;

    private static readonly double[] Rates = [1e-4, 1e-3, 1e-5, 1e-2];
    private static readonly int?[] Widths = [32, Usual, 512];
    private static readonly int[] Patiences = [5, 10, 20];

    private readonly ISampleReader _reader;
    private readonly IBackend _backend;
    private readonly ModelSpec _spec;
    private readonly TrainingOptions _options;
    private readonly LossSpec _loss;
    private readonly Action<ITrainableNetwork>? _pretrain;
    private readonly (Sample[] Train, Sample[] Validation)[] _folds;

    /// <summary>Sets up a search.</summary>
    /// <param name="reader">Where the samples come from.</param>
    /// <param name="samples">Those of training clips.</param>
    /// <param name="spec">What to train.</param>
    /// <param name="options">How, apart from what is searched.</param>
    /// <param name="loss">What is to become small.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="pretrain">Gives each network what it begins with; null: nothing.</param>
    /// <exception cref="InputException">A class has one clip alone.</exception>
    public Tuner(ISampleReader reader, IReadOnlyList<Sample> samples, ModelSpec spec, TrainingOptions options, LossSpec loss,
        IBackend backend, Action<ITrainableNetwork>? pretrain = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        (_reader, _spec, _options, _loss, _backend, _pretrain) = (reader, spec, options, loss, backend, pretrain);
        _folds = Split([.. samples.Where(s => s.Clip.Set == ClipSet.Train)]);
    }

    /// <summary>How often the clips are divided: 1, or the folds.</summary>
    public int Divisions => _folds.Length;

    /// <summary>Learning rates to try; null: the recipe's own and some powers of ten.</summary>
    public IReadOnlyList<double>? LearningRates { get; init; }

    /// <summary>Whether to try other numbers of units.</summary>
    public bool SearchesUnits { get; init; }

    /// <summary>How long a trial takes at least, by the epochs of one that the time was too short for; null: there was none, or no step
    /// of it.</summary>
    public TimeSpan? ShortestTrial { get; private set; }

    private int Patience => _options.Patience ?? Patiences[^1];

    /// <summary>Searches.</summary>
    /// <param name="budget">No trial goes on longer than this after the search began; 49 days at most.</param>
    /// <param name="onTrial">Told of each trial that came to its end.</param>
    /// <param name="ct">Stops the search.</param>
    /// <returns>The best trial; null if none came to an end within the time, or none to a number.</returns>
    public Trial? Run(TimeSpan budget, Action<Trial>? onTrial = null, CancellationToken ct = default)
    {
        using var time = new CancellationTokenSource(budget);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(time.Token, ct);
        Trial? best = null;
        int?[] widths = SearchesUnits ? [.. Widths.Append(_spec.Units).Distinct().OrderBy(Weights)] : [_spec.Units];
        int? first = SearchesUnits && Weights(Usual) < Weights(_spec.Units) ? Usual : _spec.Units;
        foreach (double rate in LearningRates ?? (Rates.Contains(_options.LearningRate) ? Rates : [_options.LearningRate, .. Rates]))
            Try(rate, first);
        foreach (int? units in best is null ? [] : widths.Where(w => w != first))
            Try(best!.LearningRate, units);
        return best;

        long Weights(int? units) =>
            Recipes.Network(_spec with { Units = units }).Parameters.Sum(p => p.Shape.Aggregate(1L, (size, side) => size * side));

        void Try(double rate, int? units)
        {
            if (Train(rate, units, (stop.Token, ct)) is not { } trial)
                return;
            onTrial?.Invoke(trial);
            if (trial.Loss < (best?.Loss ?? double.PositiveInfinity))
                best = trial;
        }
    }

    // Null: the time is over.
    private Trial? Train(double rate, int? units, (CancellationToken Any, CancellationToken User) ct)
    {
        double loss = 0, correct = 0, begun = 0;
        int clips = 0, epochs = 0, patience = Patiences[0];
        var clock = Stopwatch.StartNew();
        try
        {
            foreach ((Sample[] train, Sample[] validation) in _folds)
            {
                ct.Any.ThrowIfCancellationRequested();
                List<(double Loss, double Accuracy)> curve = Train(rate, units, train, validation, part => begun += part, ct.Any);
                if (curve.Count == 0)
                    return new Trial(rate, units, double.PositiveInfinity, 0, 0, patience);
                (double Loss, double Accuracy) best = curve.MinBy(e => e.Loss);
                loss += best.Loss * validation.Length;
                correct += best.Accuracy * validation.Length;
                clips += validation.Length;
                int at = curve.IndexOf(best);
                epochs = Math.Max(epochs, at + 1);
                patience = Math.Max(patience, Patiences.FirstOrDefault(p => Reaches(curve, at, p), Patiences[^1]));
            }
        }
        catch (OperationCanceledException) when (!ct.User.IsCancellationRequested)
        {
            if (begun > 0)
                ShortestTrial = clock.Elapsed / begun * _folds.Length * Math.Min(_options.Epochs, Patience + 1.0);
            return null;
        }
        return new Trial(rate, units, loss / clips, correct / clips, epochs, _options.Patience ?? patience);
    }

    // Validation loss and accuracy of each epoch; none if one led to no number.
    private List<(double Loss, double Accuracy)> Train(
        double rate, int? units, Sample[] train, Sample[] validation, Action<double> onEpochs, CancellationToken ct)
    {
        TrainingOptions options = _options with { LearningRate = rate };
        using ITrainableNetwork network = Recipes.Build(_spec with { Units = units }, _backend);
        using ITrainingSession session = network.Train(options.OptimizerSpec, _loss);
        network.Initialize((ulong)options.Seed);
        _pretrain?.Invoke(network);
        var loop = new EpochLoop(_reader, session, options, train.Length);
        List<(double Loss, double Accuracy)> curve = [];
        int best = 0;
        try
        {
            while (curve.Count < options.Epochs && curve.Count - best <= Patience)
            {
                (double Loss, double Accuracy) result =
                    double.IsFinite(loop.Run(train, curve.Count + 1, ct: ct).Loss) ? Judge(network, validation, ct) : (double.NaN, 0);
                if (!double.IsFinite(result.Loss))
                    return [];
                curve.Add(result);
                if (curve.Count == 1 || result.Loss < curve[best].Loss)
                    best = curve.Count - 1;
            }
        }
        finally
        {
            onEpochs(loop.Epochs);
        }
        return curve;
    }

    private (double Loss, double Accuracy) Judge(ITrainableNetwork network, Sample[] validation, CancellationToken ct)
    {
        if (!network.Export().IsFinite)
            return (double.NaN, 0);
        // What cannot be read the training says.
        var metrics = new ClassificationMetrics([.. Enumerable.Range(0, _spec.Classes).Select(c => $"{c}")],
            Evaluation.Run(network, _reader, validation, unreadable: (_, _) => { }, ct: ct));
        return (metrics.Loss, metrics.Accuracy);
    }

    // Whether a training that stops after so many epochs without a lower loss comes to an epoch.
    private static bool Reaches(List<(double Loss, double Accuracy)> curve, int epoch, int patience)
    {
        int best = 0;
        for (int e = 1; e <= epoch; e++)
        {
            if (e - best > patience)
                return false;
            if (curve[e].Loss < curve[best].Loss)
                best = e;
        }
        return true;
    }

    // A clip's windows and copies stay together, and copies validate nothing.
    private (Sample[] Train, Sample[] Validation)[] Split(Sample[] samples)
    {
        Dictionary<Clip, int> places = [];
        int least = int.MaxValue;
        var random = new RandomSource((ulong)_options.Seed, ulong.MaxValue - 1);
        foreach (IGrouping<int, Sample> group in samples.GroupBy(s => s.Label).OrderBy(g => g.Key))
        {
            Clip[] clips = [.. group.Select(s => s.Clip).Distinct().OrderBy(c => c.Label, StringComparer.Ordinal)];
            least = Math.Min(least, clips.Length);
            if (clips.Length < 2)
                throw new InputException($"{clips[0].Label}: the only training clip of its class; a search needs at least 2 of each",
                    Remedy.AddClipsOrDoNotTune);
            random.Shuffle(clips.AsSpan());
            for (int i = 0; i < clips.Length; i++)
                places[clips[i]] = i;
        }
        (int count, int parts) = least >= FewClips ? (1, (int)(1 / Share)) : (Math.Min(Folds, least), Math.Min(Folds, least));
        return [.. Enumerable.Range(0, count).Select(fold => (
            samples.Where(s => places[s.Clip] % parts != fold).ToArray(),
            samples.Where(s => s.Copy is null && places[s.Clip] % parts == fold).ToArray()))];
    }
}
