namespace VideoLstm.Core.Datasets;

/// <summary>
/// Finds the files of listed clips in a data folder: where the list says, else in the usual folders, else in the one other
/// folder that fits. A clip may have another extension than in the list, as one that was converted, and names of files and folders may
/// differ from the list in Unicode form and in case, as long as no other fits better.
/// </summary>
internal sealed class ListedClipFinder
{
    private readonly DataFolder _data;
    private readonly string _extension;
    private readonly ILookup<string, FoundFile> _byName;

    public ListedClipFinder(DataFolder data, string extension, ICollection<Finding> failures, List<string> others)
    {
        if (!Directory.Exists(data.Root))
            throw new InputException($"{data.Root}: no such folder", Remedy.NameDataFolder);
        _data = data;
        _extension = "." + extension;
        ILookup<bool, FoundFile> videos = data.AllClips(extension, failures, others: true)
            .ToLookup(f => DataFolder.HasExtension(f.Path, extension));
        others.AddRange(videos[false].Select(f => f.Path));
        _byName = videos[true].ToLookup(f => Fold(Path.GetFileNameWithoutExtension(f.Path)), StringComparer.Ordinal);
    }

    /// <summary>The path of a clip; null, and why, if there is none.</summary>
    public string? Find(ListedClip clip, out string why)
    {
        string name = clip.File[(clip.File.LastIndexOf('/') + 1)..], folder = clip.File[..^name.Length].TrimEnd('/');
        FoundFile[] found = Named(name.EndsWith(_extension, StringComparison.OrdinalIgnoreCase) ? name[..^_extension.Length] : name);
        if (found.Length == 0)
            found = Named(Path.GetFileNameWithoutExtension(name));

        why = $"there is no clip {clip.File} (*{_extension}) in {_data.Root}";
        string[] likely = [.. folder.Length > 0 ? [Path.Combine(_data.Root, folder)] : (string[])[],
            .. _data.UsualFolders(clip.Set, clip.Class)];
        foreach (Func<string, string> form in Forms)
        {
            if (likely.Select(f => found.FirstOrDefault(file => form(FolderOf(file)) == form(Path.GetFullPath(f))))
                .FirstOrDefault(f => f is not null) is { } there)
                return there.Path;
        }
        string end = folder.Length > 0 ? folder : clip.Class;
        FoundFile[] fitting = MostAlike(found, (f, form) => EndsWith(form(FolderOf(f)), form(end)));
        if (fitting.Length == 0 && folder.Length == 0)
            fitting = found;
        // Several ways to one file are no choice.
        fitting = [.. fitting.DistinctBy(f => f.Real, StringComparer.Ordinal)];
        if (fitting.Length > 1)
            why = $"{clip.File} may be {fitting[0].Path} or {fitting[1].Path}; say which in the list";
        return fitting.Length == 1 ? fitting[0].Path : null;
    }

    // The more alike, the better: letter by letter, in another Unicode form, in another case.
    private static readonly Func<string, string>[] Forms = [text => text, ClassNames.Normalize, Fold];

    private FoundFile[] Named(string name) =>
        MostAlike([.. _byName[Fold(name)]], (f, form) => form(Path.GetFileNameWithoutExtension(f.Path)) == form(name));

    private static FoundFile[] MostAlike(FoundFile[] files, Func<FoundFile, Func<string, string>, bool> isAlike) =>
        Forms.Select(form => Array.FindAll(files, f => isAlike(f, form))).FirstOrDefault(f => f.Length > 0) ?? [];

    private static string FolderOf(FoundFile file) => Path.GetDirectoryName(Path.GetFullPath(file.Path))!;

    private static string Fold(string text) => ClassNames.Normalize(text).ToUpperInvariant();

    private static bool EndsWith(string path, string folder) =>
        ('/' + path.Replace('\\', '/')).EndsWith('/' + folder, StringComparison.Ordinal);
}
