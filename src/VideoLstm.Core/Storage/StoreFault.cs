namespace VideoLstm.Core.Storage;

/// <summary>What a store that many machines share answers besides the usual, by the system's error numbers.</summary>
internal static class StoreFault
{
    // ESTALE, EAGAIN (a file that another process has locked), ENOSPC and EDQUOT, of Linux and of macOS; Windows' counterparts.
    private static readonly int[] Passing = OperatingSystem.IsWindows() ? [32, 33] : OperatingSystem.IsMacOS() ? [70, 35] : [116, 11];
    private static readonly int[] Full = OperatingSystem.IsWindows() ? [39, 112, 1295] : OperatingSystem.IsMacOS() ? [28, 69] : [28, 122];

    // As ffmpeg prints them.
    private static readonly string[] FullInWords = ["No space left on device", "Disk quota exceeded", "not enough space on the disk"];

    // 10 ms, and twice as long each time: two and a half seconds in all.
    private const int MostAttempts = 8;
    private const int FirstPause = 10;

    /// <summary>Whether the same thing may well go the next time: a stale handle of NFS, a file that is just being put in its place.</summary>
    public static bool IsPassing(Exception? e) => e is IOException ? Passing.Contains(e.HResult & 0xFFFF)
        : e is InputException && IsPassing(e.InnerException);

    /// <summary>Whether another process has locked the file.</summary>
    public static bool IsHeld(Exception e) => IsPassing(e) && (e.HResult & 0xFFFF) != (OperatingSystem.IsMacOS() ? 70 : 116);

    /// <summary>Whether the disk is full, or what this user may write of it.</summary>
    public static bool IsFull(Exception e) => e is IOException && Full.Contains(e.HResult & 0xFFFF);

    /// <summary>Whether a program says so.</summary>
    public static bool IsFull(string? complaint) =>
        complaint is not null && Array.Exists(FullInWords, words => complaint.Contains(words, StringComparison.OrdinalIgnoreCase));

    /// <summary>Does something that can be done again; again while what stands in its way passes, a few seconds at most.</summary>
    /// <param name="work">What is done.</param>
    /// <param name="waits">Whether a lock of another process is waited for.</param>
    public static T Outlast<T>(Func<T> work, bool waits = true)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return work();
            }
            catch (Exception e) when (attempt < MostAttempts && IsPassing(e) && (waits || !IsHeld(e)))
            {
                Thread.Sleep(FirstPause << attempt);
            }
        }
    }

    /// <summary>
    /// Renames a file over what is there. Of a network store a rename may be carried out and its answer be lost: done again, there is nothing
    /// left to rename.
    /// </summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public static void Move(string from, string to)
    {
        bool isAgain = false;
        Outlast(() =>
        {
            if (isAgain && !File.Exists(from) && File.Exists(to))
                return;
            isAgain = true;
            File.Move(from, to, overwrite: true);
        });
    }

    /// <inheritdoc cref="Outlast{T}"/>
    public static void Outlast(Action work) => Outlast(() =>
    {
        work();
        return true;
    });
}
