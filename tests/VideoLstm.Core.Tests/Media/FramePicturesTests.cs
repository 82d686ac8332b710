using System.Diagnostics;
using VideoLstm.Core.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Media;

public sealed class FramePicturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ExtractsAllFramesUnderTheirNames()
    {
        string clip = MadeClip.Make(_folder.File("50% it's_1.avi"), MadeClip.Counter(64, 48, "25", 30), "-c:v", "mpeg4", "-q:v", "2");

        Assert.Equal(30, FramePictures.Extract(clip, _folder.Path, "50% it's_1"));

        Assert.True(FramePictures.IsDone(clip, _folder.Path, "50% it's_1", 30));
        Assert.False(FramePictures.IsDone(clip, _folder.Path, "50% it's_1", 29));
        IReadOnlyList<string> files = FramePictures.Find(_folder.Path, "50% it's_1");
        Assert.Equal(Enumerable.Range(1, 30).Select(n => $"50% it's_1-{n:D4}.jpg"), files.Select(Path.GetFileName));
        Assert.Equal(31, Directory.GetFileSystemEntries(_folder.Path).Length);
        using FrameReader reader = FrameReader.OpenPictures(files, 8, 8);
        Assert.All(MadeClip.ReadAll(reader, 8, 8).Select((f, n) => (f.Rgb, n)), f => Assert.InRange(f.Rgb[0], MadeClip.Grey(f.n) - 6, MadeClip.Grey(f.n) + 6));
    }

    [Fact]
    public void ANewRunClearsWhatAKilledOneAndALongerClipLeft()
    {
        string clip = MadeClip.Make(_folder.File("a.mp4"), MadeClip.Counter(64, 48, "25", 5));
        File.WriteAllText(_folder.File(".a.partial", "0001.jpg"), "half a picture");
        foreach (int number in (int[])[1, 2, 6, 7, 8])
            File.WriteAllText(_folder.File($"a-{number:D4}.jpg"), "old");
        Assert.Empty(FramePictures.Find(_folder.Path, "a"));

        FramePictures.Extract(clip, _folder.Path, "a");

        Assert.Equal(5, FramePictures.Find(_folder.Path, "a").Count);
        Assert.True(FramePictures.IsDone(clip, _folder.Path, "a", 5));
        Assert.Equal(6, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void SeveralThatExtractOneClipAtOnceLeaveItsFramesAndNothingElse()
    {
        string clip = MadeClip.Make(_folder.File("a.mp4"), MadeClip.Counter(64, 48, "25", 40));
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, _ => Assert.Equal(40, FramePictures.Extract(clip, _folder.Path, "a")));
        Assert.True(FramePictures.IsDone(clip, _folder.Path, "a", 40));
        Assert.Equal(41, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void AnFfmpegLeftRunningByAKilledRunDoesNotSpoilTheNext()
    {
        string clip = MadeClip.Make(_folder.File("a.mp4"), MadeClip.Counter(64, 48, "25", 5));
        string partial = Path.GetDirectoryName(_folder.File(".a.partial", "x"))!;
        using Process left = Process.Start(new ProcessStartInfo("ffmpeg", ["-nostdin", "-v", "quiet", "-f", "lavfi", "-i", "testsrc=s=64x48", "%04d.jpg"]) { WorkingDirectory = partial })!;
        try
        {
            Assert.True(SpinWait.SpinUntil(() => Directory.GetFiles(partial).Length > 2000, TimeSpan.FromSeconds(120)));

            Assert.Equal(5, FramePictures.Extract(clip, _folder.Path, "a"));

            Assert.True(left.WaitForExit(TimeSpan.FromSeconds(60)));
            Assert.True(FramePictures.IsDone(clip, _folder.Path, "a", 5));
            Assert.Equal(6, Directory.GetFileSystemEntries(_folder.Path).Length);
        }
        finally
        {
            left.Kill();
        }
    }

    [Fact]
    public void OnlyExactNamesWithoutAGapCount()
    {
        foreach (string name in (string[])["a_1-0001.jpg", "a_1-0002.jpg", "a_1-0004.jpg", "a_10-0001.jpg", "a_1-1-0001.jpg"])
            File.WriteAllText(_folder.File(name), "x");

        Assert.Equal(["a_1-0001.jpg", "a_1-0002.jpg"], FramePictures.Find(_folder.Path, "a_1").Select(Path.GetFileName));
        Assert.Empty(FramePictures.Find(_folder.Path, "a"));
    }

    [Fact]
    public void IsNotDoneWithAnEmptyPictureOrOneOlderThanTheClip()
    {
        string clip = MadeClip.Make(_folder.File("a.mp4"), MadeClip.Counter(64, 48, "25", 3));
        FramePictures.Extract(clip, _folder.Path, "a");
        string second = _folder.File("a-0002.jpg");

        File.SetLastWriteTimeUtc(second, File.GetLastWriteTimeUtc(clip).AddMinutes(-1));
        Assert.False(FramePictures.IsDone(clip, _folder.Path, "a", 3));
        File.WriteAllText(second, "x");
        Assert.True(FramePictures.IsDone(clip, _folder.Path, "a", 3));
        File.WriteAllText(second, "");
        Assert.False(FramePictures.IsDone(clip, _folder.Path, "a", 3));
    }

    [Fact]
    public void ADamagedClipLeavesNothing()
    {
        string clip = MadeClip.Make(_folder.File("a.mkv"), "testsrc=s=320x240:r=25:d=2", "-c:v", "libx264");
        byte[] bytes = File.ReadAllBytes(clip);
        File.WriteAllBytes(clip, bytes[..(bytes.Length / 2)]);

        InputException e = Assert.Throws<InputException>(() => FramePictures.Extract(clip, _folder.Path, "a"));

        Assert.StartsWith(clip + ": ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }
}
