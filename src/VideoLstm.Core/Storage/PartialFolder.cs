using System.Collections.Concurrent;

namespace VideoLstm.Core.Storage;

/// <summary>
/// A folder of files that are on their way, beside where they are to go: <c>.name.machine-random.partial</c>. As a
/// <see cref="PartialFile"/> it belongs to one process, is locked while that lives, and is cleared away when it was left.
/// </summary>
internal sealed class PartialFolder : IDisposable
{
    private const int LongestName = 255;
    private const string LockName = ".held";
    private const int MostAttempts = 3;

    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private static readonly ConcurrentDictionary<string, bool> Swept = new(StringComparer.Ordinal);

    private readonly FileStream _held;

    private PartialFolder(string path, FileStream held) => (Path, _held) = (path, held);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes one.</summary>
    /// <param name="parent">Where its files are to go; made if need be.</param>
    /// <param name="name">Of what they are.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static PartialFolder Create(string parent, string name)
    {
        Directory.CreateDirectory(parent);
        Sweep(parent);
        for (int attempt = 1; ; attempt++)
        {
            string ending = $".{HeldFile.NewId()}{AtomicFile.PartialSuffix}";
            string path = System.IO.Path.Combine(parent, FolderName.Fit("." + name, LongestName - ending.Length) + ending);
            Directory.CreateDirectory(path);
            if (HeldFile.TryHold(System.IO.Path.Combine(path, LockName), FileMode.CreateNew) is { } held)
                return new PartialFolder(path, held);
            // Another process has cleared it away before it was locked, or a store that lost its answer has made the lock already.
            if (Directory.Exists(path) && attempt == MostAttempts)
                throw new IOException($"{path}: cannot be written");
        }
    }

    /// <summary>Clears away, once a process, what killed processes left in a folder.</summary>
    public static void Sweep(string parent)
    {
        if (!Swept.TryAdd(parent, true) || !Directory.Exists(parent))
            return;
        HeldFile.Sweep(parent, new DirectoryInfo(parent).EnumerateDirectories(".*" + AtomicFile.PartialSuffix),
            folder => System.IO.Path.Combine(folder.FullName, LockName), Abandoned, (folder, held) => Clear(folder.FullName, held));
        // One that was killed while it swept left the file by which it looked at the store.
        PartialFile.Sweep(parent);
    }

    /// <summary>Removes it with all that is still in it.</summary>
    public void Dispose() => Clear(Path, _held);

    private static void Clear(string folder, FileStream? held)
    {
        if (OperatingSystem.IsWindows())
            held?.Dispose();
        FolderRemoval.Remove(folder);
        held?.Dispose();
    }
}
