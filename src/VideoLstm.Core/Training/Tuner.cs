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
/// a part of the clips and is judged by the loss on the others: a stratified fifth of them, or where a class has few clips the first of
/// three stratified folds. The best two of each kind are then judged by the other folds too (successive halving: Jamieson and Talwalkar
/// 2016), and what more folds judged is believed rather. Nothing is written.
/// </summary>
public sealed class Tuner
{
    private const int Folds = 3, FewClips = 50, Usual = 128, Finalists = 2;
    private const double Share = 0.2;

    // Of optimizers that scale each weight's steps, and of those that take gradients as they are.
    private static readonly double[] ScaledRates = [1e-4, 1e-3, 1e-5, 1e-2], PlainRates = [1e-2, 1e-3, 1e-1, 1e-4];
    private static readonly int?[] Widths = [32, Usual, 512];
    private static readonly int[] Patiences = [5, 10, 20];

    private readonly ISampleReader _reader;
    private readonly IBackend _backend;
    private readonly ModelSpec _spec;
    private readonly TrainingOptions _options;
    private readonly LossSpec _loss;
    private readonly Action<ITrainableNetwork>? _pretrain;
    private readonly (Sample[] Train, Sample[] Validation)[] _folds;
    private readonly Dictionary<(double Rate, int? Units), List<Fold>> _tried = [];

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

    /// <summary>What tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long a trial takes at least, by the epochs of one that the time was too short for; null: a trial came to its
    /// end.</summary>
    public TimeSpan? ShortestTrial { get; private set; }

    private int Patience => _options.Patience ?? Patiences[^1];

    /// <summary>Searches.</summary>
    /// <param name="budget">No trial goes on longer than this after the search began. The first one counts as far as it came, if its loss had
    /// become less, with the longest patience, as nobody has seen where it would have led; others that the time is too short for do
    /// not.</param>
    /// <param name="onTrial">Told of each trial that came to its end, and once more of one that all folds judged.</param>
    /// <param name="ct">Stops the search.</param>
    /// <returns>The best trial; null if none came to an end within the time, or none to a number.</returns>
    public Trial? Run(TimeSpan budget, Action<Trial>? onTrial = null, CancellationToken ct = default)
    {
        var deadline = new Deadline(Clock, budget);
        int?[] widths = SearchesUnits ? [.. Widths.Append(_spec.Units).Distinct().OrderBy(Weights)] : [_spec.Units];
        int? first = SearchesUnits && Weights(Usual) < Weights(_spec.Units) ? Usual : _spec.Units;
        double[] usual = _options.Optimizer is OptimizerKind.Adam or OptimizerKind.RmsProp ? ScaledRates : PlainRates;
        IReadOnlyList<double> rates =
            LearningRates ?? (usual.Contains(_options.LearningRate) ? usual : [_options.LearningRate, .. usual]);
        _tried.Clear();
        try
        {
            Race([.. rates.Select(rate => (rate, first))]);
            if (Best() is { } best)
                Race([.. widths.Select(units => (best.LearningRate, units))]);
        }
        catch (TimeIsOverException)
        {
        }
        Release();
        return Best();

        long Weights(int? units) =>
            Recipes.Network(_spec with { Units = units }).Parameters.Sum(p => p.Shape.Aggregate(1L, (size, side) => size * side));

        void Race((double Rate, int? Units)[] entries)
        {
            foreach ((double, int?) entry in entries)
                Try(entry, 1);
            foreach ((double, int?) entry in entries.OrderBy(e => _tried[e][0].Loss).Take(Finalists))
                Try(entry, Divisions);
        }

        void Try((double Rate, int? Units) entry, int folds)
        {
            List<Fold> judged = _tried.GetValueOrDefault(entry) ?? [];
            // What came to no number in one fold needs no other.
            if (judged.Count >= folds || judged.Any(f => !double.IsFinite(f.Loss)))
                return;
            _tried[entry] = [.. judged, .. _folds[judged.Count..folds].Select(fold => Train(entry, fold, deadline, ct))];
            onTrial?.Invoke(Sum(entry));
        }
    }

    // Gives back what the trial before held, gigabytes with networks that see frames: of its own accord the collector comes to such memory
    // when little is left, and the next trial would have to go beside it.
    private static void Release() => GC.Collect();

    private Trial? Best() => _tried.Keys.Select(Sum).Where(t => double.IsFinite(t.Loss)).OrderByDescending(t => t.Divisions).ThenBy(t => t.Loss)
        .FirstOrDefault();

    private Trial Sum((double Rate, int? Units) entry)
    {
        List<Fold> folds = _tried[entry];
        double clips = folds.Sum(f => f.Clips);
        return new Trial(entry.Rate, entry.Units, folds.Sum(f => f.Loss * f.Clips) / clips, folds.Sum(f => f.Accuracy * f.Clips) / clips,
            folds.Max(f => f.Epoch), _options.Patience ?? folds.Max(f => f.Patience), folds.Count);
    }

    private Fold Train((double Rate, int? Units) entry, (Sample[] Train, Sample[] Validation) fold, Deadline deadline, CancellationToken ct)
    {
        Release();
        TrainingOptions options = _options with { LearningRate = entry.Rate };
        using ITrainableNetwork network = Recipes.Build(_spec with { Units = entry.Units }, _backend);
        using ITrainingSession session = network.Train(options.OptimizerSpec, _loss);
        network.Initialize((ulong)options.Seed);
        _pretrain?.Invoke(network);
        var loop = new EpochLoop(_reader, session, options, fold.Train.Length);
        List<(double Loss, double Accuracy)> curve = [];
        int best = 0;
        bool isCut = false;
        TimeSpan begun = deadline.Elapsed;
        try
        {
            while (curve.Count < options.Epochs && curve.Count - best <= Patience)
            {
                (double Loss, double Accuracy) result = double.IsFinite(loop.Run(fold.Train, curve.Count + 1, progress: deadline, ct: ct).Loss)
                    ? Judge(network, fold.Validation, deadline, ct) : (double.NaN, 0);
                if (!double.IsFinite(result.Loss))
                    return new Fold(double.PositiveInfinity, 0, 0, Patiences[0], fold.Validation.Length);
                curve.Add(result);
                if (result.Loss < curve[best].Loss)
                    best = curve.Count - 1;
            }
        }
        catch (TimeIsOverException) when (_tried.Count == 0)
        {
            // Better as far as it came than nothing, if it had learnt.
            if (best == 0)
            {
                ShortestTrial = (deadline.Elapsed - begun) / loop.Epochs * Math.Min(options.Epochs, Patience + 1.0);
                throw;
            }
            isCut = true;
        }
        return new Fold(curve[best].Loss, curve[best].Accuracy, best + 1,
            isCut ? Patiences[^1] : Patiences.FirstOrDefault(p => Reaches(curve, best, p), Patiences[^1]), fold.Validation.Length);
    }

    private (double Loss, double Accuracy) Judge(ITrainableNetwork network, Sample[] validation, Deadline deadline, CancellationToken ct)
    {
        if (!network.Export().IsFinite)
            return (double.NaN, 0);
        try
        {
            // What cannot be read the training says.
            var metrics = new ClassificationMetrics([.. Enumerable.Range(0, _spec.Classes).Select(c => $"{c}")],
                Evaluation.Run(network, _reader, validation, deadline, unreadable: (_, _) => { }, ct: ct));
            return (metrics.Loss, metrics.Accuracy);
        }
        catch (InputException e) when (e.Remedy == Remedy.LowerLearningRate)
        {
            return (double.NaN, 0);
        }
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

    // What one fold said: at its best epoch, counted from 1.
    private sealed record Fold(double Loss, double Accuracy, int Epoch, int Patience, int Clips);

    private sealed class TimeIsOverException : Exception;

    // By the clock and not by a timer, which on a busy machine comes late or never.
    private sealed class Deadline(TimeProvider clock, TimeSpan budget) : IProgress<WorkProgress>
    {
        private readonly long _began = clock.GetTimestamp();

        public TimeSpan Elapsed => clock.GetElapsedTime(_began);

        public void Report(WorkProgress value)
        {
            if (Elapsed > budget)
                throw new TimeIsOverException();
        }
    }
}
