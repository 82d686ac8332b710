namespace VideoLstm.Core.Datasets;

/// <summary>
/// Finds the files of listed clips in a data folder: where the list says, else in the usual folders, else in the one other
/// folder that fits. A clip may have another extension than in the list, as one that was converted.
/// </summary>
internal sealed class ListedClipFinder
{
    private readonly DataFolder _data;
    private readonly string _extension;
    private readonly ILookup<string, string> _byName;

    public ListedClipFinder(DataFolder data, string extension)
    {
        if (!Directory.Exists(data.Root))
            throw new InputException($"{data.Root}: no such folder; --data names another data folder");
        _data = data;
        _extension = "." + extension;
        _byName = data.AllClips(extension).ToLookup(path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal);
    }

    /// <summary>The path of a clip; null, and why, if there is none.</summary>
    public string? Find(ListedClip clip, out string why)
    {
        string name = clip.File[(clip.File.LastIndexOf('/') + 1)..], folder = clip.File[..^name.Length].TrimEnd('/');
        string[] found = [.. _byName[name.EndsWith(_extension, StringComparison.OrdinalIgnoreCase) ? name[..^_extension.Length] : name]];
        if (found.Length == 0)
            found = [.. _byName[Path.GetFileNameWithoutExtension(name)]];

        why = $"there is no clip {clip.File} (*{_extension}) in {_data.Root}";
        IEnumerable<string> likely = _data.UsualFolders(clip.Set, clip.Class);
        if (folder.Length > 0)
            likely = likely.Prepend(Path.Combine(_data.Root, folder));
        if (likely.Select(f => found.FirstOrDefault(path => DataFolder.PathEquals(Path.GetDirectoryName(path)!, f))).FirstOrDefault(p => p is not null) is { } path)
            return path;
        string[] fitting = [.. found.Where(p => EndsWith(Path.GetDirectoryName(p)!, folder.Length > 0 ? folder : clip.Class))];
        if (fitting.Length == 0 && folder.Length == 0)
            fitting = found;
        if (fitting.Length > 1)
            why = $"{clip.File} may be {fitting[0]} or {fitting[1]}; say which in the list";
        return fitting.Length == 1 ? fitting[0] : null;
    }

    private static bool EndsWith(string path, string folder) => ('/' + path.Replace('\\', '/')).EndsWith('/' + folder, StringComparison.Ordinal);
}
