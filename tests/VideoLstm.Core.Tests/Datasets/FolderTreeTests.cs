using VideoLstm.Core.Datasets;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Datasets;

public sealed class FolderTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_file_is_found_once_whatever_links_lead_to_it()
    {
        Write("rec/a.mp4");
        Write("rec/sub/b.mp4");
        Write("elsewhere/c.mp4");
        Link("rec/loop", ".");
        Link("rec/sub/up", "..");
        Link("rec/again", "sub");
        Link("rec/other", "../elsewhere");
        Link("rec/same.mp4", "a.mp4");
        List<Finding> failures = [];
        FoundFile[] files = [.. FolderTree.Files(_folder.File("rec", ""), _ => true, failures)];
        Assert.Equal(["a.mp4", "other/c.mp4", "same.mp4", "sub/b.mp4"], Names(files));
        Assert.Equal(3, files.DistinctBy(f => f.Real).Count());
        Assert.Equal(_folder.File("elsewhere", "c.mp4"), files.Single(f => f.Path.EndsWith("c.mp4", StringComparison.Ordinal)).Real);
        // By every way, for those who ask for one of them; but in no circle.
        Assert.Equal(["a.mp4", "again/b.mp4", "other/c.mp4", "same.mp4", "sub/b.mp4"], Names(FolderTree.Files(_folder.File("rec", ""), _ => true, failures, everyWay: true)));
        Assert.Empty(failures);
    }

    [Fact]
    public void A_folder_that_cannot_be_read_is_named_and_the_others_are_read()
    {
        Write("rec/b/x.mp4");
        string gone = _folder.File("rec", "a", "x");
        List<Finding> failures = [];
        // It vanishes when it has been seen.
        FoundFile[] files = [.. FolderTree.Files(_folder.File("rec", ""), _ => true, failures, folder =>
        {
            if (Directory.Exists(Path.GetDirectoryName(gone)))
                Directory.Delete(Path.GetDirectoryName(gone)!);
            return true;
        })];
        Assert.Equal(["b/x.mp4"], Names(files));
        Assert.StartsWith(Path.GetDirectoryName(gone) + ": cannot be read: ", Assert.Single(failures).Fact, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.mp4", true)]
    [InlineData("A.WTV", true)]
    [InlineData("cam.dav", true)]
    [InlineData("raw.h264", true)]
    [InlineData("tv.dvr-ms", true)]
    [InlineData("GX010001.LRV", false)]
    [InlineData("a.srt", false)]
    [InlineData("a.jpeg", false)]
    [InlineData("a.mp3", false)]
    [InlineData("mp4", false)]
    public void Videos_are_known_by_their_extension(string name, bool isVideo) => Assert.Equal(isVideo, VideoFiles.IsVideo(name));

    private string[] Names(IEnumerable<FoundFile> files) => [.. files.Select(f => Path.GetRelativePath(_folder.File("rec", ""), f.Path)).Order(StringComparer.Ordinal)];

    private void Write(string path) => File.WriteAllText(_folder.File(path.Split('/')), "x");

    private void Link(string path, string target) => File.CreateSymbolicLink(_folder.File(path.Split('/')), target);
}
