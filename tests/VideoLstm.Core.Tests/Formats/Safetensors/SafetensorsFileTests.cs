using System.Buffers.Binary;
using System.Text;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Formats.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Path, "x.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_layout_is_the_published_one_to_the_byte()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [("b", [2, 1], new float[] { 1, 2 }), ("a", [], new float[] { 3 })], new Dictionary<string, string> { ["z"] = "1", ["k"] = "v" });
        const string header = """{"__metadata__":{"k":"v","z":"1"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}""";
        string padded = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] expected = [.. BitConverter.GetBytes((ulong)padded.Length), .. Encoding.ASCII.GetBytes(padded), 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40];
        Assert.Equal(expected, stream.ToArray());
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        using (FileStream stream = File.Create(FilePath))
            SafetensorsWriter.Write(stream, [("b", [2, 1], new float[] { 1, 2 }), ("a", [], new float[] { 3 })], new Dictionary<string, string> { ["classes"] = "[\"Fußball ⚽\"]" });
        using TensorFile file = TensorFile.Open(FilePath);
        Assert.Equal(["b", "a"], file.Entries.Select(e => e.Name));
        Assert.Equal([2, 1], file["b"].Shape);
        Assert.Equal([1, 2], file.ReadSingle("b"));
        Assert.Equal([3], file.ReadSingle("a"));
        Assert.Equal("[\"Fußball ⚽\"]", file.Metadata["classes"]);
    }

    [Theory]
    [InlineData("F16", new byte[] { 0x00, 0x3E }, 1.5f)]
    [InlineData("BF16", new byte[] { 0xC0, 0x3F }, 1.5f)]
    [InlineData("F64", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F }, 1.5f)]
    [InlineData("I64", new byte[] { 0xFE, 255, 255, 255, 255, 255, 255, 255 }, -2f)]
    [InlineData("U8", new byte[] { 200 }, 200f)]
    [InlineData("I8", new byte[] { 200 }, -56f)]
    [InlineData("BOOL", new byte[] { 1 }, 1f)]
    public void Every_type_becomes_single_precision(string type, byte[] bytes, float value)
    {
        Write($$$"""{"x":{"dtype":"{{{type}}}","shape":[1],"data_offsets":[0,{{{bytes.Length}}}]}}""", bytes);
        using SafetensorsFile file = SafetensorsFile.Open(FilePath);
        Assert.Equal([value], file.ReadSingle("x"));
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""")]
    [InlineData("""{"x":{"dtype":"F4","shape":[4611686018427387904,8],"data_offsets":[0,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""")]
    [InlineData("""{"a\nb\u001b[31m":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0078":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":"many","data_offsets":[0,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""")]
    [InlineData("""{"__metadata__":{"a":1},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"x":[]}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_header_that_lies_is_refused(string header)
    {
        Write(header, new byte[4]);
        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(FilePath)).Message;
        Assert.StartsWith(FilePath, message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void A_file_that_is_cut_off_anywhere_is_refused()
    {
        Write("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", new byte[4]);
        byte[] whole = File.ReadAllBytes(FilePath);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(FilePath));
        }
    }

    [Fact]
    public void Damage_of_any_kind_is_one_line()
    {
        Write("""{"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F4","shape":[2,1],"data_offsets":[4,8]}}""", new byte[8]);
        byte[] whole = File.ReadAllBytes(FilePath);
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = (byte[])whole.Clone();
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)random.Next('0', ':');
            File.WriteAllBytes(FilePath, damaged);
            try
            {
                using SafetensorsFile file = SafetensorsFile.Open(FilePath);
                foreach (TensorEntry entry in file.Entries)
                    file.ReadSingle(entry.Name);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith(FilePath, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(e.Message, char.IsControl);
                refused++;
            }
        }
        // "y" is of a type that cannot be read, so that what opens still ends in a refusal unless damage made it readable.
        Assert.InRange(refused, 1900, 2000);
    }

    private void Write(string header, byte[] values)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)Encoding.UTF8.GetByteCount(header));
        File.WriteAllBytes(FilePath, [.. length, .. Encoding.UTF8.GetBytes(header), .. values]);
    }

    /// <summary>Each took a minute, or gigabytes.</summary>
    [Fact]
    public void More_than_any_model_needs_is_refused_at_once()
    {
        using var folder = new TemporaryFolder();
        string Refused(string header)
        {
            string path = folder.File("bomb.safetensors");
            using (FileStream file = File.Create(path))
            {
                file.Write(BitConverter.GetBytes((long)header.Length));
                file.Write(System.Text.Encoding.ASCII.GetBytes(header));
            }
            return Assert.Throws<InvalidDataException>(() => TensorFile.Open(path)).Message;
        }

        string tensor = "\"dtype\":\"F32\",\"data_offsets\":[0,0],\"shape\":[0";
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more than 64 dimensions", Refused($"{{\"a\":{{{tensor}{string.Concat(Enumerable.Repeat(",1", 1_000_000))}]}}}}"), StringComparison.Ordinal);
        Assert.Contains("more than 200000 tensors", Refused($"{{{string.Join(',', Enumerable.Range(0, 200_001).Select(i => $"\"{i}\":{{{tensor}]}}"))}}}"), StringComparison.Ordinal);
        Assert.Contains("more than any model needs", Refused("{" + new string(' ', 33 << 20)), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600_000_000);
    }
}
