using System.Diagnostics;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Tests.Storage;

public sealed class ScratchFolderTests
{
    [Fact]
    public void It_is_this_users_alone_and_goes_with_what_is_in_it()
    {
        string path;
        using (var folder = new ScratchFolder())
        {
            path = folder.Path;
            File.WriteAllText(folder.File("a.txt"), "x");
            Directory.CreateDirectory(folder.File("b"));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        }
        Assert.False(Directory.Exists(path));
    }

    [SkippableFact]
    public void What_a_killed_run_left_is_cleared_away_and_what_another_holds_stays()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "locks a file by flock");
        using var held = new ScratchFolder();
        string prefix = held.Path[..^8], left = prefix + "0123abcd", empty = prefix + "0123abce", busy = prefix + "0123abcf", other = prefix + "other";
        foreach (string folder in (string[])[left, empty, busy, other])
            Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(left, ".held"), "");
        File.WriteAllText(Path.Combine(left, "labels.ass"), "x");
        // Another process that lives.
        using Process holder = Process.Start(new ProcessStartInfo("flock", [Path.Combine(busy, ".held"), "-c", "echo; sleep 600"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            holder.StandardOutput.ReadLine();
            ScratchFolder.Sweep();
            Assert.False(Directory.Exists(left));
            Assert.False(Directory.Exists(empty));
            Assert.True(File.Exists(Path.Combine(busy, ".held")));
            Assert.True(Directory.Exists(other));
            Assert.True(Directory.Exists(held.Path));
        }
        finally
        {
            holder.Kill(entireProcessTree: true);
            holder.WaitForExit();
            Directory.Delete(busy, recursive: true);
            Directory.Delete(other);
        }
    }
}
