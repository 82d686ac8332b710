using VideoLstm.Core.Datasets;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Datasets;

public sealed class ClipLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private DataFolder Data => new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_class_is_divided_by_the_share()
    {
        Clips("A", 100);
        Clips("B b", 10);
        Clips("Three", 3);
        Clips("Two", 2);
        Clips("One", 1);
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File("sequences", "x"))!);
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(".hidden", "x"))!);

        foreach ((double share, int[] tests) in ((double, int[])[])[(0.33, [33, 3, 1, 1, 0]), (0.001, [1, 1, 1, 1, 0]), (0.999, [99, 9, 2, 1, 0]), (0.25, [25, 3, 1, 1, 0])])
        {
            List<ClipFile> files = Find(ClipLayout.Undivided(share, 1));
            Assert.Equal(116, files.Count);
            Assert.Equal(tests, ((string[])["A", "B b", "Three", "Two", "One"]).Select(c => files.Count(f => f.Class == c && f.Set == ClipSet.Test)));
        }
        Assert.Equal(Tests(1), Tests(1));
        Assert.NotEqual(Tests(1), Tests(2));

        string[] Tests(int seed) => [.. Find(ClipLayout.Undivided(0.33, seed)).Where(f => f.Set == ClipSet.Test).Select(f => f.Path)];
    }

    [Fact]
    public void The_division_is_the_same_on_every_machine()
    {
        Clips("Football", 6);
        // From: sorted(range(6), key=lambda i: hashlib.sha256(f'7/Football/{i}'.encode()).digest())[:2] in Python.
        Assert.Equal(["0", "1"], Find(ClipLayout.Undivided(0.33, 7)).Where(f => f.Set == ClipSet.Test).Select(f => f.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_clip_more_moves_at_most_one_other()
    {
        Clips("A", 30);
        Dictionary<string, ClipSet> before = Find(ClipLayout.Undivided(0.33, 1)).ToDictionary(f => f.Name, f => f.Set);
        for (int i = 30; i < 60; i++)
        {
            Clips("A", i + 1);
            List<ClipFile> files = Find(ClipLayout.Undivided(0.33, 1));
            Assert.InRange(files.Count(f => before.TryGetValue(f.Name, out ClipSet set) && set != f.Set), 0, 1);
            before = files.ToDictionary(f => f.Name, f => f.Set);
        }
    }

    [Fact]
    public void What_is_divided_already_is_not_divided_again()
    {
        Clips("A", 2);
        Clips("test/A", 2);
        Assert.Contains("divided already", Assert.Throws<InputException>(() => Find(ClipLayout.Undivided(0.33, 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train/A/x.mp4", "x.avi")]
    [InlineData("A/x.mp4", "x.mp4")]
    [InlineData("A/x.MP4", "x.mp4")]
    [InlineData("train/x.mp4", "x.avi")]
    [InlineData("x.mp4", "x")]
    [InlineData("clips/2024/x.mp4", "clips/2024/x.mp4")]
    [InlineData("UCF-101/A/x.mp4", "A/x.avi")]
    [InlineData("videos/A/x.mp4", "x.avi")]
    [InlineData("somewhere/x.y.mp4", "x.y")]
    public void A_listed_clip_is_found_by_every_later_verb(string path, string listed)
    {
        Write(path);
        // Of the same name, but not the one that is meant.
        Write("B/x.mp4");
        Write("other/B/x.y.avi");
        File.WriteAllText(_folder.File("train.csv"), $"video_name,tag\n{listed},A\n");
        File.WriteAllText(_folder.File("test.csv"), "video_name,tag\nx.avi,B\n");

        ClipLayout lists = ClipLayout.Listed(ClipLists.OfSets(_folder.File("train.csv"), _folder.File("test.csv")));
        ClipFile[] files = [.. Find(lists)];
        Assert.Equal([Path.Combine(_folder.Path, path), _folder.File("B", "x.mp4")], files.Select(f => Path.GetFullPath(f.Path)));

        Data.WriteList([.. files.Select(f => new Clip(f.Set, f.Class, f.Name, 1))], files.ToDictionary(f => f.Key, f => new ClipRecord(Data.Relative(f.Path), FileStamp.Of(f.Path), 1, false, null)));
        foreach (ClipFile file in files)
        {
            var clip = new Clip(file.Set, file.Class, file.Name, 1);
            Assert.Equal(Path.GetFullPath(file.Path), Path.GetFullPath(Data.FindClip(clip)!));
            Assert.Equal(Path.GetDirectoryName(Path.GetFullPath(file.Path)), Path.GetFullPath(Data.FolderOf(clip)));
        }
    }

    [Fact]
    public void A_listed_clip_that_is_missing_unclear_or_listed_twice_is_named()
    {
        foreach (string path in (string[])["A/a.mp4", "A/d.mp4", "one/c.mp4", "two/c.mp4", "s1/A/e.mp4", "s2/A/e.mp4", "A/f.avi"])
            Write(path);
        File.WriteAllText(_folder.File("train.txt"), "A/a.mp4 1\nA/missing.mp4 1\nnowhere/c.mp4 1\nA/e.mp4 1\nA/a.mp4 1\ns1/A/e.mp4 1\ns2/A/e.mp4 1\nA/f.mp4 1\n");
        File.WriteAllText(_folder.File("test.txt"), "A/d.mp4\nA/a.mp4\n");
        List<Finding> failures = [];
        List<ClipFile> files = ClipLayout.Listed(ClipLists.OfSets(_folder.File("train.txt"), _folder.File("test.txt"))).Find(Data, "mp4", failures, []);
        Assert.Equal(["A/a.mp4", "s1/A/e.mp4", "A/d.mp4"], files.Select(f => Path.GetRelativePath(_folder.Path, f.Path)));
        (string File, int Line, string Text)[] expected =
        [
            ("train.txt", 2, "there is no clip A/missing.mp4"), ("train.txt", 3, "there is no clip nowhere/c.mp4"), ("train.txt", 4, "may be"), ("train.txt", 5, "train.txt, line 1"),
            ("train.txt", 7, "name of another A clip"), ("train.txt", 8, "there is no clip"), ("test.txt", 2, "train.txt, line 1"),
        ];
        Assert.Equal(expected.Length, failures.Count);
        Assert.All(expected.Zip(failures), pair =>
        {
            Assert.StartsWith($"{_folder.File(pair.First.File)}, line {pair.First.Line}: ", pair.Second.Fact, StringComparison.Ordinal);
            Assert.Contains(pair.First.Text, pair.Second.Fact, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("train,A,x,../elsewhere\n")]
    [InlineData("train,A,x,/etc\n")]
    [InlineData("train,A,x,\n")]
    [InlineData("train,A,x,a//b\n")]
    [InlineData("train,A,x\n")]
    public void Remembered_folders_do_not_lead_out_of_the_data_folder(string rows)
    {
        File.WriteAllText(_folder.File("clip_folders.csv"), rows);
        Assert.Contains("clip_folders.csv, line 1: ", Assert.Throws<InputException>(() => Data.FolderOf(new Clip(ClipSet.Train, "A", "x", 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train,A,x,../x.mp4,1,2026-01-01T00:00:00.0000000Z,1,no,\n")]
    [InlineData("train,A,x,/etc/passwd,1,2026-01-01T00:00:00.0000000Z,1,no,\n")]
    [InlineData("train,A,x,x.mp4,-1,2026-01-01T00:00:00.0000000Z,1,no,\n")]
    [InlineData("train,A,x,x.mp4,1,yesterday,1,no,\n")]
    [InlineData("train,A,x,x.mp4,1,2026-01-01T00:00:00.0000000Z,1,maybe,\n")]
    [InlineData("train,A,x,x.mp4,1,2026-01-01T00:00:00.0000000Z,1,no,second\n")]
    [InlineData("train,A,x,x.mp4\n")]
    public void Remembered_files_do_not_lead_out_of_the_data_folder(string rows)
    {
        File.WriteAllText(_folder.File("clip_files.csv"), rows);
        Assert.Contains("clip_files.csv, line 1: ", Assert.Throws<InputException>(() => Data.FindClip(new Clip(ClipSet.Train, "A", "x", 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x.mp4", "x.LRV", "x.csv", "x.json", "x.srt", "x.mp3", "x.jpeg", "x.avi", "x.MOV", "x.m4v", "x.mp4.partial", ".x.avi")]
    [InlineData("x.mkv", "x.LRV", "x.THM", "x.csv", "x.txt", "x.nfo")]
    [InlineData("x.MP4", "x.AVI", "x.MP4.csv")]
    public void A_clip_of_a_list_of_others_is_a_video_and_an_mp4_before_others(string clip, params string[] beside)
    {
        foreach (string file in (string[])[clip, .. beside])
            Write($"train/A/{file}");
        Assert.Equal(_folder.File("train", "A", clip), Data.FindClip(new Clip(ClipSet.Train, "A", "x", 1)));
    }

    [Fact]
    public void Two_videos_of_one_name_are_no_guess()
    {
        Write("train/A/x.avi");
        Write("train/A/x.mkv");
        string message = Assert.Throws<InputException>(() => Data.FindClip(new Clip(ClipSet.Train, "A", "x", 1))).Message;
        Assert.Contains("x.avi", message, StringComparison.Ordinal);
        Assert.Contains("x.mkv", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_video_of_a_clips_name_is_said()
    {
        foreach (string file in (string[])["train/A/x.mp4", "train/A/x.LRV", "train/A/y.avi", "train/A/x.csv", "test/A/x.mp4"])
            Write(file);
        List<Finding> failures = [], remarks = [];
        Assert.Equal(2, ClipLayout.Divided.Find(Data, "mp4", failures, remarks).Count);
        Assert.Empty(failures);
        Assert.Equal($"{_folder.File("train", "A", "x.LRV")}: has the name of {_folder.File("train", "A", "x.mp4")}, which is the one that is read", Assert.Single(remarks));
    }

    [Fact]
    public void What_systems_leave_in_folders_is_neither_class_nor_clip()
    {
        Write("TRAIN/A/x.MP4");
        Write("Test/A/y.mp4");
        foreach (string file in (string[])["__MACOSX/A/x.mp4", "TRAIN/__MACOSX/._x.mp4", "TRAIN/@eaDir/x.mp4", "TRAIN/.AppleDouble/x.mp4", "TRAIN/lost+found/x.mp4", "TRAIN/$RECYCLE.BIN/x.mp4", "TRAIN/System Volume Information/x.mp4", "TRAIN/A/._x.mp4", "TRAIN/A/Thumbs.db"])
            Write(file);
        Assert.Equal(["TRAIN/A/x.MP4", "Test/A/y.mp4"], Find(ClipLayout.Divided).Select(f => Path.GetRelativePath(_folder.Path, f.Path)));
        Assert.Equal(["TRAIN/A/x.MP4", "Test/A/y.mp4"], Data.AllClips("mp4", []).Select(f => Path.GetRelativePath(_folder.Path, f.Path)));
    }

    [Fact]
    public void Classes_that_differ_in_case_or_form_are_one_class_with_all_their_clips()
    {
        foreach (string file in (string[])["train/Football/a.mp4", "test/football/b.mp4", "train/caf\u00E9/c.mp4", "test/cafe\u0301/d.mp4", "test/cafe\u0301/c.mp4"])
            Write(file);
        List<Finding> failures = [], remarks = [];
        List<ClipFile> files = ClipLayout.Divided.Find(Data, "mp4", failures, remarks);
        Assert.Empty(failures);
        Assert.Equal(2, remarks.Count);
        Assert.Equal(["test/Football/b", "test/caf\u00E9/c", "test/caf\u00E9/d", "train/Football/a", "train/caf\u00E9/c"], files.Select(f => f.Key.Label).Order(StringComparer.Ordinal));
        Assert.All(files, f => Assert.Equal(f.Path, Data.FindClip(new Clip(f.Set, f.Class, f.Name, 1))));
    }

    [Fact]
    public void Listed_names_may_differ_in_form_and_case()
    {
        foreach (string file in (string[])["HandstandPushups/v_HandStandPushups_g01_c01.avi", "Cafe\u0301/cafe\u0301 1.avi", "videos/f1.avi", "A/x.avi", "a/x.avi"])
            Write(file);
        File.WriteAllText(_folder.File("train.csv"), "video_name,tag\nHandStandPushups/v_HandStandPushups_g01_c01.avi,HandStandPushups\nCaf\u00E9/caf\u00E9 1.avi,Caf\u00E9\nVideos/F1.avi,football\na/x.avi,a\nA/X.avi,A\n");
        File.WriteAllText(_folder.File("test.csv"), "video_name,tag\n");
        List<Finding> failures = [];
        List<ClipFile> files = ClipLayout.Listed(ClipLists.OfSets(_folder.File("train.csv"), _folder.File("test.csv"))).Find(Data, "avi", failures, []);
        Assert.Empty(failures);
        Assert.Equal(["HandstandPushups/v_HandStandPushups_g01_c01.avi", "Cafe\u0301/cafe\u0301 1.avi", "videos/f1.avi", "a/x.avi", "A/x.avi"], files.Select(f => Path.GetRelativePath(_folder.Path, f.Path)));
    }

    [Fact]
    public void Links_in_a_circle_end()
    {
        Write("A/x.mp4");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "A", "up"), _folder.Path);
        Assert.Equal([Path.Combine(_folder.Path, "A", "x.mp4")], Data.AllClips("mp4", []).Select(f => f.Path));
        Assert.Equal(["A"], Data.UndividedClasses());
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "again"), Path.Combine(_folder.Path, "A", "up"));
        Assert.Equal(["A"], Data.UndividedClasses());
    }

    private List<ClipFile> Find(ClipLayout layout)
    {
        List<Finding> failures = [];
        List<ClipFile> files = layout.Find(Data, "mp4", failures, []);
        Assert.Empty(failures);
        return files;
    }

    private void Clips(string folder, int count)
    {
        for (int i = 0; i < count; i++)
            Write($"{folder}/{i}.mp4");
    }

    private void Write(string path) => File.WriteAllText(_folder.File(path.Split('/')), "x");
}
