using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Clips;

/// <summary>
/// <c>clips/&lt;name&gt;.json</c> in the data folder: which clips were cut out of which video, written before the first of them. By it
/// clips are found done, those that corrected labels have no place for go, and two videos of one name do not share names of clips.
/// </summary>
internal sealed partial class ClipList
{
    private const int DigestedBytes = 1 << 20;
    private const long LongestFile = 256 << 20;

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly DataFolder _data;
    private readonly string _video;
    private readonly string _digest;
    private readonly HashSet<PlannedClip> _known;

    private ClipList(DataFolder data, string video, string digest, string name, IEnumerable<PlannedClip> known)
    {
        _data = data;
        _video = video;
        _digest = digest;
        Name = name;
        _known = [.. known];
    }

    /// <summary>What the names of the clips begin with.</summary>
    public string Name { get; }

    /// <summary>The list itself.</summary>
    public string Path => PathOf(_data, Name);

    /// <summary>The list of a video: that which there is, or an empty one under a name that no other video's clips have.</summary>
    /// <exception cref="InputException">A list cannot be read.</exception>
    public static ClipList Of(DataFolder data, string video)
    {
        string digest = Digest(video), name = FolderName.Of(System.IO.Path.GetFileNameWithoutExtension(video));
        for (int number = 1; ; number++)
        {
            string candidate = number == 1 ? name : Invariant($"{name} {number}");
            if (File.Exists(PathOf(data, candidate)))
            {
                (string of, IEnumerable<PlannedClip> clips) = Read(PathOf(data, candidate));
                if (of == digest)
                    return new ClipList(data, video, digest, candidate, clips);
            }
            else if (!IsTaken(data, candidate))
            {
                return new ClipList(data, video, digest, candidate, []);
            }
            else if (File.Exists(PathOf(data, candidate)))
            {
                // Another worker has just begun with it.
                number--;
            }
        }
    }

    /// <summary>Where a clip lies.</summary>
    public string FileOf(PlannedClip clip) =>
        System.IO.Path.Combine(_data.ClassFolder(clip.Set, clip.Class), clip.Name + Container.Mp4.Extensions[0]);

    /// <summary>Whether a clip is there, and is what is planned.</summary>
    public bool IsDone(PlannedClip clip) => _known.Contains(clip) && File.Exists(FileOf(clip));

    /// <summary>All clips that are there.</summary>
    public IReadOnlySet<PlannedClip> Done() => _known.Where(IsDone).ToHashSet();

    /// <summary>Makes the list that of a plan: clips that are not in it go, with their frames.</summary>
    public void Replace(IReadOnlyList<PlannedClip> plan)
    {
        if (Is(plan))
            return;
        // What lies where a planned clip belongs and is another goes too, else it would count as done.
        string[] files = [.. _known.Except(plan).Concat(plan.Except(_known)).Select(FileOf).Distinct(StringComparer.Ordinal)
            .Where(File.Exists)];
        foreach (string file in files)
        {
            foreach (string picture
                in FramePictures.Find(System.IO.Path.GetDirectoryName(file)!, System.IO.Path.GetFileNameWithoutExtension(file)))
                File.Delete(picture);
            File.Delete(file);
        }
        AtomicFile.WriteText(Path,
            JsonSerializer.Serialize(new Content(System.IO.Path.GetFileName(_video), _digest,
                [.. plan.Select(c => new Row(c.Name, Clip.SetName(c.Set), c.Class, c.First, c.Frames))]), Format) + "\n");
        _known.Clear();
        _known.UnionWith(plan);
    }

    /// <summary>Whether it is that of a plan already.</summary>
    public bool Is(IReadOnlyList<PlannedClip> plan) => _known.SetEquals(plan) && File.Exists(Path);

    /// <summary>Keeps other runs off this list until it is given back.</summary>
    /// <param name="patience">How long another may have it.</param>
    /// <exception cref="InputException">Another run has it.</exception>
    public FileStream Lock(TimeSpan patience)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(
                    Path + ".lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException e) when (StoreFault.IsPassing(e))
            {
                if (clock.Elapsed > patience)
                    throw new InputException($"{Path}: another run is cutting clips out of this video", Remedy.WaitForCutting, e);
                Thread.Sleep(20);
            }
            catch (IOException e)
            {
                throw new InputException($"{Path}: cannot be written ({e.Message})", e);
            }
        }
    }

    private static string PathOf(DataFolder data, string name) => System.IO.Path.Combine(data.Root, "clips", name + ".json");

    private static bool IsTaken(DataFolder data, string name) =>
        Enum.GetValues<ClipSet>().Select(s => System.IO.Path.Combine(data.Root, Clip.SetName(s))).Where(Directory.Exists)
        .SelectMany(Directory.EnumerateDirectories).SelectMany(folder => Directory.EnumerateFiles(folder))
        .Select(f => System.IO.Path.GetFileName(f)!)
        .Any(f => f.StartsWith(name + "-", StringComparison.Ordinal) && NumberAndExtension().IsMatch(f.AsSpan(name.Length)));

    private static (string Digest, IEnumerable<PlannedClip> Clips) Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > LongestFile)
                throw new JsonException("too large");
            Content content = JsonText.Deserialize<Content>(StoreFault.Outlast(() => File.ReadAllBytes(path)), Format)
                ?? throw new JsonException("empty");
            if (content.Digest is null || content.Clips is null
                || !content.Clips.All(c => c is { First: >= 0, Frames: > 0, Set: "train" or "test" } && IsName(c.Name) && IsName(c.Class)))
                throw new JsonException("unusable");
            return (content.Digest,
                content.Clips.Select(c => new PlannedClip(
                    c.Name, c.Set == "train" ? ClipSet.Train : ClipSet.Test, c.Class, c.First, c.Frames)));
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path}: is no list of clips; delete it, and the clips of {System.IO.Path.GetFileNameWithoutExtension(path)} from "
                    + "train and test",
                e);
        }
    }

    // What we delete by: nothing that leaves the data folder may pass.
    private static bool IsName(string? name) => name is not null && DataFile.IsName(name) && FolderName.Of(name) == name;

    // The same file under another path or name is the same video; copying it anew does not make it another.
    private static string Digest(string video)
    {
        using FileStream file = StoreFault.Outlast(() => File.OpenRead(video));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[DigestedBytes];
        hash.AppendData(BitConverter.GetBytes(file.Length));
        hash.AppendData(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        file.Seek(Math.Max(0, file.Length - DigestedBytes), SeekOrigin.Begin);
        hash.AppendData(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [GeneratedRegex(@"^-[0-9]{4,}\.[^.]+$", RegexOptions.NonBacktracking)]
    private static partial Regex NumberAndExtension();

    private sealed record Content(string Video, string Digest, Row[] Clips);

    private sealed record Row(string Name, string Set, string Class, int First, int Frames);
}
