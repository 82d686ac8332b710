using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>Size and time of a file, by which it is known to be what it was.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Written">When it was last written, UTC.</param>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    /// <summary>The stamp of a file, or of what a link leads to.</summary>
    /// <exception cref="IOException">It is not there, or cannot be looked at.</exception>
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
            file = new FileInfo(RealPath.Of(path));
        return file.Exists ? new FileStamp(file.Length, file.LastWriteTimeUtc) : throw new FileNotFoundException("no such file", path);
    }
}
