using VideoLstm.Core.Storage;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Storage;

public sealed class PartialFolderTests
{
    /// <summary>A process that is killed while it clears away leaves a file where only folders are expected.</summary>
    [Fact]
    public void What_a_process_left_that_was_killed_while_it_looked_at_the_store_is_cleared_away()
    {
        using TemporaryFolder folder = new();
        string probe = folder.File($".probe.{HeldFile.NewId()}.partial"), clip = folder.File($".clip.{HeldFile.NewId()}.partial"),
            other = folder.File(".probe.partial");
        Directory.CreateDirectory(clip);
        File.WriteAllText(probe, "x");
        File.WriteAllText(other, "x");
        PartialFolder.Sweep(folder.Path);
        Assert.Equal([other], Directory.GetFileSystemEntries(folder.Path));
    }
}
