using System.IO.Compression;
using System.Text.Json;
using System.Text;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Kernels;
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
        ITrainableNetwork network = file.Load(Engine.Backend);
        Check(network);

        string checkpoint = _folder.File("a.bin");
        Checkpoint.Save(checkpoint, network, file.Info);
        ClassifierFile kept = ClassifierFile.Open(checkpoint, new ClassifierHints());
        Assert.Equal(file.Info.Source, kept.Info.Source);
        Assert.Equal(file.Info.Classes, kept.Info.Classes);
        Assert.Null(kept.Info.Epoch);
        Assert.Null(kept.Info.ValidationLoss);
        Check(kept.Load(Engine.Backend));

        void Check(ITrainableNetwork tested)
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

    [Theory]
    [InlineData("\"activation\": \"tanh\"", "\"activation\": \"elu\"", "layer `lstm` (LSTM): activation is `elu`, expected tanh")]
    [InlineData("\"recurrent_activation\": \"hard_sigmoid\"", "\"recurrent_activation\": \"relu\"", "recurrent_activation is `relu`, expected sigmoid or hard_sigmoid")]
    [InlineData("\"go_backwards\": false", "\"go_backwards\": true", "go_backwards is true, expected false")]
    [InlineData("\"stateful\": false", "\"stateful\": true", "stateful is true, expected false")]
    [InlineData("\"return_state\": false", "\"return_state\": true", "return_state is true, expected false")]
    [InlineData("\"return_sequences\": false", "\"return_sequences\": true", "gives an answer for every frame")]
    [InlineData("\"return_sequences\": false", "\"return_sequences\": 3", "return_sequences is `3`, expected true or false")]
    [InlineData("\"units\": 3, \"activation\": \"tanh\"", "\"units\": 0, \"activation\": \"tanh\"", "units is `0`, expected 1 to 65536")]
    [InlineData("\"units\": 3, \"activation\": \"tanh\"", "\"units\": 1e99, \"activation\": \"tanh\"", "units is `1e99`")]
    [InlineData("\"units\": 3, \"activation\": \"tanh\"", "\"units\": 4, \"activation\": \"tanh\"", "expected tensor layers/lstm/cell/vars/0 of shape [2048, 16], found [2048, 12]")]
    [InlineData("\"use_bias\": true, \"kernel_init", "\"use_bias\": false, \"kernel_init", "has 3 weights in the file, expected kernel, recurrent_kernel")]
    [InlineData("\"class_name\": \"LSTM\"", "\"class_name\": \"ConvLSTM1D\"", "layer `lstm` (ConvLSTM1D): is not supported; expected LSTM, GRU")]
    [InlineData("\"class_name\": \"LSTM\"", "\"class_name\": \"TimeDistributed\"", "is not supported")]
    [InlineData("\"class_name\": \"Sequential\"", "\"class_name\": \"MyModel\"", "is a model of the class `MyModel`")]
    [InlineData("\"registered_name\": null}, {\"module\": \"keras.layers\", \"class_name\": \"Dense\"", "\"registered_name\": \"mine>LSTM\"}, {\"module\": \"keras.layers\", \"class_name\": \"Dense\"", "is a class of your own")]
    [InlineData("\"activation\": \"softmax\"", "\"activation\": \"relu\"", "does not end with softmax")]
    [InlineData("\"activation\": \"softmax\"", "\"activation\": \"sigmoid\"", "does not end with softmax")]
    [InlineData("\"activation\": \"softmax\"", "\"activation\": \"\\u001b[2J\\n\"", "activation `\\u001b[2J\\n` is not supported")]
    [InlineData("\"units\": 3, \"activation\": \"softmax\"", "\"units\": 1, \"activation\": \"softmax\"", "has one output, and not a sigmoid")]
    [InlineData("[null, 4, 2048]", "[null, 4, 512]", "takes 512 features a frame; expected the 2048 of InceptionV3's avg_pool")]
    [InlineData("[null, 4, 2048]", "[null, 4, 80, 80, 3]", "expected sequences of features")]
    [InlineData("[null, 4, 2048]", "[null, -4, 2048]", "has an input of the shape")]
    [InlineData("[null, 4, 2048]", "[null, null, 2048]", "takes sequences of any length")]
    [InlineData("\"class_name\": \"LSTM\"", "\"class_name\": 5", "lacks a class_name")]
    [InlineData("\"layers\"", "\"lairs\"", "lists no layers")]
    [InlineData("{", "", "is no JSON")]
    public void What_cannot_be_computed_is_refused_and_said(string find, string replacement, string message)
    {
        string path = Repack("keras3_hard_sigmoid.keras", config => config.Contains(find, StringComparison.Ordinal) ? config.Replace(find, replacement, StringComparison.Ordinal) : throw new ArgumentException(find));
        InputException refusal = Assert.Throws<InputException>(() => ClassifierFile.Open(path, ThreeClasses).Load(Engine.Backend));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(refusal.Message, char.IsControl);
    }

    [Theory]
    [InlineData("\"mask\": {\"class_name\"", "\"initial_state\": {\"class_name\"", "is given initial_state by the layer `input_2`")]
    [InlineData("\"keras_history\": [\"input_2\", 0, 0]", "\"keras_history\": [\"dropout\", 0, 0]", "is given a mask that is computed")]
    [InlineData("\"keras_history\": [\"gru_1\", 0, 0]", "\"keras_history\": [\"dense_1\", 0, 0]", "leads in circles")]
    [InlineData("\"keras_history\": [\"gru_1\", 0, 0]", "\"keras_history\": [\"gru\", 0, 0]", "has layers beside the way")]
    [InlineData("\"keras_history\": [\"gru_1\", 0, 0]", "\"keras_history\": [\"nobody\", 0, 0]", "refers to a layer `nobody` that is not there")]
    [InlineData("\"output_layers\": [\"dense_1\", 0, 0]", "\"output_layers\": [[\"dense_1\", 0, 0], [\"dense\", 0, 0]]", "has 2 outputs, expected one")]
    [InlineData("\"name\": \"gru_1\"", "\"name\": \"gru\"", "is there twice")]
    [InlineData("\"inbound_nodes\": [{\"args\"", "\"inbound_nodes\": [{}, {\"args\"", "is used 2 times, expected once")]
    public void A_model_with_branches_is_refused(string find, string replacement, string message)
    {
        string path = Repack("keras3_cnn_rnn.keras", config => config.Contains(find, StringComparison.Ordinal) ? config.Replace(find, replacement, StringComparison.Ordinal) : throw new ArgumentException(find));
        Assert.Contains(message, Assert.Throws<InputException>(() => ClassifierFile.Open(path, ThreeClasses)).Message, StringComparison.Ordinal);
    }

    /// <summary>Keras 2 and 3 call different functions hard_sigmoid.</summary>
    [Theory]
    [InlineData("3.5.0", GateActivation.HardSigmoid6)]
    [InlineData("2.13.1", GateActivation.HardSigmoid)]
    public void A_hard_sigmoid_is_that_of_the_version(string version, GateActivation gates)
    {
        string path = Repack("keras3_hard_sigmoid.keras", config => config, metadata => metadata.Replace("3.5.0", version, StringComparison.Ordinal));
        Assert.Equal(gates, Assert.IsType<Lstm>(Engine.Of(ClassifierFile.Open(path, ThreeClasses).Load(Engine.Backend)).Layers[0]).GateActivation);
    }

    [Theory]
    [InlineData("{}", "does not say which wrote it")]
    [InlineData("{\"keras_version\": \"1.2.2\"}", "was saved by Keras 1.2.2; expected Keras 2 or later")]
    public void A_version_that_leaves_its_words_without_meaning_is_refused(string metadata, string message) => Assert.Contains(
        message, Assert.Throws<InputException>(() => ClassifierFile.Open(Repack("keras3_hard_sigmoid.keras", config => config, _ => metadata), ThreeClasses)).Message, StringComparison.Ordinal);

    [Fact]
    public void Archives_that_lie_are_refused_soon()
    {
        string deep = Repack("keras3_hard_sigmoid.keras", _ => string.Concat(Enumerable.Repeat("[", 100_000)));
        Assert.Contains("is no JSON", Assert.Throws<InputException>(() => ClassifierFile.Open(deep, ThreeClasses)).Message, StringComparison.Ordinal);

        byte[] good = File.ReadAllBytes(Path.Combine(Fixtures, "keras3_cnn_rnn.keras"));
        File.WriteAllBytes(_folder.File("cut.keras"), good[..(good.Length / 2)]);
        Assert.Contains("is a broken .keras archive, it is cut off or damaged", Assert.Throws<InvalidDataException>(() => ClassifierFile.Open(_folder.File("cut.keras"), ThreeClasses)).Message, StringComparison.Ordinal);

        string bomb = _folder.File("bomb.keras");
        using (var archive = new ZipArchive(File.Create(bomb), ZipArchiveMode.Create))
        {
            foreach (string name in (string[])["config.json", "metadata.json"])
            {
                using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                writer.Write("{}");
            }
            using Stream weights = archive.CreateEntry("model.weights.h5").Open();
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++)
                weights.Write(zeros);
        }
        Assert.Contains("has weights of 67108864 bytes in", Assert.Throws<InvalidDataException>(() => ClassifierFile.Open(bomb, ThreeClasses)).Message, StringComparison.Ordinal);

        // Sizes in the archive's directory that are smaller than what comes out.
        byte[] whole = File.ReadAllBytes(Path.Combine(Fixtures, "keras3_hard_sigmoid.keras"));
        int directory = whole.AsSpan().LastIndexOf("model.weights.h5"u8) - 46;
        BitConverter.TryWriteBytes(whole.AsSpan(directory + 24), 5000);
        File.WriteAllBytes(_folder.File("short.keras"), whole);
        Assert.Contains("broken", Assert.Throws<InvalidDataException>(() => ClassifierFile.Open(_folder.File("short.keras"), ThreeClasses)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keras2_lstm.hdf5")]
    [InlineData("tfkeras_cnn_rnn.h5")]
    [InlineData("keras3_mixture.keras")]
    public void Damage_of_any_kind_is_one_line_and_soon(string name)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Fixtures, name));
        string path = _folder.File(name);
        var random = new Random(1);
        TimeSpan start = ThreadTime.Now;
        int refused = 0;
        const int tries = 300;
        for (int i = 0; i < tries; i++)
        {
            byte[] damaged = i % 5 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int flips = random.Next(1, 8); flips > 0 && damaged.Length > 0; flips--)
                damaged[random.Next(2) == 0 ? random.Next(damaged.Length) : random.Next(Math.Min(damaged.Length, 9000))] = (byte)random.Next(256);
            File.WriteAllBytes(path, damaged);
            try
            {
                ClassifierFile.Open(path, ThreeClasses with { SequenceLength = 4, Classes = name.Contains("mixture", StringComparison.Ordinal) ? ["A", "B"] : ["A", "B", "C"] }).Load(Engine.Backend);
            }
            catch (Exception e) when (e is InputException or InvalidDataException)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(e.Message, char.IsControl);
                refused++;
            }
        }
        Assert.InRange(refused, tries / 10, tries);
        Assert.True(ThreadTime.Now - start < TimeSpan.FromSeconds(60), $"took {ThreadTime.Now - start}");
    }

    [Fact]
    public void Class_names_come_from_the_list_or_the_user()
    {
        string model = Path.Combine(Fixtures, "keras2_lstm.hdf5"), list = _folder.File("data_file.csv");
        Assert.Equal(Remedy.NameClassesOrDataFolder, Assert.Throws<InputException>(() => ClassifierFile.Open(model, new ClassifierHints { DataFile = list })).Remedy);
        File.WriteAllText(list, "train,Tennis,a,9\r\ntest,Golf,b,9\r\n");
        Assert.Contains($"tells 3 classes apart, {list} lists 2 (Golf, Tennis)", Refusal(new ClassifierHints { DataFile = list }), StringComparison.Ordinal);
        File.AppendAllText(list, "test,Archery,c,9\r\ntest,Zumba,d,9\r\n");
        ClassifierFile file = ClassifierFile.Open(model, new ClassifierHints { DataFile = list });
        Assert.Equal(["Archery", "Golf", "Tennis"], file.Info.Classes);
        Assert.Contains(file.Notes, n => n.Fact.Contains("Archery, Golf, Tennis, in this order: the first 3 of the 4 of", StringComparison.Ordinal));
        Assert.Contains(file.Notes, n => n.Fact.Contains("299 x 299", StringComparison.Ordinal) && n.Remedy == Remedy.NameSize);

        file = ClassifierFile.Open(model, new ClassifierHints { DataFile = list, Classes = ["Z", "X", "Y"], Size = (720, 1280) });
        Assert.Equal(["Z", "X", "Y"], file.Info.Classes);
        Assert.Equal((720, 1280), (file.Info.Sequences.Height, file.Info.Sequences.Width));
        Assert.Contains(file.Notes, n => n.Fact.Contains("are not in alphabetical order", StringComparison.Ordinal));
        Assert.Contains("expected 3 names", Refusal(TwoClasses), StringComparison.Ordinal);
        Assert.Contains("expected 3 names", Refusal(new ClassifierHints { Classes = ["A", "B", "A"] }), StringComparison.Ordinal);

        string Refusal(ClassifierHints hints) => Assert.Throws<InputException>(() => ClassifierFile.Open(model, hints)).Message;
    }

    [Fact]
    public void A_checkpoint_says_itself_what_it_is()
    {
        ClassifierFile model = ClassifierFile.Open(Path.Combine(Fixtures, "keras3_hard_sigmoid.keras"), ThreeClasses);
        Checkpoint.Save(_folder.File("a.bin"), model.Load(Engine.Backend), model.Info);
        foreach (ClassifierHints hints in (ClassifierHints[])[ThreeClasses, new() { Size = (299, 299) }, new() { Sampling = Core.Samples.FrameSampling.Even }])
            Assert.Equal(Remedy.LeaveHintsOut, Assert.Throws<InputException>(() => ClassifierFile.Open(_folder.File("a.bin"), hints)).Remedy);
        Assert.Contains("holds weights, but not what the layers are", Assert.Throws<InputException>(() => ClassifierFile.Open(Path.Combine(AppContext.BaseDirectory, "Formats", "Hdf5", "Fixtures", "keras.h5"), ThreeClasses)).Message, StringComparison.Ordinal);
        Assert.Contains("no classifier", Assert.Throws<InputException>(() => ClassifierFile.Open(Path.Combine(AppContext.BaseDirectory, "Formats", "PyTorch", "Fixtures", "module.pth"), ThreeClasses)).Message, StringComparison.Ordinal);

        // Layers that no model of ours has.
        byte[] whole = File.ReadAllBytes(_folder.File("a.bin"));
        string header = Encoding.UTF8.GetString(whole, 8, (int)BitConverter.ToInt64(whole));
        foreach ((string find, string replacement) in ((string, string)[])[("units\\u0022:3", "units\\u0022:0"), ("kind\\u0022:\\u0022lstm", "kind\\u0022:\\u0022list"), ("hard_sigmoid6", "hard_sigmoid7")])
        {
            Assert.Contains(find, header, StringComparison.Ordinal);
            byte[] changed = [.. whole[..8], .. Encoding.UTF8.GetBytes(header.Replace(find, replacement, StringComparison.Ordinal)), .. whole[(8 + header.Length)..]];
            File.WriteAllBytes(_folder.File("b.bin"), changed);
            Assert.Contains("metadata `layers`", Assert.Throws<InputException>(() => ClassifierFile.Open(_folder.File("b.bin"), new ClassifierHints())).Message, StringComparison.Ordinal);
        }
    }

    private string Repack(string name, Func<string, string> config, Func<string, string>? metadata = null)
    {
        string path = _folder.File(name);
        File.Copy(Path.Combine(Fixtures, name), path, overwrite: true);
        using var archive = new ZipArchive(File.Open(path, FileMode.Open), ZipArchiveMode.Update);
        Change("config.json", config);
        Change("metadata.json", metadata ?? (said => said));
        return path;

        void Change(string entryName, Func<string, string> change)
        {
            ZipArchiveEntry entry = archive.GetEntry(entryName)!;
            string text;
            using (var reader = new StreamReader(entry.Open()))
                text = change(reader.ReadToEnd());
            entry.Delete();
            using var writer = new StreamWriter(archive.CreateEntry(entryName).Open());
            writer.Write(text);
        }
    }
}
