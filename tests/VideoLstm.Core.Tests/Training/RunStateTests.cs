using System.Globalization;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Training;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics.Optimizers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Training;

/// <summary>A state that somebody else wrote, or that a disk has damaged, ends in one line.</summary>
public sealed class RunStateTests : IDisposable
{
    private const string Epoch1 = """{"LearningRate":0.5,"Epoch":1,"Loss":1,"Accuracy":0.5,"ValidationLoss":1,"ValidationAccuracy":0.5}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadsBackWhatItWrote()
    {
        string path = _folder.File("run.state");
        Network network = CreateNetwork();
        var state = new RunState { Epochs = [new EpochResult(1, 1, 0.5, 1, 0.5) { LearningRate = 0.5 }], LearningRate = 0.25, Steps = 3, PlateauBest = 1, PlateauWait = 2 };
        state.Save(path, "run", network, new Adam());
        var optimizer = new Adam();

        RunState read = RunState.Load(path, "run", network, optimizer);

        Assert.Equal(state.Epochs, read.Epochs);
        Assert.Equal((0.25, 3, 1, 2), (read.LearningRate, read.Steps, read.PlateauBest, read.PlateauWait));
        Assert.Equal((0.25, 3), (optimizer.LearningRate, optimizer.Steps));
    }

    [Theory]
    [InlineData("null", "0.5", "3")]
    [InlineData("[]", "0.5", "3")]
    [InlineData("[null]", "0.5", "3")]
    [InlineData("{}", "0.5", "3")]
    [InlineData("[" + Epoch1 + "," + Epoch1 + "]", "0.5", "3")]
    [InlineData("[" + Epoch1 + "]", "0.5", "-1")]
    [InlineData("[" + Epoch1 + "]", "0.5", "0")]
    [InlineData("[" + Epoch1 + "]", "0.5", "1e30")]
    [InlineData("[" + Epoch1 + "]", "0", "3")]
    [InlineData("[" + Epoch1 + "]", "\"Infinity\"", "3")]
    [InlineData("[" + Epoch1 + "]", "\"NaN\"", "3")]
    [InlineData("[" + Epoch1 + "]", "null", "3")]
    [InlineData("[" + Epoch1 + "]", "0.5", "3, \"PlateauWait\": -1")]
    public void NumbersThatCannotBeAreOneLine(string epochs, string rate, string steps)
    {
        string path = _folder.File("run.state");
        Network network = CreateNetwork();
        new RunState { Epochs = [new EpochResult(1, 1, 0.5, 1, 0.5)], LearningRate = 1, Steps = 1 }.Save(path, "run", network, new Adam());
        WriteAgain(path, string.Create(CultureInfo.InvariantCulture, $$"""{"Epochs": {{epochs}}, "LearningRate": {{rate}}, "Steps": {{steps}}}"""));

        InputException e = Assert.Throws<InputException>(() => RunState.Load(path, "run", network, new Adam()));

        Assert.StartsWith(path + ": ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("; train without --resume", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AHugeNumberOfStepsTakesNoTime()
    {
        string path = _folder.File("run.state");
        Network network = CreateNetwork();
        new RunState { Epochs = [new EpochResult(1, 1, 0.5, 1, 0.5)], LearningRate = 1, Steps = long.MaxValue / 2 }.Save(path, "run", network, new Adam());

        Assert.Equal(long.MaxValue / 2, RunState.Load(path, "run", network, new Adam()).Steps);
    }

    private static Network CreateNetwork()
    {
        var workspace = new Workspace();
        return new Network([new Dense("dense", 2, 3, workspace)], workspace);
    }

    private static void WriteAgain(string path, string state)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        var tensors = file.Entries.Select(e => (e.Name, e.Shape.Select(s => (int)s).ToArray(), (ReadOnlyMemory<float>)file.ReadSingle(e.Name))).ToList();
        var metadata = new Dictionary<string, string>(file.Metadata) { ["state"] = state };
        using FileStream stream = File.Create(path + ".new");
        SafetensorsWriter.Write(stream, tensors, metadata);
        stream.Close();
        File.Move(path + ".new", path, overwrite: true);
    }
}
