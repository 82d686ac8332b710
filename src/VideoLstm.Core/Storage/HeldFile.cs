using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Storage;

/// <summary>
/// Files that are locked while their process lives: those that nobody holds were left by a killed one, and are cleared away. Names say by
/// <see cref="NewId"/> under which kernel they were made, since on a network store a lock may mean nothing to other machines.
/// </summary>
internal static partial class HeldFile
{
    // Machines may share their name, containers their machine id; no two kernels share this.
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    private static readonly string Machine = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        Environment.MachineName + (File.Exists(BootId) ? File.ReadAllText(BootId) : ""))))[..8];

    /// <summary>A name that nobody else has: <c>machine-random</c>.</summary>
    public static string NewId() => $"{Machine}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";

    /// <summary>
    /// Locks a file; null if another process has it, it is gone, or is another user's. While it is locked here, no other process can
    /// believe that it has it.
    /// </summary>
    public static FileStream? TryHold(string path, FileMode mode)
    {
        try
        {
            if (new FileInfo(path).LinkTarget is not null)
                return null;
            // Both: opened for writing alone, a pipe of that name would be waited for.
            FileStream held = StoreFault.Outlast(() => new FileStream(path, mode, FileAccess.ReadWrite,
                OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None, bufferSize: 1), waits: false);
            if (File.Exists(path))
                return held;
            held.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is not ours.
        }
        return null;
    }

    /// <summary>
    /// Clears away what others left: of this machine what nobody holds; of other machines, and where the file system keeps no locks, what
    /// nobody has written to for so long that nobody will, by the store's clock.
    /// </summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="found">What there is; what has no name of <see cref="NewId"/> is let be, and so are links.</param>
    /// <param name="lockOf">What is locked while it is in use.</param>
    /// <param name="abandoned">How long nobody has written to it.</param>
    /// <param name="clear">Removes it, given the lock where there is one.</param>
    public static void Sweep(string folder, IEnumerable<FileSystemInfo> found, Func<FileSystemInfo, string> lockOf, TimeSpan abandoned,
        Action<FileSystemInfo, FileStream?> clear)
    {
        try
        {
            // Mostly there is nothing, and then nothing needs to be known of the file system.
            (FileSystemInfo Entry, bool IsOurs)[] left = [.. found.Where(e => e.LinkTarget is null)
                .Select(e => (Entry: e, Id: Id().Match(e.Name))).Where(e => e.Id.Success)
                .Select(e => (e.Entry, e.Id.Groups["machine"].Value == Machine))];
            if (left.Length == 0)
                return;
            StoreProbe store = StoreProbe.Of(folder);
            foreach ((FileSystemInfo entry, bool isOurs) in left)
            {
                bool hasLock = isOurs && store.KeepsLocks;
                FileStream? held = hasLock ? TryHold(lockOf(entry), entry is DirectoryInfo ? FileMode.OpenOrCreate : FileMode.Open) : null;
                if (hasLock ? held is not null : store.Now - entry.LastWriteTimeUtc > abandoned)
                    clear(entry, held);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then they stay.
        }
    }

    [GeneratedRegex(@"(^vlstm-|\.)(?<machine>[0-9a-f]{8})-[0-9a-f]{8}(\.partial)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Id();
}
