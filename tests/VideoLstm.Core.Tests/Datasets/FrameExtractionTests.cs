using VideoLstm.Core.Datasets;
using VideoLstm.Core.Tests.Media;
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
        Assert.Equal(["train,A,a,a.mkv", "test,A,e,train/A/e.mkv"], File.ReadAllLines(_folder.File("clip_files.csv")).Select(row => string.Join(',', row.Split(',')[..4])));
        // And are forgotten again.
        Assert.Equal(["train/A/e", "test/A/b"], Run("mkv"));
        Draw("test/A/e.mkv");
        Assert.Equal(["train/A/e", "test/A/b", "test/A/e"], Run("mkv"));
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

    [Fact]
    public void The_clip_that_was_listed_is_the_clip_that_is_read()
    {
        Draw("train/A/match.mkv");
        Draw("test/A/match.mkv");
        Run("mkv");
        foreach (string beside in (string[])["avi", "csv", "LRV", "mp4", "MOV", "json"])
            File.WriteAllText(_folder.File("train", "A", "match." + beside), "note");
        var data = new DataFolder(_folder.Path);
        Clip clip = DataFile.Read(data.DataFile)[0];
        Assert.Equal(_folder.File("train", "A", "match.mkv"), data.FindClip(clip));
        // Not another in its place, nor what it has become without being listed again.
        File.AppendAllText(_folder.File("train", "A", "match.mkv"), "more");
        InputException e = Assert.Throws<InputException>(() => data.FindClip(clip));
        Assert.Contains("is another file than the one that was listed", e.Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.ExtractFilesAgain, e.Remedy);
        File.Delete(_folder.File("train", "A", "match.mkv"));
        Assert.Null(data.FindClip(clip));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_done_is_known_without_a_look_into_the_clips(bool pictures)
    {
        Draw("train/A/a.mkv");
        Draw("test/A/b.mkv");
        var data = new DataFolder(_folder.Path);
        Assert.Equal(2, FrameExtraction.Run(data, "mkv", pictures).Extracted);
        // Of the same size and time, so nobody notices that they cannot be decoded any more.
        string clip = _folder.File("train", "A", "a.mkv");
        DateTime written = File.GetLastWriteTimeUtc(clip);
        byte[] bytes = File.ReadAllBytes(clip);
        File.WriteAllBytes(clip, new byte[bytes.Length]);
        File.SetLastWriteTimeUtc(clip, written);
        byte[] list = File.ReadAllBytes(data.DataFile);
        FrameExtractionResult next = FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures);
        Assert.Equal((0, 2, 0), (next.Extracted, next.AlreadyDone, next.Failures.Count));
        Assert.Equal(list, File.ReadAllBytes(data.DataFile));

        // A change of the time, or of the size at the same time, is looked into.
        File.SetLastWriteTimeUtc(clip, written.AddSeconds(1));
        Assert.Single(FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures).Failures);
        File.WriteAllBytes(clip, bytes);
        File.SetLastWriteTimeUtc(clip, written);
        Assert.Equal((1, 1), Counts(FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures)));
        MadeClip.Make(clip, MadeClip.Counter(64, 48, "25", 7), "-c:v", "ffv1");
        File.SetLastWriteTimeUtc(clip, written);
        FrameExtractionResult changed = FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures);
        Assert.Equal((1, 1), Counts(changed));
        Assert.Equal([7L, 4], changed.Clips.Select(c => c.Frames));

        if (pictures)
        {
            File.Delete(_folder.File("train", "A", "a-0003.jpg"));
            Assert.Equal((1, 1), Counts(FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures)));
            File.WriteAllText(_folder.File("train", "A", "a-0008.jpg"), "one too many");
            Assert.Equal((1, 1), Counts(FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures)));
            Assert.False(File.Exists(_folder.File("train", "A", "a-0008.jpg")));
            Directory.CreateDirectory(_folder.File("train", "A", ".a.partial"));
            Assert.Equal((1, 1), Counts(FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures)));
        }

        static (int, int) Counts(FrameExtractionResult result) => (result.Extracted, result.AlreadyDone);
    }

    [Fact]
    public void A_list_of_an_older_version_goes_on()
    {
        Draw("odd/a.mkv");
        Draw("test/A/b.mkv");
        File.WriteAllText(_folder.File("data_file.csv"), "train,A,a,4\r\ntest,A,b,4\r\n");
        File.WriteAllText(_folder.File("clip_folders.csv"), "train,A,a,odd\r\n");
        Assert.Equal(_folder.File("odd", "a.mkv"), new DataFolder(_folder.Path).FindClip(new Clip(ClipSet.Train, "A", "a", 4)));
        File.WriteAllText(_folder.File("train.txt"), "A/a.mkv 1\n");
        File.WriteAllText(_folder.File("test.txt"), "A/b.mkv\n");
        Assert.Equal(["test/A/b"], Run("mkv", ClipLayout.Listed(ClipLists.OfSets(_folder.File("train.txt"), _folder.File("test.txt")))));
        Assert.False(File.Exists(_folder.File("clip_folders.csv")));
    }

    [Fact]
    public void Where_no_clip_can_be_used_the_list_stays_as_it_was()
    {
        Draw("train/A/a.mkv");
        Draw("test/A/b.mkv");
        Run("mkv");
        byte[] list = File.ReadAllBytes(_folder.File("data_file.csv"));
        foreach (string clip in (string[])["train/A/a.mkv", "test/A/b.mkv"])
            File.WriteAllText(_folder.File(clip.Split('/')), "gone");
        FrameExtractionResult result = FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures: false);
        Assert.Equal((0, 0, 2), (result.Extracted, result.AlreadyDone, result.Failures.Count));
        Assert.Equal(list, File.ReadAllBytes(_folder.File("data_file.csv")));
    }

    [Fact]
    public void A_clip_whose_frames_cannot_be_written_stops_no_other_and_keeps_its_row()
    {
        foreach (string clip in (string[])["train/A/a.mkv", "train/A/b.mkv", "test/A/c.mkv"])
            Draw(clip);
        Run("mkv");
        // A folder is where a frame should go.
        Directory.CreateDirectory(_folder.File("train", "A", "a-0001.jpg"));
        File.WriteAllText(_folder.File("train", "A", "a-0001.jpg", "x"), "x");
        FrameExtractionResult result = FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures: true);
        Assert.Contains("a.mkv: its frames cannot be written", Assert.Single(result.Failures).Fact, StringComparison.Ordinal);
        Assert.Equal(["train/A/a", "train/A/b", "test/A/c"], result.Clips.Select(c => c.Label));
        Assert.True(File.Exists(_folder.File("train", "A", "b-0004.jpg")));
    }

    [Fact]
    public void A_clip_that_vanishes_stops_no_other()
    {
        foreach (string clip in (string[])["train/A/a.mkv", "train/A/b.mkv", "test/A/c.mkv"])
            Draw(clip);
        File.CreateSymbolicLink(_folder.File("train", "A", "dead.mkv"), "/nowhere.mkv");
        Directory.CreateDirectory(_folder.File("train", "A", "folder.mkv"));
        File.WriteAllText(_folder.File("train", "A", "back\\slash.mkv"), "x");
        FrameExtractionResult result = FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures: false);
        Assert.Equal(["train/A/a", "train/A/b", "test/A/c"], result.Clips.Select(c => c.Label));
        Assert.Equal(2, result.Failures.Count);
        Assert.Contains("without a backslash", result.Failures[0].Fact, StringComparison.Ordinal);
        Assert.Contains("dead.mkv: no such file", result.Failures[1].Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void All_goes_to_the_work_folder_and_nothing_to_the_data_folder()
    {
        using var work = new TemporaryFolder();
        foreach (string clip in (string[])["train/A/a.mkv", "test/A/b.mkv"])
            Draw(clip);
        string[] before = [.. Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories)];
        string there = work.File("made", "here");
        FrameExtractionResult result = FrameExtraction.Run(new DataFolder(_folder.Path, there), "mkv", pictures: true);
        Assert.Empty(result.Failures);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories));
        Assert.True(File.Exists(Path.Combine(there, "train", "A", "a-0004.jpg")));
        var data = new DataFolder(_folder.Path, there);
        Assert.Equal(Path.Combine(there, "data_file.csv"), data.DataFile);
        Assert.Equal(Path.Combine(there, "train", "A"), data.FolderOf(result.Clips[0]));
        Assert.Equal(_folder.File("train", "A", "a.mkv"), data.FindClip(result.Clips[0]));
        Assert.Equal((0, 2), (FrameExtraction.Run(data, "mkv", pictures: true) is var next ? next.Extracted : 0, next.AlreadyDone));
        // Of a data folder that came with its list, it is read.
        Directory.CreateDirectory(work.File("other"));
        Run("mkv");
        Assert.Equal(_folder.File("data_file.csv"), new DataFolder(_folder.Path, work.File("other")).DataFile);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_said_with_what_to_do()
    {
        Draw("train/A/a.mkv");
        Draw("test/A/b.mkv");
        // Nobody makes a folder in a file.
        File.WriteAllText(_folder.File("file"), "x");
        InputException e = Assert.Throws<InputException>(() => FrameExtraction.Run(new DataFolder(_folder.Path, _folder.File("file") + "/work"), "mkv", pictures: true));
        Assert.Contains("cannot be written", e.Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.WriteElsewhere, e.Remedy);
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
