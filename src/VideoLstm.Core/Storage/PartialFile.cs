using System.Collections.Concurrent;

namespace VideoLstm.Core.Storage;

/// <summary>
/// A new file beside the one that it is to become: <c>name.machine-random.partial</c>. It belongs to one process, so two runs with one
/// result never write into each other's, and it is never one that was there before, nor a link. Other programs may write it too.
/// </summary>
/// <remarks>
/// While its process lives the file is locked. The first partial file in a folder clears away those that killed processes left there:
/// of this machine those that nobody holds, of other machines (a network store), and where there are no locks, those of a day ago.
/// </remarks>
public sealed class PartialFile : IDisposable
{
    // Of nearly all file systems, bytes.
    private const int LongestName = 255;

    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private static readonly ConcurrentDictionary<string, bool> Swept = new(StringComparer.Ordinal);

    private readonly string _target;
    private bool _isDone;

    private PartialFile(string target, string path, FileStream stream) => (_target, Path, Stream) = (target, path, stream);

    /// <summary>Where it is: a full path.</summary>
    public string Path { get; }

    /// <summary>Writes it.</summary>
    public FileStream Stream { get; }

    /// <summary>Begins a file; folders on the way are made.</summary>
    /// <param name="target">What it is to become.</param>
    /// <exception cref="IOException">A file cannot be made there.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be made there.</exception>
    public static PartialFile Create(string target)
    {
        string full = System.IO.Path.GetFullPath(target), folder = System.IO.Path.GetDirectoryName(full)!;
        if (Directory.Exists(full))
            throw new IOException($"{target}: is a folder, expected a file");
        Directory.CreateDirectory(folder);
        Sweep(folder);
        while (true)
        {
            string path = System.IO.Path.Combine(folder, NameOf(System.IO.Path.GetFileName(full)));
            try
            {
                // A lock keeps other programs out on Windows, where it is enough that the file is open.
                FileStream stream = StoreFault.Outlast(() => new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    Share = OperatingSystem.IsWindows() ? FileShare.ReadWrite | FileShare.Delete : FileShare.None,
                    BufferSize = 1 << 16,
                }));
                // Another process may have cleared it away before it was locked.
                if (File.Exists(path))
                    return new PartialFile(full, path, stream);
                stream.Dispose();
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process is about to clear it away.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Explain(e, path, target);
            }
        }
    }

    /// <summary>Makes sure that a file can be written, before the work that is to fill it.</summary>
    /// <exception cref="InputException">It cannot be: one line says why.</exception>
    public static void Check(string target) => Use(target, _ => true);

    /// <summary>Begins a file and hands it to who fills and commits it; what is not committed goes.</summary>
    /// <param name="target">What it is to become.</param>
    /// <param name="fill">Fills it.</param>
    /// <exception cref="InputException">It cannot be written: one line says why.</exception>
    public static T Use<T>(string target, Func<PartialFile, T> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        try
        {
            using PartialFile partial = Create(target);
            return fill(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(e.Message.StartsWith(
                target + ": ", StringComparison.Ordinal) ? e.Message : $"{target}: cannot be written ({e.Message})", e);
        }
    }

    /// <summary>Flushes the file to disk, whoever wrote it, and puts it in its place.</summary>
    /// <exception cref="IOException">The disk is full, or the place cannot be written.</exception>
    public void Commit()
    {
        try
        {
            Stream.Flush(flushToDisk: true);
            // Elsewhere it is renamed while still locked.
            if (OperatingSystem.IsWindows())
                Stream.Dispose();
            StoreFault.Move(Path, _target);
            _isDone = true;
            // Who reads it now finds it unlocked.
            Stream.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Explain(e, Path, _target);
        }
    }

    /// <summary>Removes the file, unless it is in its place.</summary>
    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        catch (IOException)
        {
            // What is still to be written does not fit. It is thrown away in any case.
        }
        if (!_isDone)
            File.Delete(Path);
    }

    // Who looks for the file knows it by its own name.
    private static Exception Explain(Exception e, string path, string target)
    {
        string message = e.Message.Replace(path, target, StringComparison.Ordinal);
        return e is UnauthorizedAccessException ? new UnauthorizedAccessException(message, e) : new IOException(message, e)
        {
            HResult = e.HResult,
        };
    }

    private static string NameOf(string name)
    {
        string ending = $".{HeldFile.NewId()}{AtomicFile.PartialSuffix}";
        return FolderName.Fit(name, LongestName - ending.Length) + ending;
    }

    /// <summary>Clears away, once a process, what killed processes left in a folder.</summary>
    internal static void Sweep(string folder)
    {
        if (!Swept.TryAdd(folder, true) || !Directory.Exists(folder))
            return;
        HeldFile.Sweep(folder, new DirectoryInfo(folder).EnumerateFiles("*" + AtomicFile.PartialSuffix), file => file.FullName, Abandoned,
            (file, held) =>
            {
                using (held)
                    file.Delete();
            });
    }
}
