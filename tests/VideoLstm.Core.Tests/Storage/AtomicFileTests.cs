using VideoLstm.Core.Storage;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Storage;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        string path = _folder.File("a", "x.txt");
        AtomicFile.WriteText(path, "old");
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new IOException("disk full");
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void What_a_killed_run_left_is_cleared_away_and_what_another_writes_is_not()
    {
        string path = _folder.File("x.txt"), left, written;
        using (PartialFile sample = PartialFile.Create(_folder.File("elsewhere", "y.txt")))
            left = _folder.File(Path.GetFileName(sample.Path));
        File.WriteAllText(left, "half");
        string users = _folder.File("mine.partial");
        File.WriteAllText(users, "of the user");
        // Locked as the one of another process is.
        using (var other = new FileStream(written = left.Replace("y.txt", "z.txt", StringComparison.Ordinal), FileMode.CreateNew, FileAccess.Write, FileShare.None))
            AtomicFile.WriteText(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([users, path, written], Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_another_machine_left_is_cleared_away_by_its_age()
    {
        string path = _folder.File("x.txt"), left = _folder.File("y.txt.00000000-00000001.partial"), written = _folder.File("y.txt.00000000-00000002.partial");
        File.WriteAllText(left, "half");
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddDays(-2));
        File.WriteAllText(written, "half");
        AtomicFile.WriteText(path, "new");
        Assert.Equal([path, written], Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_passes_is_outlasted_and_what_does_not_is_not()
    {
        int attempts = 0;
        Assert.Equal(3, StoreFault.Outlast(() => ++attempts < 3 ? throw Stale() : attempts));
        Assert.Throws<IOException>(() => StoreFault.Outlast(() => throw new IOException("disk full")));
        attempts = 0;
        Assert.Throws<IOException>(() => StoreFault.Outlast(() =>
        {
            attempts++;
            throw Stale();
        }));
        Assert.InRange(attempts, 3, 20);

        static IOException Stale() => new("Stale file handle", OperatingSystem.IsWindows() ? 32 : OperatingSystem.IsMacOS() ? 70 : 116);
    }

    [Fact]
    public void A_store_says_whether_it_keeps_locks_and_what_time_it_is()
    {
        StoreProbe probe = StoreProbe.Of(_folder.Path);
        Assert.True(probe.KeepsLocks);
        Assert.InRange(probe.Now, DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.False(StoreProbe.Of(_folder.File("nowhere")).KeepsLocks);
    }

    [Fact]
    public void Two_that_write_one_file_both_write_a_whole_one()
    {
        string path = _folder.File("x.txt");
        using PartialFile first = PartialFile.Create(path), second = PartialFile.Create(path);
        Assert.NotEqual(first.Path, second.Path);
        first.Stream.Write("first"u8);
        second.Stream.Write("the second"u8);
        second.Commit();
        Assert.Equal("the second", File.ReadAllText(path));
        first.Commit();
        Assert.Equal("first", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [SkippableFact]
    public void A_planted_link_leads_to_no_other_file()
    {
        Skip.If(OperatingSystem.IsWindows(), "links take rights there");
        string path = _folder.File("data", "x.txt"), outside = _folder.File("outside.txt");
        File.WriteAllText(outside, "precious");
        File.CreateSymbolicLink(path + AtomicFile.PartialSuffix, outside);
        File.CreateSymbolicLink(path, outside);
        AtomicFile.WriteText(path, "new");
        Assert.Equal("precious", File.ReadAllText(outside));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Null(new FileInfo(path).LinkTarget);
    }

    [Theory]
    [InlineData("a", 255)]
    [InlineData("é", 127)]
    [InlineData("場", 85)]
    public void A_name_as_long_as_names_may_be_can_be_written(string letter, int letters)
    {
        string path = _folder.File(string.Concat(Enumerable.Repeat(letter, letters)));
        AtomicFile.WriteText(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void That_a_result_cannot_be_written_is_known_before_the_work()
    {
        string folder = Path.GetDirectoryName(_folder.File("result.avi", "x"))!, file = _folder.File("file.txt");
        File.WriteAllText(file, "");
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => PartialFile.Check(folder)).Message, StringComparison.Ordinal);
        string below = Path.Combine(file, "result.avi");
        Assert.StartsWith(below + ": cannot be written", Assert.Throws<InputException>(() => PartialFile.Check(below)).Message, StringComparison.Ordinal);
        PartialFile.Check(_folder.File("new", "result.avi"));
        Assert.Empty(Directory.GetFiles(_folder.File("new", "")));
    }
}
