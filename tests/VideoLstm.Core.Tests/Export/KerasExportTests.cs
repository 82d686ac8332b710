using System.Text.Json;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Export;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Models;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Export;

public sealed class KerasExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("lstm")]
    [InlineData("lstm hard")]
    [InlineData("lstm 2-layers bidirectional pad")]
    [InlineData("lstm 2-layers hard bidirectional")]
    [InlineData("gru pad")]
    [InlineData("gru bidirectional pad")]
    [InlineData("gru bidirectional")]
    [InlineData("mlp")]
    [InlineData("mlp pad")]
    [InlineData("mixed")]
    [InlineData("mixed pad")]
    [InlineData("hard pad")]
    [InlineData("pooled")]
    [InlineData("averaged pad")]
    [InlineData("linear")]
    [InlineData("linear pad")]
    [InlineData("flat pad")]
    [InlineData("flat-recurrent")]
    public void Keras_layers_compute_the_same(string name)
    {
        var sample = ExportSample.Of(name);
        string path = Write(new KerasExport(sample.Spec, sample.Weights, sample.Info));
        sample.AssertSame(Reference.Python("export.py", "keras", path, sample.Save(_folder)[0]), 1e-6);
    }

    [SkippableFact]
    public void The_file_says_what_it_is_and_we_read_it_back()
    {
        var sample = ExportSample.Of("gru bidirectional pad");
        string path = Write(new KerasExport(sample.Spec, sample.Weights, sample.Info));
        JsonElement file = JsonDocument.Parse(Reference.Python("export.py", "h5", path)).RootElement;
        JsonElement root = file.GetProperty("");
        Assert.Equal(sample.Info.Classes, root.GetProperty("class_names").EnumerateArray().Select(c => c.GetString()!));
        Assert.Equal("gru", JsonDocument.Parse(root.GetProperty("vlstm").GetString()!).RootElement.GetProperty("model").GetString());
        Assert.Contains("\"class_name\":\"Masking\"", root.GetProperty("model_config").GetString(), StringComparison.Ordinal);
        Assert.Equal("features masking bidirectional bidirectional_1 dropout dense dense_1", string.Join(' ', file.GetProperty("model_weights").GetProperty("layer_names").EnumerateArray()));

        using KerasFile read = KerasFile.Open(path);
        Assert.Equal(sample.Model.Parameters.Count, read.Entries.Count);
        Assert.Equal("bidirectional/forward_gru/gru_cell/kernel:0", read.Entries[0].Name);
        foreach ((var parameter, var entry) in sample.Model.Parameters.Zip(read.Entries))
        {
            Assert.Equal(parameter.Shape.Select(s => (long)s), entry.Shape);
            Assert.Equal(parameter.Value.Span.ToArray(), read.ReadSingle(entry.Name));
        }
    }

    [Theory]
    [InlineData("lstm", false)]
    [InlineData("gru", true)]
    [InlineData("mlp", false)]
    [InlineData("linear", false)]
    [InlineData("linear", true)]
    public void A_model_of_ours_comes_back_as_a_classifier(string recipe, bool pad)
    {
        ExportSample small = ExportSample.Of(pad ? recipe + " pad" : recipe);
        var spec = new ModelSpec(recipe, 7, InceptionV3.Features, 3) { Units = 6 };
        Network model = Engine.Build(spec);
        var random = new RandomSource(4);
        model.Initialize(random);
        string path = Write(new KerasExport(Recipes.Network(spec), Engine.Weights(model), small.Info with { Model = spec }));
        ClassifierFile file = ClassifierFile.Open(path, new ClassifierHints { Classes = ["a", "b", "c"] });
        Assert.Equal((recipe, pad), (file.Info.Model.Recipe, file.Info.Sequences.Pad));
        float[] x = [.. Enumerable.Range(0, 2 * model.InputSize).Select(_ => (float)random.NextUniform())], expected = new float[6], found = new float[6];
        model.Predict(x, 2, expected);
        file.Load(Engine.Backend).Predict(x, 2, found);
        Assert.Equal(expected, found);
    }

    [SkippableFact]
    public void Groups_and_lists_may_be_long()
    {
        // More names than an old group's node holds by default, in no order; a list longer than an attribute can be.
        string[] words = [.. Enumerable.Range(0, 3000).Select(i => $"{i * 7919 % 3000:D4} {new string('ü', 12)}")];
        var root = new Hdf5Group();
        root.Say("words", words);
        root.Say("none", []);
        root.Say("empty", "");
        for (int i = 0; i < 75; i++)
            root.Add($"group/{i * 37 % 75}/x", [i + 1, 2], Enumerable.Range(0, 2 * (i + 1)).Select(v => (float)v * i).ToArray());
        root.Add("scalar", [], Enumerable.Repeat(4.5f, 1).ToArray());
        root.Add("nothing", [0, 3], ReadOnlyMemory<float>.Empty);
        string path = _folder.File("x.h5");
        using (FileStream stream = File.Create(path))
            Hdf5Writer.Write(stream, root);

        JsonElement file = JsonDocument.Parse(Reference.Python("export.py", "h5", path)).RootElement;
        JsonElement attributes = file.GetProperty("");
        string[] parts = [.. attributes.EnumerateObject().Select(a => a.Name).Where(n => n.StartsWith("words", StringComparison.Ordinal)).Order()];
        Assert.Equal(["words0", "words1"], parts);
        Assert.Equal(words, parts.SelectMany(p => attributes.GetProperty(p).EnumerateArray().Select(w => w.GetString()!)));
        Assert.Equal(0, attributes.GetProperty("none").GetArrayLength());
        Assert.Equal("", attributes.GetProperty("empty").GetString());
        Assert.Equal("""["float32",4.5]""", JsonSerializer.Serialize(file.GetProperty("scalar")));
        Assert.Equal("""["float32",0,3,0]""", JsonSerializer.Serialize(file.GetProperty("nothing")).Replace("0.0", "0", StringComparison.Ordinal));
        using KerasFile ours = KerasFile.Open(path);
        for (int i = 0; i < 75; i++)
        {
            string name = $"group/{i * 37 % 75}/x";
            float[] values = [.. Enumerable.Range(0, 2 * (i + 1)).Select(v => (float)v * i)];
            JsonElement theirs = file.GetProperty(name);
            Assert.Equal(("float32", i + 1, 2, values.Sum(v => (double)v)), (theirs[0].GetString(), theirs[1].GetInt32(), theirs[2].GetInt32(), theirs[3].GetDouble()));
            Assert.Equal(values, ours.ReadSingle(name));
        }
    }

    [Fact]
    public void What_Keras_has_no_layers_for_is_refused()
    {
        var attention = ExportSample.Of("attention");
        Assert.Equal(Remedy.ExportToOnnxOrTorch, Assert.Throws<InputException>(() => new KerasExport(attention.Spec, attention.Weights, attention.Info)).Remedy);
        foreach (string name in (string[])["pooled pad", "hard6"])
        {
            var sample = ExportSample.Of(name);
            Assert.Equal(Remedy.ExportToOnnx, Assert.Throws<InputException>(() => new KerasExport(sample.Spec, sample.Weights, sample.Info)).Remedy);
        }
        (ExportSample frames, _) = ExportSample.OfFrames("convnet-gru", 2, 32, 32, pad: false);
        Assert.Equal(Remedy.ExportToOnnx, Assert.Throws<InputException>(() => new KerasExport(frames.Spec, frames.Weights, frames.Info)).Remedy);
    }

    private string Write(KerasExport export)
    {
        string path = _folder.File("model.h5");
        using FileStream stream = File.Create(path);
        export.Write(stream);
        return path;
    }
}
