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
    [InlineData("""{"x":{"dtype":"F32","shape":"many","data_offsets":[0,4]}}""")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""")]
    [InlineData("""{"__metadata__":{"a":1},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"x":[]}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_header_that_lies_is_refused(string header)
    {
        Write(header, new byte[4]);
        Assert.StartsWith(FilePath, Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(FilePath)).Message, StringComparison.Ordinal);
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

    private void Write(string header, byte[] values)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)Encoding.UTF8.GetByteCount(header));
        File.WriteAllBytes(FilePath, [.. length, .. Encoding.UTF8.GetBytes(header), .. values]);
    }
}
