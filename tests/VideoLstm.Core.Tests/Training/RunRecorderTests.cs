using System.Text.Json.Nodes;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Training;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Training;

public sealed class RunRecorderTests : IDisposable
{
    private static readonly string[] Classes = ["Bars", "Noise"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_is_written_after_every_epoch()
    {
        using RunRecorder run = Start();
        run.Add(new EpochResult(1, 0.7, 0.5, 0.6, 0.25), 1e-5);
        Assert.Equal(["epoch,loss,acc,val_loss,val_acc,lr", "1,0.7,0.5,0.6,0.25,1E-05"], File.ReadAllLines(run.Table));
        Assert.Contains("Training run a run", File.ReadAllText(run.Page), StringComparison.Ordinal);
        long train = Size("train"), validation = Size("validation");
        Assert.True(train > validation && validation > 40);
        run.Add(new EpochResult(2, 0.5, 0.75, 0.4, 1), 1e-6);
        Assert.Equal("2,0.5,0.75,0.4,1,1E-06", File.ReadAllLines(run.Table)[2]);
        Assert.True(Size("train") > train && Size("validation") > validation);

        JsonNode before = Description(run);
        Assert.Null(before["ended"]);
        Assert.Equal("even", (string?)before["options"]!["sampling"]);
        Assert.Equal(1e-5, (double?)before["options"]!["training"]!["learning_rate"]);
        Assert.Equal(1, (int?)before["classes"]![1]!["test"]);
        Assert.Equal(["vlstm", "dotnet", "ffmpeg", "system", "processor", "simd", "threads"], before["versions"]!.AsObject().Select(v => v.Key));

        ClassificationMetrics metrics = run.Finish([new ClipPrediction(Clips[2], 0, [0.9f, 0.1f]), new ClipPrediction(Clips[3], 1, [0.8f, 0.2f])], "best.bin");
        Assert.Equal(0.5, metrics.Accuracy);
        JsonNode after = Description(run);
        Assert.True(DateTimeOffset.Parse((string)after["ended"]!, null) >= DateTimeOffset.Parse((string)after["started"]!, null));
        Assert.Equal("best.bin", (string?)after["checkpoint"]);
        Assert.Equal(0.5, (double?)after["result"]!["accuracy"]);
        Assert.Contains("Noise, wrongly taken for Bars", File.ReadAllText(run.Page).Replace("<bdi>", "", StringComparison.Ordinal).Replace("</bdi>", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Resumed_it_goes_on_as_if_it_had_never_stopped()
    {
        string[] table;
        (long Train, long Validation) sizes;
        using (RunRecorder run = Start())
        {
            AddEpochs(run, 1, 6);
            table = File.ReadAllLines(run.Table);
            sizes = (Size("train"), Size("validation"));
        }
        string begun;
        // It was killed while it wrote the events of epoch 7, and resumes after epoch 4, the last that was saved.
        using (RunRecorder run = Start())
        {
            AddEpochs(run, 1, 7);
            begun = (string)Description(run)["started"]!;
        }
        using (FileStream torn = new(Events("train"), FileMode.Open))
            torn.SetLength(torn.Length - 5);
        using (RunRecorder run = Start(resumedEpoch: 4))
        {
            Assert.Equal([1, 2, 3, 4], run.Epochs.Select(e => e.Epoch));
            Assert.Equal(1e-5 / 3, run.Epochs[2].LearningRate);
            AddEpochs(run, 5, 6);
            Assert.Equal(table, File.ReadAllLines(run.Table));
            Assert.Equal(begun, (string?)Description(run)["started"]);
            Assert.Equal(4, (int?)Assert.Single(Description(run)["resumed"]!.AsArray())!["epoch"]);
        }
        Assert.Equal(sizes, (Size("train"), Size("validation")));

        // From the beginning again: nothing of before is left.
        using RunRecorder anew = Start();
        Assert.False(File.Exists(anew.Table));
        Assert.Equal((40, 40), (Size("train"), Size("validation")));
        Assert.Empty(Description(anew)["resumed"]!.AsArray());
    }

    [Fact]
    public void Files_that_cannot_be_gone_on_with_are_named()
    {
        using (RunRecorder run = Start())
            AddEpochs(run, 1, 2);
        string table = _folder.File("logs", "a run", "training.csv"), description = _folder.File("logs", "a run", "run.json");
        File.AppendAllText(table, "3,what\n");
        Assert.Contains("training.csv, row 4", Assert.Throws<InputException>(() => Start(resumedEpoch: 2)).Message, StringComparison.Ordinal);
        File.Delete(table);
        File.WriteAllText(description, "{");
        Assert.Contains("run.json: cannot be read", Assert.Throws<InputException>(() => Start(resumedEpoch: 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RunRecorder.Start(new DataFolder(_folder.Path), Info with { Name = "../x" }));
    }

    private static Clip[] Clips { get; } =
        [new(ClipSet.Train, "Bars", "a", 10), new(ClipSet.Train, "Noise", "b", 10), new(ClipSet.Test, "Bars", "c", 10), new(ClipSet.Test, "Noise", "d", 10)];

    private static TrainingRunInfo Info { get; } = new()
    {
        Name = "a run",
        Classes = Classes,
        Clips = Clips,
        Options = new { Training = new TrainingOptions(), Sampling = FrameSampling.Even },
    };

    private RunRecorder Start(int resumedEpoch = 0) => RunRecorder.Start(new DataFolder(_folder.Path), Info, resumedEpoch, ReportPage.Write);

    private static void AddEpochs(RunRecorder run, int first, int last)
    {
        for (int epoch = first; epoch <= last; epoch++)
            run.Add(new EpochResult(epoch, 1.0 / epoch, 0.5, 2.0 / epoch, 1.0 / 3), 1e-5 / epoch);
    }

    private static JsonNode Description(RunRecorder run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run.Folder, "run.json")))!;

    private string Events(string set) => Assert.Single(Directory.GetFiles(_folder.File("logs", "a run", set, "x")[..^2], "events.out.tfevents.*"));

    private long Size(string set) => new FileInfo(Events(set)).Length;
}
