namespace VideoLstm.Core.Storage;

/// <summary>
/// A folder for files that are needed only while something runs, in the system's folder for such: <c>vlstm-machine-random</c>, readable by
/// this user alone. While its process lives a file in it is locked; the first one that a process makes clears away those of killed
/// processes.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string LockName = ".held";

    // What is in it may be read long after it was written.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(30);

    private static readonly Lazy<bool> Swept = new(() =>
    {
        Sweep();
        return true;
    });

    private readonly FileStream _held;

    /// <summary>Makes one.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public ScratchFolder()
    {
        _ = Swept.Value;
        while (true)
        {
            Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"vlstm-{HeldFile.NewId()}");
            if (Directory.Exists(Path))
                continue;
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(Path);
            else
                Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (HeldFile.TryHold(File(LockName), FileMode.CreateNew) is { } held)
            {
                _held = held;
                return;
            }
            // Another process has cleared it away before it was locked.
            if (Directory.Exists(Path))
                throw new IOException($"{Path}: cannot be written; name another folder in TMPDIR");
        }
    }

    /// <summary>Where it is: a full path.</summary>
    public string Path { get; }

    /// <summary>The full path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Removes it with all that is in it.</summary>
    public void Dispose() => Clear(Path, _held);

    /// <summary>Clears away what killed processes left.</summary>
    internal static void Sweep()
    {
        string folder = System.IO.Path.GetTempPath();
        HeldFile.Sweep(folder, new DirectoryInfo(folder).EnumerateDirectories("vlstm-*"),
            scratch => System.IO.Path.Combine(scratch.FullName, LockName), Abandoned, (scratch, held) => Clear(scratch.FullName, held));
        PartialFile.Sweep(folder);
    }

    private static void Clear(string folder, FileStream? held)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                held?.Dispose();
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next process tries again.
        }
        finally
        {
            held?.Dispose();
        }
    }
}
