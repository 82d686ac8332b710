using System.IO.Enumeration;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>A file that was found below a folder.</summary>
/// <param name="Path">Its path, beginning with that of the folder as it was given.</param>
/// <param name="Real">The file itself: without links, and the same for all ways to it.</param>
public sealed record FoundFile(string Path, string Real)
{
    /// <summary>A file that was named and not found.</summary>
    public static FoundFile Of(string path) => new(path, RealPath.Of(path));
}
