using System.Buffers.Binary;

namespace VideoLstm.Cli;

/// <summary>Kinds of file that `vlstm info` tells apart.</summary>
internal enum FileKind
{
    /// <summary>None of the others: ffprobe decides.</summary>
    Video,

    /// <summary>A NumPy array.</summary>
    Npy,

    /// <summary>Named tensors: safetensors, HDF5, PyTorch.</summary>
    Tensors,

    /// <summary>A list of clips.</summary>
    DataFile,
}

/// <summary>Tells files apart by their first bytes, not by their names, which people change.</summary>
internal static class FileKinds
{
    private const int LongestSafetensorsHeader = 100_000_000;

    public static FileKind Of(string path)
    {
        Span<byte> start = stackalloc byte[16];
        start.Clear();
        using (FileStream stream = File.OpenRead(path))
            _ = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);

        if (start[1..].StartsWith("NUMPY"u8))
            return FileKind.Npy;
        bool isHdf5 = start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']);
        bool isZip = start.StartsWith("PK\u0003\u0004"u8);
        bool isOldPickle = start.StartsWith((ReadOnlySpan<byte>)[0x80, 0x02, 0x8a, 0x0a]);
        bool isSafetensors = BinaryPrimitives.ReadUInt64LittleEndian(start) < LongestSafetensorsHeader && start[8] == '{';
        if (isHdf5 || isZip || isOldPickle || isSafetensors)
            return FileKind.Tensors;
        return Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? FileKind.DataFile : FileKind.Video;
    }
}
