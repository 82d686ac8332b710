using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Training;
using VideoLstm.Numerics.Inference;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Training;

/// <summary>What a training run leaves behind, and what does not stop it.</summary>
public sealed class TrainerTests : IDisposable
{
    private static readonly string[] Classes = ["Bars", "Noise"];

    private readonly TemporaryFolder _folder = new();
    private readonly DataFolder _data;
    private readonly Reader _reader = new();

    public TrainerTests() => _data = new DataFolder(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Another_run_never_overwrites_a_classifier()
    {
        string first = Trainer().Run().Checkpoint;
        byte[] kept = File.ReadAllBytes(first);
        Assert.NotEqual(first, Trainer(Options with { Seed = 1 }).Run().Checkpoint);
        // Clips of the same names, in which something else is seen.
        _reader.Version = 1;
        Assert.NotEqual(first, Trainer().Run().Checkpoint);
        Assert.Equal(kept, File.ReadAllBytes(first));
        Assert.Equal(3, Directory.GetFiles(_data.Checkpoints, "*.state").Length);
        Assert.Matches(@"^lstm-features\.\d{3}-\d\.\d{3}\.[0-9a-f]{8}\.bin$", Path.GetFileName(first));
    }

    [Fact]
    public void The_same_clips_listed_in_another_order_are_the_same_run()
    {
        string first = Trainer().Run().Checkpoint;
        byte[] bytes = File.ReadAllBytes(first);
        Trainer again = Trainer(samples: [.. Samples.Reverse()]);
        Assert.True(again.CanResume);
        File.Delete(first);
        Assert.Equal(first, again.Run().Checkpoint);
        Assert.Equal(bytes, File.ReadAllBytes(first));
    }

    [Fact]
    public void Only_the_best_classifiers_stay_and_those_of_other_runs()
    {
        Trainer(Options with { Seed = 1, Keep = 2 }).Run();
        string[] others = Directory.GetFiles(_data.Checkpoints, "*.bin");
        var saved = new List<string>();
        string best = Trainer(Options with { Keep = 2 }).Run(onEpoch: (_, path) => saved.AddRange(path is null ? [] : [path])).Checkpoint;
        Assert.True(saved.Count > 2);
        Assert.Equal(2, others.Length);
        Assert.Equal(best, saved[^1]);
        Assert.Equal([.. others.Concat(saved.TakeLast(2)).Order(StringComparer.Ordinal)], Directory.GetFiles(_data.Checkpoints, "*.bin").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_epoch_leaves_a_classifier_where_that_is_asked_for()
    {
        // Steps so large that the loss comes to a stand soon.
        TrainingOptions options = Options with { LearningRate = 0.5, Epochs = 8 };
        string best = Trainer(options).Run().Checkpoint;
        var saved = new List<string>();
        TrainingResult each = Trainer(options with { KeepsEachEpoch = true }).Run(onEpoch: (_, path) => saved.Add(Assert.IsType<string>(path)));
        Assert.Equal(best, each.Checkpoint);
        Assert.Equal(8, saved.Count);
        Assert.True(each.Best.Epoch < 8);
        Assert.Equal([.. saved.Order(StringComparer.Ordinal)], Directory.GetFiles(_data.Checkpoints, "*.bin").Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, 8), saved.Select(path => Checkpoint.ReadInfo(path).Epoch!.Value));
        // Others may be as good, and none is better.
        Assert.Equal(each.Best.ValidationLoss, Checkpoint.ReadInfo(ClassifierFile.Find("best", _data, 2)).ValidationLoss);
    }

    [Fact]
    public void Without_shuffling_each_epoch_reads_the_clips_in_their_order()
    {
        var read = new List<string>();
        _reader.Fault = (sample, epoch) =>
        {
            if (epoch > 0)
                read.Add(sample.Clip.Label);
            return null;
        };
        Trainer(Options with { KeepsOrder = true, Epochs = 3, BatchSize = 3 }).Run();
        Assert.Equal(Enumerable.Repeat((string[])["train/Bars/a", "train/Bars/b", "train/Noise/c", "train/Noise/d"], 3).SelectMany(c => c), read);
    }

    [Theory]
    [InlineData(OptimizerKind.Adadelta)]
    [InlineData(OptimizerKind.Adagrad)]
    public void A_run_goes_on_to_the_bit_whatever_the_optimizer_remembers(OptimizerKind optimizer)
    {
        TrainingOptions options = Options with { Optimizer = optimizer, LearningRate = 0.1, Decay = 0, Epochs = 4 };
        Trainer(options).Run();
        Dictionary<string, byte[]> calm = Files();
        Directory.Delete(_data.Checkpoints, recursive: true);
        for (int last = 1; last <= 4; last++)
            Trainer(options with { Epochs = last }, resume: true).Run();
        Assert.Equal(calm, Files());
    }

    [Fact]
    public void Of_many_classes_each_epoch_tells_how_often_the_right_one_is_among_the_likeliest()
    {
        string[] names = [.. Enumerable.Range(0, 7).Select(c => $"c{c}")];
        Sample[] samples = [.. names.Index().SelectMany(c => (Sample[])
        [
            .. Enumerable.Range(0, c.Index == 6 ? 3 : 1).Select(i => new Sample(new Clip(ClipSet.Test, c.Item, $"t{i}", 10), 0, c.Index, 10, 2)),
            new Sample(new Clip(ClipSet.Train, c.Item, "a", 10), 0, c.Index, 10, 2),
        ])];
        var trainer = new Trainer(_data, _reader, samples, names, new CheckpointSource(Sequences) { Extractor = InceptionV3.Name, WeightsName = "random:1" },
            ModelSpec.Of(Recipes.Find("lstm")!, Sequences, 7) with { Units = 2 }, Options with { LearningRate = 1e-9 }, Engine.Backend);
        Assert.Equal(new Baselines(3.0 / 9, 1.0 / 7), trainer.Baselines);
        var epochs = new List<EpochResult>();
        TrainingResult result = trainer.Run(onEpoch: (epoch, _) => epochs.Add(epoch));
        // Weights stand still: what the test clips tell at the end, the epochs told.
        Assert.All(epochs, e => Assert.Equal(result.Metrics.TopAccuracy(5), e.ValidationTopAccuracy!.Value, 12));
        Assert.InRange(result.Metrics.TopAccuracy(5), result.Metrics.Accuracy + 0.01, 1);
        Assert.All(epochs, e => Assert.InRange(e.TopAccuracy!.Value, e.Accuracy, 1));
        Assert.Equal(result.Metrics.Baselines, trainer.Baselines);
        string[] table = File.ReadAllLines(Directory.GetFiles(_data.Logs, "training.csv", SearchOption.AllDirectories).Single());
        Assert.Equal("epoch,loss,acc,val_loss,val_acc,lr,top_k_categorical_accuracy,val_top_k_categorical_accuracy", table[0]);
        Assert.Equal(epochs, TrainingLog.Read(Directory.GetFiles(_data.Logs, "training.csv", SearchOption.AllDirectories).Single()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_ends_after_any_epoch_leaves_whole_classifiers_and_its_files_come_out_the_same(bool resume)
    {
        TrainingOptions options = Options with { Keep = 1, Epochs = 6 };
        Trainer(options).Run();
        Dictionary<string, byte[]> calm = Files();
        for (int last = 1; last <= 6; last++)
        {
            Directory.Delete(_data.Checkpoints, recursive: true);
            Assert.Throws<OperationCanceledException>(() => Trainer(options).Run(onEpoch: (epoch, _) => { if (epoch.Epoch == last) throw new OperationCanceledException(); }));
            Assert.All(Directory.GetFiles(_data.Checkpoints, "*.bin"), path => Checkpoint.Load(path, Engine.Backend));
            Trainer(options, resume: resume).Run();
            Assert.Equal(calm, Files());
        }
    }

    [Fact]
    public void The_best_that_a_stored_state_counts_on_stays()
    {
        IEnumerable<double> losses = [0.9, 0.8, 0.85, 0.7, 0.6];
        EpochResult[] epochs = [.. losses.Select((loss, i) => new EpochResult(i + 1, 1, 1, loss, 1))];
        var files = new RunFiles(_data, "run", "lstm-features", "12345678");
        foreach (EpochResult epoch in epochs)
            File.WriteAllText(_folder.File("checkpoints", Path.GetFileName(files.Checkpoint(epoch))), "x");
        files.Prune(epochs, keep: 1, resumable: 3);
        Assert.Equal([2, 3, 5], epochs.Where(e => File.Exists(files.Checkpoint(e))).Select(e => e.Epoch));
    }

    [Fact]
    public void Of_two_equal_runs_at_the_same_time_one_is_refused()
    {
        TrainingResult result = Trainer().Run(onEpoch: (_, _) =>
        {
            string message = Assert.Throws<InputException>(() => Trainer().Run()).Message;
            Assert.Contains("is running", message, StringComparison.Ordinal);
        });
        Assert.Equal(Options.Epochs, result.Epochs);
        Trainer(resume: true).Run();
    }

    [Theory]
    [InlineData("train/Bars/a", 1)]
    [InlineData("train/Noise/d", 3)]
    [InlineData("test/Bars/e", 0)]
    public void A_clip_that_cannot_be_read_any_more_is_named_once_and_the_rest_is_done(string clip, int epoch)
    {
        foreach (Exception fault in (Exception[])[new InputException("gone.npy: not found"), new IOException("gone"), new UnauthorizedAccessException("gone"), new InvalidDataException("gone")])
        {
            _reader.Fault = (sample, at) => sample.Clip.Label == clip && at >= epoch ? fault : null;
            var failures = new List<Finding>();
            TrainingResult result = Trainer().Run(onFailure: failures.Add);
            Assert.Contains("gone", Assert.Single(failures).Fact, StringComparison.Ordinal);
            Assert.Equal(Options.Epochs, result.Epochs);
            Checkpoint.Load(result.Checkpoint, Engine.Backend);
        }
    }

    [Fact]
    public void A_class_without_a_clip_left_ends_the_run_and_names_the_best_so_far()
    {
        _reader.Fault = (sample, epoch) => sample.Clip is { Set: ClipSet.Train, Class: "Bars" } && epoch == 3 ? new IOException("gone") : null;
        string message = Assert.Throws<InputException>(() => Trainer().Run()).Message;
        Assert.Matches(@"train.Bars: no clip of class Bars can be read any more, the best classifier so far is .*\.bin$", message);
    }

    [Fact]
    public void A_log_that_cannot_be_written_does_not_stop_the_training()
    {
        File.WriteAllText(_data.Logs, "in the way");
        var failures = new List<Finding>();
        TrainingResult result = Trainer().Run(onFailure: failures.Add);
        Assert.NotEmpty(failures);
        Assert.Equal(failures.Distinct(), failures);
        Assert.All(failures, f => Assert.EndsWith("; the training goes on", f.Fact, StringComparison.Ordinal));
        Checkpoint.Load(result.Checkpoint, Engine.Backend);
    }

    [Fact]
    public void A_rate_that_is_too_high_ends_in_one_line_and_saves_no_classifier_of_NaN()
    {
        string message = Assert.Throws<InputException>(() => Trainer(Options with { Optimizer = OptimizerKind.Sgd, LearningRate = 1e30 }).Run()).Message;
        Assert.Matches(@"^epoch \d+: the loss is no number any more, at a learning rate of 1e\+30", message);
        Assert.All(Directory.GetFiles(_data.Checkpoints, "*.bin"), path => Checkpoint.Load(path, Engine.Backend));
    }

    [Fact]
    public void No_window_and_no_copy_of_a_clip_is_on_both_sides_of_a_split()
    {
        // 10 clips a class with 3 windows each, and of each clip a copy with as many.
        var samples = new List<Sample>(Samples.Where(s => s.Clip.Set == ClipSet.Test));
        foreach ((int label, string name) in Classes.Index())
            for (int i = 0; i < 60; i++)
            {
                var clip = new Clip(ClipSet.Train, name, $"clip {i / 6}", 10);
                samples.Add(new Sample(clip, i % 3, label, 10, 2) { Copy = i / 3 % 2 == 0 ? null : new ClipCopy(1, new FrameTransform()) });
            }
        // Samples are learnt from in an epoch, and judge in none: as many as there are to judge by, before all are read once more to tell by
        // them what is unknown.
        const int judges = 2 * 3 * 3;
        var read = new ConcurrentQueue<(Sample Sample, bool IsLearntFrom)>();
        _reader.Fault = (sample, epoch) =>
        {
            read.Enqueue((sample, epoch > 0));
            return null;
        };
        Trainer trainer = Trainer(Options with { ValidationSplit = 0.3, Epochs = 1 }, [.. samples]);
        trainer.Run();

        (Sample Sample, bool IsLearntFrom)[] all = [.. read.Where(r => r.Sample.Clip.Set == ClipSet.Train)];
        ILookup<bool, Sample> sides = all.Where(r => r.IsLearntFrom).Concat(all.Where(r => !r.IsLearntFrom).Take(judges))
            .ToLookup(r => r.IsLearntFrom, r => r.Sample);
        Assert.Empty(sides[true].Select(s => s.Clip).Intersect(sides[false].Select(s => s.Clip)));
        Assert.All(Classes, name => Assert.Equal(3, sides[false].Select(s => s.Clip).Where(c => c.Class == name).Distinct().Count()));
        Assert.All(sides[false], s => Assert.Null(s.Copy));
        Assert.Equal((2 * 7 * 6, judges), (sides[true].Distinct().Count(), sides[false].Distinct().Count()));
        Assert.Equal((2 * 7 * 6, judges, 2), trainer.Samples);
    }

    [Fact]
    public void A_schedule_goes_on_where_it_was()
    {
        // Steps so large that the loss comes to a stand soon.
        TrainingOptions options = Options with { PlateauFactor = 0.5, PlateauPatience = 1, LearningRate = 0.5, Epochs = 8 };
        var rates = new List<double?>();
        Trainer(options).Run(onEpoch: (epoch, _) => rates.Add(epoch.LearningRate));
        Assert.True(rates.Distinct().Count() > 2, string.Join(' ', rates));
        Dictionary<string, byte[]> calm = Files();
        Directory.Delete(_data.Checkpoints, recursive: true);
        for (int last = 1; last <= 8; last++)
            Trainer(options with { Epochs = last }, resume: true).Run();
        Assert.Equal(calm, Files());
    }

    [Fact]
    public void Classes_without_a_test_clip_are_known()
    {
        Assert.Empty(Trainer().Untested);
        Assert.Equal(["Noise"], Trainer(samples: [.. Samples.Where(s => s.Clip is not { Set: ClipSet.Test, Class: "Noise" })]).Untested);
    }

    [Fact]
    public void A_run_that_is_not_resumed_because_the_clips_are_others_says_so()
    {
        Trainer().Run();
        Trainer fewer = Trainer(samples: Samples[1..]);
        Assert.False(fewer.CanResume);
        Assert.Contains("other clips: 4 to learn from and 2 to be judged by, now 3 and 2", fewer.RunOfOtherClips, StringComparison.Ordinal);
        Assert.Null(Trainer(Options with { Seed = 1 }).RunOfOtherClips);
    }

    [Fact]
    public void Best_and_latest_are_found_in_the_data_folder()
    {
        Assert.Contains("holds no classifier", Assert.Throws<InputException>(() => ClassifierFile.Find("best", _data, null)).Message, StringComparison.Ordinal);
        string good = Trainer().Run().Checkpoint, bad = Trainer(Options with { Seed = 1, LearningRate = 1e-9, Epochs = 1 }).Run().Checkpoint;
        File.SetLastWriteTimeUtc(bad, File.GetLastWriteTimeUtc(good).AddMinutes(1));
        File.WriteAllText(_folder.File("checkpoints", "zz-no-classifier.bin"), "text");
        Assert.Equal(good, ClassifierFile.Find("best", _data, 2));
        Assert.Equal(bad, ClassifierFile.Find("latest", _data, null));
        Assert.Contains("no classifier of 75 frames", Assert.Throws<InputException>(() => ClassifierFile.Find("latest", _data, 75)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classes", """["A","A"]""")]
    [InlineData("classes", """["A",""]""")]
    [InlineData("classes", "[1,2]")]
    [InlineData("clip_frames", "2147483647")]
    [InlineData("sequence_length", "2147483648")]
    [InlineData("height", "65536")]
    [InlineData("val_loss", "NaN")]
    [InlineData("model_options", """{"units":65537}""")]
    public void What_a_classifier_cannot_say_of_itself_is_one_line(string key, string value)
    {
        CheckpointInfo info = Checkpoint.ReadInfo(Trainer().Run().Checkpoint);
        // As files of the first version say it, each of its properties a text, and as one object of JSON.
        var texts = new Dictionary<string, string>(Checkpoint.Describe(info)) { ["format"] = "vlstm-checkpoint-1" };
        foreach (string late in (string[])["version", "backend", "extractor_backend", "extractor_features"])
            texts.Remove(late);
        Assert.Equal(info.Source, Read(texts).Source);
        Assert.Equal(info.Model, Read(texts).Model);
        AssertRefused(new(texts) { [key] = value });
        if (value == "NaN")
            return;
        JsonNode said = JsonNode.Parse(JsonSerializer.Serialize(texts.Keys.ToDictionary(k => k, k => k)))!;
        foreach ((string name, string text) in texts)
            said[name] = name is "classes" or "model_options" || double.TryParse(text, out _) || bool.TryParse(text, out _) ? JsonNode.Parse(text) : text;
        said.AsObject().Remove("format");
        said[key] = JsonNode.Parse(value);
        AssertRefused(new() { ["format"] = "vlstm-classifier", ["classifier"] = said.ToJsonString() });

        void AssertRefused(Dictionary<string, string> metadata) => Assert.StartsWith(
            $"{_folder.File("hostile.bin")}: metadata `{key}` is `", Assert.Throws<InputException>(() => Read(metadata)).Message, StringComparison.Ordinal);

        CheckpointInfo Read(Dictionary<string, string> metadata)
        {
            using (FileStream stream = File.Create(_folder.File("hostile.bin")))
                SafetensorsWriter.Write(stream, [], metadata);
            return Checkpoint.ReadInfo(_folder.File("hostile.bin"));
        }
    }

    [Fact]
    public void A_classifier_of_a_newer_version_is_refused_by_its_number()
    {
        string path = _folder.File("newer.bin");
        using (FileStream stream = File.Create(path))
            SafetensorsWriter.Write(stream, [], new Dictionary<string, string> { ["format"] = "vlstm-classifier", ["classifier"] = """{"version": 3}""" });
        Assert.Contains("as version 3", Assert.Throws<InputException>(() => Checkpoint.ReadInfo(path)).Message, StringComparison.Ordinal);
    }

    private static TrainingOptions Options { get; } = new() { Epochs = 5, Patience = null, LearningRate = 1e-3, BatchSize = 2 };

    private static SequenceSpec Sequences { get; } = new(2, 75, 75, FrameSampling.Even, FrameFit.Resize, "digest") { Features = InceptionV3.Features };

    private static Sample[] Samples { get; } =
    [
        .. new[] { "train/Bars/a", "train/Bars/b", "train/Noise/c", "train/Noise/d", "test/Bars/e", "test/Noise/f" }.Select(name => name.Split('/')).Select(parts =>
            new Sample(new Clip(parts[0] == "train" ? ClipSet.Train : ClipSet.Test, parts[1], parts[2], 10), 0, Array.IndexOf(Classes, parts[1]), 10, 2)),
    ];

    private Trainer Trainer(TrainingOptions? options = null, Sample[]? samples = null, bool resume = false) => new(
        _data, _reader, samples ?? Samples, Classes, new CheckpointSource(Sequences) { Extractor = InceptionV3.Name, WeightsName = "random:1" },
        ModelSpec.Of(Recipes.Find("lstm")!, Sequences, Classes.Length) with { Units = 2 }, options ?? Options, Engine.Backend) { WritePage = ReportPage.Write, Resumes = resume };

    private Dictionary<string, byte[]> Files() =>
        Directory.GetFiles(_data.Checkpoints).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).ToDictionary(f => f, File.ReadAllBytes, StringComparer.Ordinal);

    /// <summary>Samples that are what their class and version are.</summary>
    private sealed class Reader : ISampleReader
    {
        public int Version { get; set; }

        public Func<Sample, int, Exception?> Fault { get; set; } = (_, _) => null;

        public IReadOnlyList<int> SampleShape => [2, InceptionV3.Features];

        public string Digest(ClipVariant clip) => $"{Version}";

        public void Read(Sample sample, int epoch, Memory<float> x)
        {
            if (Fault(sample, epoch) is { } fault)
                throw fault;
            for (int i = 0; i < x.Length; i++)
                x.Span[i] = (i + sample.Label + Version) % 2 == 0 ? 0.5f : 0;
        }
    }
}
