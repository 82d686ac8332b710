using VideoLstm.Core.Datasets;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Datasets;

public sealed class ShardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // By Python's hashlib. Who shares a folder among versions of the program relies on them.
    [Theory]
    [InlineData("Bars/a", 5, 645)]
    [InlineData("Football/match 1", 6, 230)]
    [InlineData("Bärs/é", 5, 837)]
    [InlineData("Ba\u0308rs/e\u0301", 5, 837)]
    public void What_belongs_to_it_is_a_hash_of_the_name(string name, int ofEight, int ofThousand)
    {
        Assert.Equal([ofEight], Enumerable.Range(1, 8).Where(n => new Shard(n, 8).Holds(name)));
        Assert.Equal([ofThousand], Enumerable.Range(1, 1000).Where(n => new Shard(n, 1000).Holds(name)));
    }

    [Fact]
    public void Shards_are_about_equal()
    {
        int[] counts = [.. Enumerable.Range(1, 8).Select(n => Enumerable.Range(0, 8000).Count(i => new Shard(n, 8).Holds($"A/clip{i}")))];
        Assert.Equal(8000, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 880, 1120));
    }

    [Theory]
    [InlineData("3/8", 3, 8)]
    [InlineData("1/1", 1, 1)]
    [InlineData("0/8", 0, 0)]
    [InlineData("9/8", 0, 0)]
    [InlineData("3/8/9", 0, 0)]
    [InlineData(" 3/8", 0, 0)]
    [InlineData("3/99999999999", 0, 0)]
    [InlineData("", 0, 0)]
    public void It_is_read_as_it_is_written(string text, int number, int count) => Assert.Equal(count == 0 ? null : new Shard(number, count), Shard.Parse(text));

    [Fact]
    public void The_list_is_joined_when_the_last_shard_has_ended_and_not_before()
    {
        foreach (string name in (string[])["train/A/a", "train/A/b", "train/A/c", "test/A/d", "test/A/e"])
            MadeClip.Make(_folder.File(name + ".mkv"), MadeClip.Counter(64, 48, "25", 4), "-c:v", "ffv1");
        var whole = new DataFolder(_folder.Path, _folder.File("whole"));
        FrameExtraction.Run(whole, "mkv", pictures: false);
        foreach (int number in (int[])[1, 2])
        {
            var data = new DataFolder(_folder.Path, _folder.File("shared"));
            Assert.False(File.Exists(_folder.File("shared", "data_file.csv")));
            Directory.CreateDirectory(data.Work);
            using ShardWork? work = ShardWork.Begin(data, FrameExtraction.Verb, new Shard(number, 2));
            FrameExtraction.Run(data, "mkv", pictures: false, work: work);
        }
        foreach (string list in (string[])["data_file.csv", "clip_files.csv"])
            Assert.Equal(File.ReadAllBytes(_folder.File("whole", list)), File.ReadAllBytes(_folder.File("shared", list)));
        Assert.All(ShardReports.Read(new DataFolder(_folder.Path, _folder.File("shared"))), r => Assert.True(r.Report.HasEnded));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"verb":"train","shard":9,"shards":8,"host":"h","process":1,"started":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"verb":null,"shard":1,"shards":8,"host":"h","process":1,"started":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"verb":"x","shard":1,"shards":8,"host":"h","process":1,"started":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","failed":[null]}""")]
    public void A_report_that_is_none_is_passed_over(string text)
    {
        Directory.CreateDirectory(_folder.File("shards"));
        File.WriteAllText(_folder.File("shards", "x.1-of-8.json"), text);
        Assert.Empty(ShardReports.Read(new DataFolder(_folder.Path)));
    }
}
