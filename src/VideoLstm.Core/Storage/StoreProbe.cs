namespace VideoLstm.Core.Storage;

/// <summary>What a folder's file system is like, found with a file that is there for a moment.</summary>
/// <param name="KeepsLocks">Whether a lock keeps others out: some network stores know none (ENOLCK, ENOTSUP).</param>
/// <param name="Now">The time by the clock that stamps its files, UTC: that of a server may differ from ours.</param>
internal sealed record StoreProbe(bool KeepsLocks, DateTime Now)
{
    /// <summary>Looks; where nothing may be written, no lock is trusted and the time is ours.</summary>
    public static StoreProbe Of(string folder)
    {
        try
        {
            string path = Path.Combine(folder, $".probe.{HeldFile.NewId()}{AtomicFile.PartialSuffix}");
            using FileStream held = StoreFault.Outlast(() => new FileStream(path, FileMode.Create, FileAccess.ReadWrite,
                OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None, 1, FileOptions.DeleteOnClose));
            held.WriteByte(0);
            held.Flush();
            DateTime now = File.GetLastWriteTimeUtc(path);
            try
            {
                StoreFault.Outlast(() => new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1), waits: false)
                    .Dispose();
                return new StoreProbe(false, now);
            }
            catch (IOException e) when (StoreFault.IsHeld(e))
            {
                return new StoreProbe(true, now);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new StoreProbe(false, DateTime.UtcNow);
        }
    }
}
