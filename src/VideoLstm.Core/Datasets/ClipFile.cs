using System.IO.Enumeration;

namespace VideoLstm.Core.Datasets;

/// <summary>A clip's file as found in the data folder, before anything is known of what is in it.</summary>
public sealed record ClipFile(ClipSet Set, string Class, string Name, string Path)
{
    /// <summary>What tells it from other clips.</summary>
    internal ClipKey Key => new(Set, Class, Name);
}
