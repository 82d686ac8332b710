using System.Runtime.InteropServices;

namespace VideoLstm.Core.Formats.PyTorch;

/// <summary>Writes a state_dict as torch.save does since PyTorch 1.6, for <c>torch.load</c>.</summary>
internal static class PyTorchWriter
{
    // The folder that torch.save puts all entries in where it is given a stream.
    private const string Folder = "archive/";

    /// <summary>Writes tensors of single-precision numbers in the given order.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">Names, shapes and values.</param>
    /// <param name="extra">Text entries under <c>archive/extra/</c> that torch.load passes over: names and contents.</param>
    /// <exception cref="InvalidDataException">One is more than 2 GB, or all are more than 4 GB.</exception>
    public static void Write(
        Stream stream, IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> tensors,
            IReadOnlyDictionary<string, string>? extra = null)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("PyTorch files are written on little-endian machines only");
        (string Name, int[] Shape, ReadOnlyMemory<float> Values)[] all = [.. tensors];
        if (all.FirstOrDefault(t => t.Values.Length > int.MaxValue / sizeof(float)) is { Name: { } tooLarge })
            throw new InvalidDataException($"tensor {tooLarge} has more than 2 GB, which cannot be written as a PyTorch file");
        var zip = new StoredZip(stream);
        zip.Add(Folder + "data.pkl", PickleWriter.Write(all));
        zip.Add(Folder + "byteorder", "little"u8);
        for (int i = 0; i < all.Length; i++)
            zip.Add(Invariant($"{Folder}data/{i}"), MemoryMarshal.AsBytes(all[i].Values.Span));
        foreach ((string name, string text) in extra ?? new Dictionary<string, string>())
            zip.Add($"{Folder}extra/{name}", System.Text.Encoding.UTF8.GetBytes(text));
        zip.Add(Folder + "version", "3\n"u8);
        zip.Finish();
    }
}
