namespace VideoLstm.Core.Storage;

/// <summary>
/// Files that are either there, whole, or not there: written aside as a <see cref="PartialFile"/>, flushed to disk, then renamed.
/// </summary>
public static class AtomicFile
{
    /// <summary>What the name of a file ends with while it is being written.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>
    /// Writes <paramref name="path"/> through <paramref name="write"/>; on any failure the old file stays and the partial one goes.
    /// </summary>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using PartialFile partial = PartialFile.Create(path);
        write(partial.Stream);
        partial.Commit();
    }

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
