using VideoLstm.Core.Datasets;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Datasets;

public sealed class ClipListsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("video_name,tag\nv_a b_g01.avi,Cricket Shot\nv_c.avi,\"Punch, hard\"\n")]
    [InlineData("\uFEFFvideo_name,tag\r\nv_a b_g01.avi,Cricket Shot\r\n\r\nv_c.avi,\"Punch, hard\"")]
    [InlineData("\"\",\"Tag\",\"Video_Name\"\n0,Cricket Shot,v_a b_g01.avi\n1,\"Punch, hard\",v_c.avi\n")]
    public void Keras_lists_have_a_header(string text)
    {
        (IReadOnlyList<ListedClip> clips, List<Finding> failures) = Read(text, text.Replace("v_", "w_", StringComparison.Ordinal));
        Assert.Empty(failures);
        Assert.Equal(
            [(ClipSet.Train, "Cricket Shot", "v_a b_g01.avi"), (ClipSet.Train, "Punch, hard", "v_c.avi"), (ClipSet.Test, "Cricket Shot", "w_a b_g01.avi"), (ClipSet.Test, "Punch, hard", "w_c.avi")],
            clips.Select(c => (c.Set, c.Class, c.File)));
    }

    [Fact]
    public void UCF101_lists_have_folders_and_numbers()
    {
        const string train = "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1\r\nBasketball\\v b 2.avi 7 \r\n./Archery/v.x_1.avi\t3\r\n", test = "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi\nBasketball/match 1\n";
        foreach (string? classes in (string?[])[null, "1 ApplyEyeMakeup\r\n3 Archery\r\n7 Basketball\r\n"])
        {
            (IReadOnlyList<ListedClip> clips, List<Finding> failures) = Read(train, test, classes);
            Assert.Empty(failures);
            Assert.Equal(
                [
                    (ClipSet.Train, "ApplyEyeMakeup", "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi"), (ClipSet.Train, "Basketball", "Basketball/v b 2.avi"), (ClipSet.Train, "Archery", "Archery/v.x_1.avi"),
                    (ClipSet.Test, "ApplyEyeMakeup", "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi"), (ClipSet.Test, "Basketball", "Basketball/match 1"),
                ],
                clips.Select(c => (c.Set, c.Class, c.File)));
        }
        Assert.Equal("Archery", Read("v.avi 3\n", "Archery/w.avi\n", "3 Archery\n").Clips[0].Class);
    }

    [Fact]
    public void HMDB51_lists_are_named_after_their_class_and_leave_clips_out()
    {
        File.WriteAllText(_folder.File("brush_hair_test_split1.txt"), "#1 (a)&b!_brush_hair_0.avi 0 \r\nb;c_brush_hair_1.avi 1 \r\nd_brush_hair_2.avi 2 \r\n");
        File.WriteAllText(_folder.File("kick_test_split1.txt"), "#1 (a)&b!_kick_0.avi 2 \n");
        File.WriteAllText(_folder.File("kick_test_split2.txt"), "#1 (a)&b!_kick_0.avi 1 \n");
        List<Finding> failures = [];
        IReadOnlyList<ListedClip> clips = ClipLists.OfClasses([_folder.File("*_test_split1.txt")]).Read(failures);
        Assert.Empty(failures);
        Assert.Equal(
            [(ClipSet.Train, "brush_hair", "b;c_brush_hair_1.avi"), (ClipSet.Test, "brush_hair", "d_brush_hair_2.avi"), (ClipSet.Test, "kick", "#1 (a)&b!_kick_0.avi")],
            clips.Select(c => (c.Set, c.Class, c.File)));
        Assert.Equal(clips, ClipLists.OfClasses([_folder.File("brush_hair_test_split1.txt"), _folder.File("kick_test_split1.txt")]).Read(failures));
        Assert.Contains("splits 1, 2", Assert.Throws<InputException>(() => ClipLists.OfClasses([_folder.File("*.txt")])).Message, StringComparison.Ordinal);
        Assert.Contains("no such files", Assert.Throws<InputException>(() => ClipLists.OfClasses([_folder.File("*_test_split3.txt")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_broken_row_of_a_Keras_list_is_named_and_spoils_no_other()
    {
        (IReadOnlyList<ListedClip> clips, List<Finding> failures) = Read(
            "video_name,tag\na.avi\nb.avi,A,extra\n\"c.avi,A\nd\".avi,A\n,A\ne.avi,\n../f.avi,A\n/etc/passwd,A\nC:\\g.avi,A\nh/../../g.avi,A\ni.avi,A/B\nj.avi,..\nfolder/,A\nk\0.avi,A\nlast.avi,A\n",
            "video_name,tag\nt.avi,A\n");
        Assert.Equal(["last.avi", "t.avi"], clips.Select(c => c.File));
        Assert.Equal(14, failures.Count);
        Assert.All(failures, (f, i) => Assert.StartsWith($"{_folder.File("train")}, line {i + 2}: ", f.Fact, StringComparison.Ordinal));
        Assert.All(failures, f => Assert.DoesNotContain(f.Fact, char.IsControl));
    }

    [Fact]
    public void Every_broken_row_of_a_UCF101_list_is_named_and_spoils_no_other()
    {
        (IReadOnlyList<ListedClip> clips, List<Finding> failures) = Read(
            "A/a.avi 1\nA/b.avi 2\nA/c.avi 99\nd.avi\n../A/e.avi 1\nA//f.avi 1\nA/g.avi 99999999999999999999\nB/h.avi 2\n", "A/t.avi\n", "1 A\n2 B\ntwo B\n2 C\n3 ..\n");
        Assert.Equal(["A/a.avi", "B/h.avi", "A/t.avi"], clips.Select(c => c.File));
        Assert.Equal([3, 4, 5, 2, 3, 4, 5, 6, 7], failures.Select(f => int.Parse(f.Fact.Split("line ")[1].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Contains(failures, f => f.Fact.EndsWith("is in a folder A, but its number is that of B", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_broken_row_of_an_HMDB51_list_is_named_and_spoils_no_other()
    {
        File.WriteAllText(_folder.File("A_test_split1.txt"), "a.avi 3\nb.avi\nc 1\n1\n../d.avi 1\ne.avi 1\n");
        List<Finding> failures = [];
        Assert.Equal("e.avi", Assert.Single(ClipLists.OfClasses([_folder.File("A_test_split1.txt")]).Read(failures)).File);
        Assert.Equal(5, failures.Count);
        File.WriteAllText(_folder.File("list.txt"), "a.avi 1\n");
        Assert.Contains("<Class>_test_split1.txt", Assert.Throws<InputException>(() => ClipLists.OfClasses([_folder.File("list.txt")]).Read(failures)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_list_is_refused()
    {
        File.WriteAllBytes(_folder.File("bytes"), [.. Enumerable.Range(0, 256).Select(i => (byte)i)]);
        File.WriteAllText(_folder.File("empty"), "\r\n \n");
        File.WriteAllText(_folder.File("other.csv"), "name,label\na.avi,A\n");
        File.WriteAllText(_folder.File("good"), "A/a.avi\n");
        foreach ((string file, string text) in ((string, string)[])[("bytes", "UTF-8"), ("empty", "is empty"), ("other.csv", "line 1: expected a header"), ("missing", "no such file"), ("", "is a folder")])
        {
            string path = Path.Combine(_folder.Path, file);
            InputException e = Assert.Throws<InputException>(() => ClipLists.OfSets(_folder.File("good"), path).Read([]));
            Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            Assert.Contains(text, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    private (IReadOnlyList<ListedClip> Clips, List<Finding> Failures) Read(string train, string test, string? classes = null)
    {
        File.WriteAllText(_folder.File("train"), train);
        File.WriteAllText(_folder.File("test"), test);
        if (classes is not null)
            File.WriteAllText(_folder.File("classes"), classes);
        List<Finding> failures = [];
        return (ClipLists.OfSets(_folder.File("train"), _folder.File("test"), classes is null ? null : _folder.File("classes")).Read(failures), failures);
    }
}
