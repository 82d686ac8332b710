using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Storage;

/// <summary>
/// Files that are locked while their process lives: those that nobody holds were left by a killed one, and are cleared away. Names say by
/// <see cref="NewId"/> of which machine they are, since on a network store a lock may mean nothing to others.
/// </summary>
internal static partial class HeldFile
{
    private static readonly string Machine =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Environment.MachineName)))[..8];

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
            var held = new FileStream(path, mode, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None,
                bufferSize: 1);
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

    /// <summary>Clears away what others left.</summary>
    /// <param name="found">What there is; what has no name of <see cref="NewId"/> is let be, and so are links.</param>
    /// <param name="clear">Does it; told whether it is of this machine.</param>
    public static void Sweep(IEnumerable<FileSystemInfo> found, Action<FileSystemInfo, bool> clear)
    {
        try
        {
            foreach (FileSystemInfo entry in found)
            {
                if (Id().Match(entry.Name) is { Success: true } id && entry.LinkTarget is null)
                    clear(entry, id.Groups["machine"].Value == Machine);
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
