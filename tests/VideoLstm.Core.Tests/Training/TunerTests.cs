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
        Assert.Equal(best!.Loss, first.Min(t => t.Loss));
        // Units are tried with the best rate of all.
        Assert.Equal((int[])[32, 128, 512], first.Skip(4).Select(t => t.Units ?? 0).ToArray());
        Assert.All(first.Skip(4), t => Assert.Equal(first.Take(4).MinBy(f => f.Loss)!.LearningRate, t.LearningRate));
        // What is too slow a rate is seen as such.
        Assert.True(first[2].Loss > 2 * best.Loss, $"{first[2].Loss} at 1e-5, {best.Loss} at best");
    }

    [Fact]
    public void A_wide_network_is_searched_by_a_narrow_one_first()
    {
        List<Trial> trials = [];
        new Tuner(new Reader(), Samples(2), new ModelSpec("gru", 2, 6, 2) { Units = 200 },
            new TrainingOptions { Epochs = 2, LearningRate = 0.5, BatchSize = 4 }, new LossSpec(), Engine.Backend) { SearchesUnits = true }.Run(Long, trials.Add);
        Assert.Equal((int[])[128, 128, 128, 128, 128, 32, 200, 512], trials.Select(t => t.Units ?? 0).ToArray());
        Assert.Equal((double[])[0.5, 1e-4, 1e-3, 1e-5, 1e-2], trials.Take(5).Select(t => t.LearningRate).ToArray());
    }

    [Fact]
    public void Without_time_nothing_is_found_or_known()
    {
        Tuner tuner = Tune(new Reader(), Samples(6));
        Assert.Null(tuner.Run(TimeSpan.Zero));
        Assert.Null(tuner.ShortestTrial);
    }

    [Fact]
    public void With_too_little_time_it_is_known_how_long_a_trial_takes()
    {
        // 21 epochs at least, since patience is 20, of 8 clips to learn from and 4 to judge by, in each of 3 divisions: 756 clips, of 20 ms each.
        Tuner tuner = Tune(new Reader { Time = TimeSpan.FromMilliseconds(20) }, Samples(6));
        Assert.Null(tuner.Run(TimeSpan.FromSeconds(1), _ => Assert.Fail("no trial comes to its end")));
        Assert.InRange(tuner.ShortestTrial!.Value.TotalSeconds, 8, 80);
    }

    [Fact]
    public void A_user_who_stops_the_search_stops_it()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Tuner tuner = Tune(new Reader { Time = TimeSpan.FromMilliseconds(20) }, Samples(6));
        Assert.ThrowsAny<OperationCanceledException>(() => tuner.Run(Long, ct: stop.Token));
    }

    [Fact]
    public void Many_clips_are_divided_once() => Assert.Equal(1, Tune(new Reader(), Samples(50)).Divisions);

    [Fact]
    public void A_class_of_one_clip_cannot_judge() =>
        Assert.Equal(Remedy.AddClipsOrDoNotTune, Assert.Throws<InputException>(() => Tune(new Reader(), [.. Samples(1)])).Remedy);

    private static Tuner Tune(Reader reader, Sample[] samples) => new(
        reader, samples, new ModelSpec("mlp", 2, 6, 2) { Units = 4 },
        new TrainingOptions { Epochs = 40, Patience = null, LearningRate = 1e-3, BatchSize = 4 }, new LossSpec(), Engine.Backend) { SearchesUnits = true };

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

        public TimeSpan Time { get; init; }

        public IReadOnlyList<int> SampleShape => [2, 6];

        public string Digest(ClipVariant clip) => "";

        public void Read(Sample sample, int epoch, Memory<float> x)
        {
            Thread.Sleep(Time);
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
}
