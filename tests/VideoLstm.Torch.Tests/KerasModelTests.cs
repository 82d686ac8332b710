using System.Text.Json;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using VideoLstm.Tests;
using Xunit.Abstractions;

namespace VideoLstm.Torch.Tests;

/// <summary>Models that Keras saved give what the CPU engine gives of them, and learn as they do there.</summary>
public sealed class KerasModelTests(ITestOutputHelper output)
{
    private const int Batch = 4;

    private static readonly string Fixtures =
        Path.Combine(TestAssets.Repository, "tests", "VideoLstm.Core.Tests", "Models", "Fixtures");

    private static readonly JsonElement Models =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures, "keras_models.json"))).RootElement;

    public static TheoryData<string> Names =>
        [.. Models.EnumerateObject().Where(m => m.Value.TryGetProperty("time", out _)).Select(m => m.Name)];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void AModelOfKerasGivesAndLearnsWhatItDoesOnTheEngine(string name)
    {
        TorchBackend backend = Libtorch.Require();
        int classes = Models.GetProperty(name).GetProperty("probabilities")[0].GetArrayLength();
        var hints = new ClassifierHints
        {
            Classes = [.. Enumerable.Range(0, classes).Select(c => $"{c}")],
            SequenceLength = Models.GetProperty(name).GetProperty("time").GetInt32(),
        };
        ClassifierFile file = ClassifierFile.Open(Path.Combine(Fixtures, name), hints);
        using ITrainableNetwork theirs = file.Load(backend), ours = file.Load(new CpuBackend());
        using var pair = new Pair(ours.Spec, backend, output, theirs.Export());
        pair.AssertSame(ours.Export(), theirs.Export());
        pair.AssertSamePredictions(Batch);
        if (file.Info.Sequences.Pad)
            pair.AssertSamePredictions(Batch, pair.Mask(Batch));
        pair.AssertSameSteps(new OptimizerSpec(OptimizerKind.Sgd, 0.01), new LossSpec(0.1f), Batch, masked: file.Info.Sequences.Pad);
    }
}
