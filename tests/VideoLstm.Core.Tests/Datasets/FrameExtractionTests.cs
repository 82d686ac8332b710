using VideoLstm.Core.Datasets;
using VideoLstm.Core.Tests.Video;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Datasets;

public sealed class FrameExtractionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_of_other_extensions_stay_and_rows_of_clips_that_went_go()
    {
        foreach (string clip in (string[])["train/A/a.mkv", "test/A/b.mkv", "train/A/c.avi", "test/A/d.avi"])
            Draw(clip);
        Assert.Equal(["train/A/a", "test/A/b"], Run("mkv"));
        Assert.Equal(["train/A/a", "train/A/c", "test/A/b", "test/A/d"], Run("avi"));
        // In a folder that other layouts use, but not this one.
        File.Move(_folder.File("train", "A", "a.mkv"), _folder.File("a.mkv"));
        Draw("train/A/e.mkv");
        Assert.Equal(["train/A/c", "train/A/e", "test/A/b", "test/A/d"], Run("mkv"));
        // Lists say all there is.
        File.WriteAllText(_folder.File("train.txt"), "A/a.mkv 1\n");
        File.WriteAllText(_folder.File("test.txt"), "A/e.mkv\n");
        ClipLayout lists = ClipLayout.Listed(ClipLists.OfSets(_folder.File("train.txt"), _folder.File("test.txt")));
        Assert.Equal(["train/A/a", "test/A/e"], Run("mkv", lists));
        Assert.Equal("test,A,e,train/A\r\n", File.ReadAllText(_folder.File("clip_folders.csv")));
        // And are forgotten again.
        Assert.Equal(["train/A/e", "test/A/b"], Run("mkv"));
        Draw("test/A/e.mkv");
        Assert.Equal(["train/A/e", "test/A/b", "test/A/e"], Run("mkv"));
        Assert.False(File.Exists(_folder.File("clip_folders.csv")));
    }

    [Fact]
    public void A_clip_that_changes_sides_is_not_worked_on_again()
    {
        foreach (string clip in (string[])["A/a.mkv", "A/b.mkv", "B/a.mkv", "B/b.mkv"])
            Draw(clip);
        var data = new DataFolder(_folder.Path);
        FrameExtractionResult first = FrameExtraction.Run(data, "mkv", pictures: true, ClipLayout.Undivided(0.5, 1)), next = first;
        Assert.Equal((4, 0), (first.Extracted, first.AlreadyDone));
        for (int seed = 2; next.Clips.SequenceEqual(first.Clips); seed++)
        {
            next = FrameExtraction.Run(data, "mkv", pictures: true, ClipLayout.Undivided(0.5, seed));
            Assert.Equal((0, 4), (next.Extracted, next.AlreadyDone));
        }
        Assert.Equal(2, next.Clips.Count(c => c.Set == ClipSet.Test));
        // Unless it is another one by now.
        File.Delete(_folder.File("A", "a.mkv"));
        MadeClip.Make(_folder.File("A", "a.mkv"), MadeClip.Counter(64, 48, "25", 7), "-c:v", "ffv1");
        for (int seed = 1; seed < 3; seed++)
            next = FrameExtraction.Run(data, "mkv", pictures: true, ClipLayout.Undivided(0.5, seed));
        Assert.Equal(7, next.Clips.Single(c => c is { Class: "A", Name: "a" }).Frames);
    }

    private string[] Run(string extension, ClipLayout? layout = null)
    {
        var data = new DataFolder(_folder.Path);
        FrameExtractionResult result = FrameExtraction.Run(data, extension, pictures: false, layout);
        Assert.Equal(result.Clips, DataFile.Read(data.DataFile));
        return [.. result.Clips.Select(c => c.Label)];
    }

    private void Draw(string clip) => MadeClip.Make(_folder.File(clip.Split('/')), MadeClip.Counter(64, 48, "25", 4), "-c:v", "ffv1");
}
