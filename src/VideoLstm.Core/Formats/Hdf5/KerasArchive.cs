using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>
/// A <c>.keras</c> file (keras/src/saving/saving_lib.py): a zip archive of <c>config.json</c>, <c>metadata.json</c> and
/// <c>model.weights.h5</c>, not compressed by Keras, but perhaps by whoever packed it again.
/// </summary>
internal static class KerasArchive
{
    private const string Config = "config.json", Metadata = "metadata.json", Weights = "model.weights.h5";
    private const int LongestText = 16 << 20;

    // Where an entry of a zip archive has its name.
    private const int NameAt = 30;

    // Trained weights hardly become shorter by compression; an optimizer's zeros beside them do.
    private const int LargestCompression = 16;

    /// <summary>Whether a file that begins so is such an archive.</summary>
    public static bool Is(ReadOnlySpan<byte> start, string path)
    {
        if (!start.StartsWith("PK\u0003\u0004"u8))
            return false;
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            return archive.GetEntry(Config) is not null;
        }
        catch (InvalidDataException)
        {
            // The list of entries is at the end: of one that is cut off, the first entry tells whose it was.
            byte[] first = new byte[NameAt + Metadata.Length];
            using FileStream stream = File.OpenRead(path);
            int read = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
            ReadOnlySpan<byte> name = first.AsSpan(Math.Min(NameAt, read), Math.Max(0, read - NameAt));
            return name.SequenceEqual("metadata.json"u8) || name.StartsWith("config.json"u8);
        }
    }

    /// <summary>Unpacks the weights into a temporary file, which goes when it is closed, and reads what is said of the model.</summary>
    public static (FileStream Weights, IReadOnlyDictionary<string, string> Metadata) Unpack(string path)
    {
        InvalidDataException Broken(string what) => new($"{path}: is a broken .keras archive, it {what}; save the model again");
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            ZipArchiveEntry Entry(string name) => archive.GetEntry(name) ?? throw Broken($"lacks {name}");
            string Text(string name)
            {
                ZipArchiveEntry entry = Entry(name);
                if (entry.Length > LongestText)
                    throw Broken($"has a {name} of {entry.Length} bytes");
                byte[] bytes = new byte[entry.Length];
                using Stream stream = entry.Open();
                stream.ReadExactly(bytes);
                return Encoding.UTF8.GetString(bytes);
            }

            var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [KerasFile.ModelConfig] = Text(Config) };
            using (JsonDocument said = JsonText.Parse(Text(Metadata)))
            {
                if (said.RootElement.Text("keras_version") is { } version)
                    metadata["keras_version"] = version;
            }
            ZipArchiveEntry weights = Entry(Weights);
            if (weights.Length / LargestCompression > weights.CompressedLength)
                throw Broken($"has weights of {weights.Length} bytes in {weights.CompressedLength}");
            long free = new DriveInfo(Path.GetTempPath()).AvailableFreeSpace;
            if (weights.Length > free)
                throw new InputException(
                    $"{path}: its weights take {weights.Length >> 20} MB unpacked, {Path.GetTempPath()} has {free >> 20} MB; free some "
                        + "space, or name another folder in TMPDIR");
            return (Unpack(weights, Broken), metadata);
        }
        catch (JsonException)
        {
            throw Broken($"has a {Metadata} that is no JSON");
        }
        catch (Exception e) when (e is EndOfStreamException
            || (e is InvalidDataException && !e.Message.StartsWith(path, StringComparison.Ordinal)))
        {
            throw Broken("is cut off or damaged");
        }
    }

    private static FileStream Unpack(ZipArchiveEntry weights, Func<string, InvalidDataException> broken)
    {
        string file = Path.Combine(Path.GetTempPath(), $"vlstm-{Path.GetRandomFileName()}");
        var unpacked = new FileStream(file, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            // Without a name it goes with us also when we are killed; Windows sees to that by itself.
            if (!OperatingSystem.IsWindows())
                File.Delete(file);
            using Stream stream = weights.Open();
            byte[] buffer = new byte[1 << 16];
            // What an archive says of its sizes need not be so.
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                if (unpacked.Position + read > weights.Length)
                    throw broken($"has more than the {weights.Length} bytes of weights that it states");
                unpacked.Write(buffer, 0, read);
            }
            unpacked.Flush();
            return unpacked;
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
    }
}
