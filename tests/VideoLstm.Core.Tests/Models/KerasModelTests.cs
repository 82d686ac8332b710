using System.Text.Json;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Models;

/// <summary>Models as the versions of Keras save them, and what they give (tests/references/keras_models.py).</summary>
public sealed class KerasModelTests : IDisposable
{
    private const int Features = 2048;
    private static readonly string Fixtures = Path.Combine(AppContext.BaseDirectory, "Models", "Fixtures");
    private static readonly ClassifierHints ThreeClasses = new() { Classes = ["A", "B", "C"] }, TwoClasses = new() { Classes = ["A", "B"] };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("keras2_lstm.hdf5", "lstm", 3)]
    [InlineData("tfkeras_bidirectional.h5", "lstm", 2)]
    [InlineData("keras2_mlp.hdf5", "mlp", 3)]
    [InlineData("tfkeras_cnn_rnn.h5", "gru", 3)]
    [InlineData("keras3_cnn_rnn.keras", "gru", 3)]
    [InlineData("keras3_hard_sigmoid.keras", "chain", 3)]
    [InlineData("keras2_gru.h5", "chain", 3)]
    [InlineData("tfkeras_cudnn.h5", "chain", 3)]
    [InlineData("keras3_any_length.h5", "chain", 3)]
    [InlineData("keras3_mixture.keras", "chain", 2)]
    [InlineData("tfkeras_windows.keras", "chain", 2)]
    public void Gives_what_Keras_gives_and_keeps_it_as_a_checkpoint(string name, string recipe, int classes)
    {
        using JsonDocument all = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures, "keras_models.json")));
        JsonElement expected = all.RootElement.GetProperty(name);
        int time = expected.GetProperty("time").GetInt32();
        float[] probabilities = [.. expected.GetProperty("probabilities").EnumerateArray().SelectMany(r => r.EnumerateArray()).Select(v => v.GetSingle())];
        int[]? lengths = expected.TryGetProperty("lengths", out JsonElement said) ? [.. said.EnumerateArray().Select(l => l.GetInt32())] : null;

        ClassifierFile file = ClassifierFile.Open(Path.Combine(Fixtures, name), (classes == 2 ? TwoClasses : ThreeClasses) with { SequenceLength = time });
        Assert.Equal(recipe, file.Info.Model.Recipe);
        Assert.Equal(time, file.Info.Sequences.Length);
        Assert.Equal(time, file.Info.ClipFrames);
        Assert.Equal(lengths is not null, file.Info.Sequences.Pad);
        Assert.StartsWith("Keras ", file.Info.Source.Origin, StringComparison.Ordinal);
        Network network = file.Load();
        Check(network);

        string checkpoint = _folder.File("a.bin");
        Checkpoint.Save(checkpoint, network, file.Info);
        ClassifierFile kept = ClassifierFile.Open(checkpoint, new ClassifierHints());
        Assert.Equal(file.Info.Source, kept.Info.Source);
        Assert.Equal(file.Info.Classes, kept.Info.Classes);
        Assert.Null(kept.Info.Epoch);
        Assert.Null(kept.Info.ValidationLoss);
        Check(kept.Load());

        void Check(Network tested)
        {
            int batch = probabilities.Length / classes;
            float[] x = new float[batch * time * Features], found = new float[probabilities.Length];
            FrameRecipeTests.Noise(1000, x);
            bool[]? mask = lengths is null ? null : [.. lengths.SelectMany(l => Enumerable.Range(0, time).Select(t => t < l))];
            for (int i = 0; i < x.Length; i++)
                x[i] = mask?[i / Features] == false ? 0 : x[i];
            tested.Predict(x, batch, found, mask);
            TensorFixture.AssertClose(probabilities, found, 2e-6, name);
        }
    }
}
