using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace VideoLstm.Core.Formats.Npy;

/// <summary>
/// NumPy's npy format, versions 1.0 to 3.0 (numpy/lib/format.py). Arrays may follow each other in one file, as after
/// several numpy.save calls; numpy.load reads the first.
/// </summary>
public static class NpyFile
{
    private const int MagicLength = 6;
    private const int Alignment = 64;
    private const int LongestHeader = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Whether a file is one by its first bytes.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static bool IsLikely(string path)
    {
        Span<byte> start = stackalloc byte[MagicLength];
        using FileStream stream = File.OpenRead(path);
        return stream.ReadAtLeast(start, MagicLength, throwOnEndOfStream: false) == MagicLength && start.SequenceEqual(Magic);
    }

    /// <summary>Reads the array at the stream's position and leaves the stream right behind it.</summary>
    /// <param name="stream">A stream that can seek.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidDataException">It is no array of numbers, or cut off.</exception>
    public static NpyArray ReadSingle(Stream stream, string path)
    {
        NpyHeader header = ReadHeader(stream, path) ?? throw new InvalidDataException($"{path}: is empty, expected a NumPy array");
        string type = NumberType(header, path);
        byte[] bytes = ReadBytes(stream, path, header, ValueTypes.SizeOf(type));
        var values = new float[header.Count];
        ValueTypes.ToSingle(bytes, type, values, header.DataType[0] == '>');
        return new NpyArray(header.DataType, header.Shape, header.IsFortranOrder ? ToRows(values, header.Shape) : values);
    }

    /// <summary>Passes over the array at the stream's position, as if it had been read.</summary>
    /// <param name="stream">A stream that can seek.</param>
    /// <param name="path">The file, for messages.</param>
    /// <returns>Its sizes, slowest dimension first.</returns>
    /// <exception cref="InvalidDataException">It is no array of numbers, or cut off.</exception>
    public static int[] Skip(Stream stream, string path)
    {
        NpyHeader header = ReadHeader(stream, path) ?? throw new InvalidDataException($"{path}: is empty, expected a NumPy array");
        stream.Seek(CheckedSize(stream, path, header, ValueTypes.SizeOf(NumberType(header, path))), SeekOrigin.Current);
        return header.Shape;
    }

    /// <summary>
    /// Reads one part of the array at the stream's position, e.g. <c>[length, 2048]</c> of <c>[windows, length, 2048]</c>.
    /// </summary>
    /// <param name="stream">A stream that can seek.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="index">Which, along the slowest dimension.</param>
    /// <exception cref="InvalidDataException">It is no array of numbers in C order with such a part, or cut off.</exception>
    public static NpyArray ReadPart(Stream stream, string path, int index)
    {
        NpyHeader header = ReadHeader(stream, path) ?? throw new InvalidDataException($"{path}: is empty, expected a NumPy array");
        string type = NumberType(header, path);
        long size = CheckedSize(stream, path, header, ValueTypes.SizeOf(type));
        if (header.IsFortranOrder || header.Shape.Length == 0 || index < 0 || index >= header.Shape[0])
            throw new InvalidDataException(
                $"{path}: is an array of shape ({string.Join(", ", header.Shape)}){(header.IsFortranOrder ? " in Fortran order" : "")}, "
                    + $"part {index} of it cannot be read");
        byte[] bytes = new byte[size / header.Shape[0]];
        stream.Seek(index * (long)bytes.Length, SeekOrigin.Current);
        Fill(stream, bytes, path);
        var values = new float[header.Count / header.Shape[0]];
        ValueTypes.ToSingle(bytes, type, values, header.DataType[0] == '>');
        return new NpyArray(header.DataType, header.Shape[1..], values);
    }

    /// <summary>Reads the one-dimensional array of bytes at the stream's position; null at the end of the stream.</summary>
    /// <param name="stream">A stream that can seek.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidDataException">There is something else.</exception>
    public static byte[]? ReadBytes(Stream stream, string path)
    {
        if (ReadHeader(stream, path) is not { } header)
            return null;
        return header.ValueType == "U8" && header.Shape.Length == 1
            ? ReadBytes(stream, path, header, 1)
            : throw new InvalidDataException($"{path}: expected bytes behind the first array, found {header.DataType}");
    }

    /// <summary>Writes an array of single-precision numbers, as numpy.save does.</summary>
    public static void Write(Stream stream, ReadOnlySpan<float> values, ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long count = 1;
        foreach (int size in shape)
            count *= size;
        ArgumentOutOfRangeException.ThrowIfNotEqual(count, values.Length, nameof(shape));
        WriteShape(stream, shape);
        WriteValues(stream, values);
    }

    /// <summary>Begins an array of single-precision numbers; all its values have to follow.</summary>
    public static void WriteShape(Stream stream, ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(stream);
        WriteHeader(stream, "<f4", shape);
    }

    /// <summary>Writes the next values of an array.</summary>
    public static void WriteValues(Stream stream, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ValueTypes.Write(stream, values);
    }

    /// <summary>Writes a one-dimensional array of bytes, as numpy.save does.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        WriteHeader(stream, "|u1", [bytes.Length]);
        stream.Write(bytes);
    }

    private static void WriteHeader(Stream stream, string type, ReadOnlySpan<int> shape)
    {
        var sizes = new StringBuilder();
        foreach (int size in shape)
            sizes.Append(CultureInfo.InvariantCulture, $"{size}, ");
        // A tuple of one keeps its comma.
        string tuple = sizes.ToString().TrimEnd(' ');
        tuple = shape.Length == 1 ? tuple : tuple.TrimEnd(',');
        string text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({tuple}), }}";

        const int prefix = MagicLength + 2 + 2;
        int padded = (prefix + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        Span<byte> header = stackalloc byte[padded];
        header.Fill((byte)' ');
        Magic.CopyTo(header);
        header[MagicLength] = 1;
        header[MagicLength + 1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[(MagicLength + 2)..], (ushort)(padded - prefix));
        Encoding.ASCII.GetBytes(text, header[prefix..]);
        header[^1] = (byte)'\n';
        stream.Write(header);
    }

    private static NpyHeader? ReadHeader(Stream stream, string path)
    {
        Span<byte> start = stackalloc byte[MagicLength + 2 + 4];
        int read = stream.ReadAtLeast(start[..(MagicLength + 2)], MagicLength + 2, throwOnEndOfStream: false);
        if (read == 0)
            return null;
        if (read < MagicLength + 2 || !start.StartsWith(Magic))
            throw new InvalidDataException($"{path}: is no NumPy array: it does not begin with \\x93NUMPY");
        if (start[MagicLength] is < 1 or > 3)
            throw new InvalidDataException($"{path}: is of npy version {start[MagicLength]}, expected 1 to 3");

        int sizeBytes = start[MagicLength] == 1 ? 2 : 4;
        Span<byte> size = start.Slice(MagicLength + 2, sizeBytes);
        Fill(stream, size, path);
        uint length = sizeBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > LongestHeader)
            throw new InvalidDataException($"{path}: has a header of {length} bytes, more than any array needs");
        byte[] text = new byte[length];
        Fill(stream, text, path);
        return NpyHeader.Parse(start[MagicLength] == 3 ? Encoding.UTF8.GetString(text) : Encoding.Latin1.GetString(text), path);
    }

    private static byte[] ReadBytes(Stream stream, string path, NpyHeader header, int valueSize)
    {
        long bytes = CheckedSize(stream, path, header, valueSize);
        byte[] data = bytes <= Array.MaxLength
            ? new byte[bytes]
            : throw new InvalidDataException(
                $"{path}: an array of shape ({string.Join(", ", header.Shape)}) is too large to be read as a whole");
        Fill(stream, data, path);
        return data;
    }

    private static long CheckedSize(Stream stream, string path, NpyHeader header, int valueSize)
    {
        long bytes = header.Count * valueSize, left = stream.Length - stream.Position;
        return bytes <= left
            ? bytes
            : throw new InvalidDataException(
                $"{path}: is cut off: an array of shape ({string.Join(", ", header.Shape)}) needs {bytes} bytes, {left} are there");
    }

    private static string NumberType(NpyHeader header, string path) =>
        header.ValueType ?? throw new InvalidDataException(header.DataType is "|O" or "O"
            ? $"{path}: holds Python objects, which only Python can read; expected numbers: np.save(path, "
                + "np.stack(list(array)).astype('float32'))"
            : $"{path}: holds values of type {Printable.Short(header.DataType, 40)}, expected numbers such as <f4");

    private static void Fill(Stream stream, Span<byte> bytes, string path)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InvalidDataException($"{path}: is cut off");
    }

    // Fortran order has the first index running fastest.
    private static float[] ToRows(float[] values, int[] shape)
    {
        var rows = new float[values.Length];
        var index = new int[shape.Length];
        foreach (float value in values)
        {
            long at = 0;
            for (int d = 0; d < shape.Length; d++)
                at = at * shape[d] + index[d];
            rows[at] = value;
            for (int d = 0; d < shape.Length && ++index[d] == shape[d]; d++)
                index[d] = 0;
        }
        return rows;
    }
}
