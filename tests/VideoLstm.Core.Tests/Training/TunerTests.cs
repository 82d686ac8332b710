using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Training;

namespace VideoLstm.Core.Tests.Training;

/// <summary>A search for better options: honest, repeatable, and over in time.</summary>
public sealed class TunerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public void Test_clips_are_never_read_and_each_training_clip_validates_once()
    {
        var reader = new Reader();
        Tuner tuner = Tune(reader, Samples(7));
        Assert.Equal(3, tuner.Divisions);
        Assert.NotNull(tuner.Run(Long));
        Assert.DoesNotContain(reader.Read0.Concat(reader.Trained), c => c.Set == ClipSet.Test);
        Assert.Equal(14, reader.Read0.Distinct().Count());
        // Clips that judge are not learnt from in the same division: of 14 clips 4 or 5 judge each time.
        Assert.All(reader.Divided, d => Assert.Empty(d.Train.Intersect(d.Validation)));
        Assert.All(reader.Divided, d => Assert.InRange(d.Validation.Count, 4, 6));
    }

    [Fact]
    public void The_same_search_finds_the_same()
    {
        List<Trial> first = [], second = [];
        Trial? best = Tune(new Reader(), Samples(6)).Run(Long, first.Add);
        Assert.Equal(best, Tune(new Reader(), Samples(6)).Run(Long, second.Add));
        Assert.Equal(first, second);
        Assert.Equal((double[])[1e-4, 1e-3, 1e-5, 1e-2], first.Take(4).Select(t => t.LearningRate).ToArray());
        Assert.Equal(best!.Loss, first.Where(t => t.Divisions == 3).Min(t => t.Loss));
        // The two best rates are judged by the other parts too.
        Assert.Equal([1, 1, 1, 1, 3, 3, 1, 1, 1], first.Take(9).Select(t => t.Divisions));
        Assert.Equal(first.Take(4).OrderBy(t => t.Loss).Take(2).Select(t => t.LearningRate), first.Skip(4).Take(2).Select(t => t.LearningRate));
        // Units are tried with the best rate of all.
        Assert.Equal((int[])[32, 128, 512], first.Skip(6).Take(3).Select(t => t.Units ?? 0).ToArray());
        Assert.All(first.Skip(6), t => Assert.Equal(first.Skip(4).Take(2).MinBy(f => f.Loss)!.LearningRate, t.LearningRate));
        Assert.All(first.Skip(9), t => Assert.Equal(3, t.Divisions));
        // What is too slow a rate is seen as such.
        Assert.True(first[2].Loss > 2 * best.Loss, $"{first[2].Loss} at 1e-5, {best.Loss} at best");
    }

    [Fact]
    public void A_wide_network_is_searched_by_a_narrow_one_first()
    {
        List<Trial> trials = [];
        new Tuner(new Reader(), Samples(2), new ModelSpec("gru", 2, 6, 2) { Units = 200 },
            new TrainingOptions { Epochs = 2, LearningRate = 0.5, BatchSize = 4 }, new LossSpec(), Engine.Backend) { SearchesUnits = true }.Run(Long, trials.Add);
        Assert.Equal((int[])[128, 128, 128, 128, 128, 128, 128, 32, 200, 512], trials.Take(10).Select(t => t.Units ?? 0).ToArray());
        Assert.Equal((double[])[0.5, 1e-4, 1e-3, 1e-5, 1e-2], trials.Take(5).Select(t => t.LearningRate).ToArray());
    }

    [Fact]
    public void An_optimizer_without_scales_begins_with_larger_rates()
    {
        List<Trial> trials = [];
        new Tuner(new Reader(), Samples(2), new ModelSpec("mlp", 2, 6, 2) { Units = 4 },
            new TrainingOptions { Epochs = 2, LearningRate = 1e-2, Optimizer = OptimizerKind.Sgd }, new LossSpec(), Engine.Backend).Run(Long, trials.Add);
        Assert.Equal((double[])[1e-2, 1e-3, 1e-1, 1e-4], trials.Take(4).Select(t => t.LearningRate).ToArray());
    }

    [Fact]
    public void With_too_little_time_it_is_known_how_long_a_trial_takes()
    {
        // 21 epochs at least, since patience is 20, of 8 clips to learn from and 4 to judge by: 252 clips of 20 ms each, and the first batch
        // of the next epoch is read early.
        var clock = new Clock();
        Tuner tuner = Tune(new Reader { OnRead = () => clock.Pass(0.02) }, Samples(6), clock);
        Assert.Null(tuner.Run(TimeSpan.FromSeconds(0.3), _ => Assert.Fail("no trial comes to its end")));
        Assert.InRange(tuner.ShortestTrial!.Value.TotalSeconds, 4.5, 8);
        Assert.Null(tuner.Run(TimeSpan.Zero));
    }

    [Fact]
    public void A_first_trial_that_learns_and_learns_is_not_lost()
    {
        var clock = new Clock();
        Tuner tuner = Tune(new Reader { OnRead = () => clock.Pass(0.02) }, Samples(6), clock);
        List<Trial> trials = [];
        // 20 epochs of 40.
        Trial? best = tuner.Run(TimeSpan.FromSeconds(4.8), trials.Add);
        Assert.Equal(best, Assert.Single(trials));
        Assert.Equal(1e-4, best!.LearningRate);
        Assert.InRange(best.Epochs, 5, 20);
        // Nobody has seen where it would have led.
        Assert.Equal(20, best.Patience);
        Assert.Null(tuner.ShortestTrial);
    }

    [Fact]
    public void In_a_short_time_a_part_of_the_clips_has_judged()
    {
        var clock = new Clock();
        List<Trial> trials = [];
        Tuner tuner = Tune(new Reader { OnRead = () => clock.Pass(0.02) }, Samples(6), clock);
        // A trial of 40 epochs takes 9.6 seconds for each part.
        Trial? best = tuner.Run(TimeSpan.FromSeconds(25), trials.Add);
        Assert.Equal((double[])[1e-4, 1e-3], trials.Select(t => t.LearningRate).ToArray());
        Assert.Equal(trials.MinBy(t => t.Loss), best);
        Assert.Equal(1, best!.Divisions);
        Assert.Null(tuner.ShortestTrial);
        // What more parts judged is believed, were it worse.
        trials.Clear();
        Assert.Equal(3, tuner.Run(TimeSpan.FromSeconds(65), trials.Add)!.Divisions);
        Assert.Equal([1, 1, 1, 1, 3], trials.Select(t => t.Divisions));
    }

    [Fact]
    public void A_user_who_stops_the_search_stops_it()
    {
        using var stop = new CancellationTokenSource();
        int read = 0;
        Tuner tuner = Tune(new Reader { OnRead = () => { if (++read == 30) stop.Cancel(); } }, Samples(6));
        Assert.ThrowsAny<OperationCanceledException>(() => tuner.Run(Long, ct: stop.Token));
        Assert.InRange(read, 30, 60);
    }

    [Fact]
    public void Many_clips_are_divided_once() => Assert.Equal(1, Tune(new Reader(), Samples(50)).Divisions);

    [Fact]
    public void A_class_of_one_clip_cannot_judge() =>
        Assert.Equal(Remedy.AddClipsOrDoNotTune, Assert.Throws<InputException>(() => Tune(new Reader(), [.. Samples(1)])).Remedy);

    private static Tuner Tune(Reader reader, Sample[] samples, TimeProvider? clock = null) => new(
        reader, samples, new ModelSpec("mlp", 2, 6, 2) { Units = 4 },
        new TrainingOptions { Epochs = 40, Patience = null, LearningRate = 1e-3, BatchSize = 4 }, new LossSpec(), Engine.Backend)
        {
            SearchesUnits = true,
            Clock = clock ?? TimeProvider.System,
        };

    private static Sample[] Samples(int ofEach) =>
    [
        .. from set in Enum.GetValues<ClipSet>()
           from label in Enumerable.Range(0, 2)
           from i in Enumerable.Range(0, ofEach)
           select new Sample(new Clip(set, label == 0 ? "Bars" : "Noise", $"{i}", 2), 0, label, 2, 2),
    ];

    /// <summary>Samples that are what their class is, and what was read of them.</summary>
    private sealed class Reader : ISampleReader
    {
        private (HashSet<Clip> Train, HashSet<Clip> Validation) _now = ([], []);

        public List<Clip> Read0 { get; } = [];

        public List<Clip> Trained { get; } = [];

        public List<(HashSet<Clip> Train, HashSet<Clip> Validation)> Divided { get; } = [];

        public Action OnRead { get; init; } = () => { };

        public IReadOnlyList<int> SampleShape => [2, 6];

        public string Digest(ClipVariant clip) => "";

        public void Read(Sample sample, int epoch, Memory<float> x)
        {
            OnRead();
            // A training begins.
            if (epoch == 1 && (_now.Validation.Count > 0 || Divided.Count == 0))
            {
                _now = ([], []);
                Divided.Add(_now);
            }
            (epoch == 0 ? Read0 : Trained).Add(sample.Clip);
            (epoch == 0 ? _now.Validation : _now.Train).Add(sample.Clip);
            for (int i = 0; i < x.Length; i++)
                x.Span[i] = (i + sample.Label) % 2 == 0 ? 0.5f : 0;
        }
    }

    /// <summary>Time that passes when it is told to.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _microseconds;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Volatile.Read(ref _microseconds);

        public void Pass(double seconds) => Interlocked.Add(ref _microseconds, (long)(seconds * 1e6));
    }
}
