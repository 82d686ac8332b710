namespace VideoLstm.Core.Storage;

/// <summary>
/// Files that are either there, whole, or not there: written aside as <c>name.partial</c>, flushed to disk, then renamed.
/// The name of the partial file is fixed, so that a run after a crash overwrites what the crash left.
/// </summary>
public static class AtomicFile
{
    /// <summary>What is appended to a name while the file is being written.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>; on any failure the old file stays and the partial one goes.</summary>
    /// <exception cref="IOException">The disk is full, the folder cannot be written, or another process writes the same file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string partial = path + PartialSuffix;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using (var stream = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
        {
            try
            {
                stream.SetLength(0);
                write(stream);
                stream.Flush(flushToDisk: true);
                // Renamed while still locked: no other writer can truncate it in between.
                if (!OperatingSystem.IsWindows())
                    File.Move(partial, path, overwrite: true);
            }
            catch
            {
                stream.Close();
                File.Delete(partial);
                throw;
            }
        }
        if (OperatingSystem.IsWindows())
            File.Move(partial, path, overwrite: true);
    }

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
