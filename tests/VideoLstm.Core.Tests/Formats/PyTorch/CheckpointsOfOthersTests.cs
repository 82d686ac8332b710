using System.IO.Compression;
using System.Text;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.PyTorch;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Formats.PyTorch;

/// <summary>Training checkpoints as people save them: the weights under a key of their choice, and all else beside them.</summary>
public sealed class CheckpointsOfOthersTests : IDisposable
{
    private const string Epoch = "X\u0005\0\0\0epochK\u0003";

    // What numpy.float64(0.5) and argparse.Namespace(lr=1) are in a pickle.
    private const string Accuracy = "X\u0003\0\0\0acccnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(X\u0002\0\0\0f8\u0089\u0088tR(K\u0003X\u0001\0\0\0<tbU\u000812345678tR";
    private const string Arguments = "X\u0004\0\0\0argscargparse\nNamespace\n)\u0081}(X\u0002\0\0\0lrK\u0001ub";

    private static readonly int[] Shape = [2];
    private static readonly ReadOnlyMemory<float> Values = new float[] { 1, 2 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("model_state_dict")]
    [InlineData("net")]
    [InlineData("weight")]
    [InlineData("G.generator")]
    public void Weights_are_found_under_whatever_key_they_were_saved(string key)
    {
        byte[] inner = key.Split('.').Reverse().Aggregate(State("fc.bias"), (value, name) => Dictionary(Epoch, Accuracy, Arguments, (name, value), ("optimizer_state_dict", Dictionary(("state", State("fc.bias"))))));

        using TensorFile file = Open(inner);

        Assert.Equal("fc.bias", Assert.Single(file.Entries).Name);
        Assert.Equal([1, 2], file.ReadSingle("fc.bias"));
        Assert.Equal(key, file.Metadata["under key"]);
    }

    [Fact]
    public void Of_several_the_usual_key_is_taken_or_the_user_chooses()
    {
        byte[] averaged = Dictionary(("state_dict_ema", State("a")), ("state_dict", State("b")));
        byte[] list = [.. "]("u8, .. State("a"), .. State("b"), (byte)'e'];

        using (TensorFile file = Open(averaged))
            Assert.Equal("b", Assert.Single(file.Entries).Name);
        using (TensorFile file = Open(averaged, "state_dict_ema"))
            Assert.Equal("a", Assert.Single(file.Entries).Name);
        InputException several = Assert.Throws<InputException>(() => Open(list));
        Assert.Contains("holds weights under several keys (0, 1)", several.Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.ChooseWeights, several.Remedy);
        Assert.Contains("no tensors under the key 2, only under others (0, 1)", Refused(list, "2"), StringComparison.Ordinal);
        using (TensorFile file = Open(list, "1"))
            Assert.Equal("b", Assert.Single(file.Entries).Name);
    }

    [Fact]
    public void What_wrappers_put_before_all_names_is_left_out()
    {
        using TensorFile wrapped = Open(State("module._orig_mod.fc.weight", "module._orig_mod.fc.bias"));
        using TensorFile mixed = Open(State("module.fc.weight", "head.bias"));

        Assert.Equal(["fc.weight", "fc.bias"], wrapped.Entries.Select(e => e.Name));
        Assert.Equal(["module.fc.weight", "head.bias"], mixed.Entries.Select(e => e.Name));
    }

    [Fact]
    public void Without_weights_the_keys_that_are_there_are_named()
    {
        Assert.Contains("holds no tensors by name, only the keys epoch, args", Refused(Dictionary(Epoch, Arguments)), StringComparison.Ordinal);
        Assert.Contains("wants to run __main__.Net", Refused(Encoding.Latin1.GetBytes("c__main__\nNet\n)\u0081}b")), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_zip_archives_are_called_what_they_are()
    {
        string npz = _folder.File("features.npz"), script = _folder.File("script.pt");
        Zip(npz, ("x.npy", []), ("y.npy", []));
        Zip(script, ("m/data.pkl", Pickle(State("a"))), ("m/constants.pkl", []), ("m/code/x.py", []));

        Assert.Contains("NumPy archive (.npz), it holds x, y; expected one array", Assert.Throws<InvalidDataException>(() => TensorFile.Open(npz)).Message, StringComparison.Ordinal);
        Assert.Contains("TorchScript", Assert.Throws<InvalidDataException>(() => TensorFile.Open(script)).Message, StringComparison.Ordinal);
    }

    private TensorFile Open(byte[] value, string? key = null)
    {
        string path = _folder.File("checkpoint.pth");
        Zip(path, ("archive/data.pkl", Pickle(value)), ("archive/data/0", [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]), ("archive/data/1", [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]));
        return TensorFile.Open(path, key);
    }

    private string Refused(byte[] value, string? key = null) => Assert.Throws<InvalidDataException>(() => Open(value, key)).Message;

    private static byte[] Pickle(byte[] value) => [0x80, 2, .. value, (byte)'.'];

    private static byte[] State(params string[] names) => PickleWriter.Write([.. names.Select(n => (n, Shape, Values))])[2..^1];

    private static byte[] Dictionary(params Item[] items) => [.. "}("u8, .. items.SelectMany(i => i.Bytes), (byte)'u'];

    private static void Zip(string path, params (string Name, byte[] Content)[] entries)
    {
        File.Delete(path);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in entries)
        {
            using Stream stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(content);
        }
    }

    private readonly record struct Item(byte[] Bytes)
    {
        public static implicit operator Item(string pickled) => new(Encoding.Latin1.GetBytes(pickled));

        public static implicit operator Item((string Name, byte[] Value) item) =>
            new([(byte)'X', .. BitConverter.GetBytes(item.Name.Length), .. Encoding.ASCII.GetBytes(item.Name), .. item.Value]);
    }
}
