using System.Text.Json;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Formats.Hdf5;

/// <summary>Files that h5py wrote (tests/references/hdf5.py), compared with what h5py reads from them.</summary>
public sealed class KerasFileTests
{
    private static readonly string Fixtures = Path.Combine(AppContext.BaseDirectory, "Formats", "Hdf5", "Fixtures");

    [Theory]
    [InlineData("keras", "Keras HDF5", 6)]
    [InlineData("keras_full", "Keras HDF5", 6)]
    [InlineData("keras_split", "Keras HDF5", 14)]
    [InlineData("keras_latest", "Keras HDF5", 4)]
    [InlineData("keras_dense", "Keras HDF5", 260)]
    [InlineData("types", "HDF5", 54)]
    public void Every_tensor_is_what_h5py_reads(string name, string format, int count)
    {
        using TensorFile file = TensorFile.Open(Path.Combine(Fixtures, name + ".h5"));
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures, name + ".json")));
        Assert.Equal(format, file.FormatName);
        Assert.Equal(count, file.Entries.Count);
        foreach (TensorEntry entry in file.Entries)
        {
            // Keras' names leave out the group of the layer, which comes first in h5py's paths.
            JsonElement tensor = expected.RootElement.EnumerateObject().Single(p => p.Name == entry.Name || p.Name.EndsWith("/" + entry.Name, StringComparison.Ordinal)).Value;
            Assert.Equal(tensor.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()), entry.Shape);
            for (int time = 0; time < 2; time++)
                Assert.Equal(tensor.GetProperty("values").EnumerateArray().Select(v => v.GetSingle()), file.ReadSingle(entry.Name));
        }
    }

    /// <summary>The place of the sign, the size of the exponent, its bias, how the mantissa begins: all can be what no processor has.</summary>
    [Theory]
    [InlineData(1, 0x30)]
    [InlineData(2, 30)]
    [InlineData(13, 7)]
    [InlineData(16, 126)]
    public void Floats_that_are_not_of_IEEE_754_are_refused(int place, byte value)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Fixtures, "keras.h5"));
        ReadOnlySpan<byte> single = [0x11, 0x20, 0x1F, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];
        int at = file.AsSpan().IndexOf(single);
        file[at + place] = value;
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.h5"), file);
        using KerasFile opened = KerasFile.Open(folder.File("a.h5"));
        TensorEntry odd = Assert.Single(opened.Entries, e => e.DataType != "F32");
        Assert.Contains("not supported", Assert.Throws<InvalidDataException>(() => opened.ReadSingle(odd.Name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_in_messages_are_printable()
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Fixtures, "keras.h5"));
        int at = file.AsSpan().LastIndexOf("kernel:0"u8);
        (file[at], file[at + 1]) = (0x1B, (byte)'\n');
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.h5"), file);
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => KerasFile.Open(folder.File("a.h5")));
        Assert.DoesNotContain(refusal.Message, char.IsControl);
    }

    [Fact]
    public void Layers_come_in_the_order_of_layer_names_and_attributes_are_metadata()
    {
        using KerasFile file = KerasFile.Open(Path.Combine(Fixtures, "keras_full.h5"));
        Assert.Equal(["conv2d_1/kernel:0", "conv2d_1/bias:0", "conv2d_2/kernel:0", "conv2d_2/bias:0", "conv2d_3/kernel:0", "conv2d_3/bias:0"], file.Entries.Select(e => e.Name));
        Assert.Equal("2.1.6", file.Metadata["keras_version"]);
        Assert.Equal("tensorflow", file.Metadata["backend"]);
        Assert.Contains("class_name", file.Metadata["model_config"], StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_that_are_too_many_and_too_large_for_a_header_are_read()
    {
        using KerasFile file = KerasFile.Open(Path.Combine(Fixtures, "keras_dense.h5"));
        Assert.Equal("3.9.9", file.Metadata["keras_version"]);
        using JsonDocument config = JsonDocument.Parse(file.Metadata["model_config"]);
        Assert.Equal(new string('x', 70000), config.RootElement.GetProperty("config").GetProperty("name").GetString());
        Assert.Equal(Enumerable.Range(0, 260).Select(i => $"dense_{i:000}"), file.Layers.Select(l => l.Layer));
    }

    [Theory]
    [InlineData("keras")]
    [InlineData("keras_full")]
    [InlineData("keras_split")]
    [InlineData("keras_latest")]
    [InlineData("keras_dense")]
    [InlineData("types")]
    public void Damage_of_any_kind_is_one_line_and_soon(string name)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Fixtures, name + ".h5"));
        using var folder = new TemporaryFolder();
        string path = folder.File("damaged.h5");
        var random = new Random(1);
        TimeSpan start = ThreadTime.Now;
        int refused = 0;
        const int tries = 600;
        for (int i = 0; i < tries; i++)
        {
            byte[] damaged = (byte[])whole.Clone();
            if (i % 4 == 0)
                damaged = damaged[..random.Next(damaged.Length)];
            // Most of a file is values; what can mislead a reader is in the first part of it and around the groups.
            for (int flips = random.Next(1, 8); flips > 0 && damaged.Length > 0; flips--)
                damaged[random.Next(2) == 0 ? random.Next(damaged.Length) : random.Next(Math.Min(damaged.Length, 3000))] = (byte)(random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => random.Next(256) });
            File.WriteAllBytes(path, damaged);
            try
            {
                using KerasFile file = KerasFile.Open(path);
                foreach (TensorEntry entry in file.Entries)
                    file.ReadSingle(entry.Name);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(e.Message, char.IsControl);
                refused++;
            }
        }
        Assert.InRange(refused, tries / 10, tries);
        Assert.True(ThreadTime.Now - start < TimeSpan.FromSeconds(30), $"took {ThreadTime.Now - start}");
    }

    [SkippableFact]
    public void The_published_layout_is_read()
    {
        using TensorFile file = TensorFile.Open(TestAssets.Require("weights", "mobilenet_7_5_224_tf.h5"));
        Assert.Equal(137, file.Entries.Count);
        Assert.Equal([3, 3, 3, 24], file["conv1/kernel:0"].Shape);
        Assert.All(file.ReadSingle("conv1/kernel:0"), v => Assert.InRange(v, -10, 10));
    }
}
