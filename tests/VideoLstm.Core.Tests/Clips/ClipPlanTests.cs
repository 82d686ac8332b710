using FsCheck;
using FsCheck.Fluent;
using VideoLstm.Core.Clips;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Tests.Clips;

public class ClipPlanTests
{
    private static readonly double[] Regular = [.. Enumerable.Range(0, 1000).Select(i => i / 25.0)];

    [Fact]
    public void Clips_are_of_equal_length_and_begin_at_the_nearest_frame()
    {
        ClipPlan plan = Make(Regular, [new(0.981, 4.019, "a"), new(4.019, 4.91, "b"), new(5, 6.97, "b"), new(20, 99, "a")], new(1, 1, ClipSet.Train, 0.25, false));
        Assert.Equal([25, 50, 75, 125, .. Enumerable.Range(0, 20).Select(i => 500 + i * 25)], plan.Clips.Select(c => c.First));
        Assert.All(plan.Clips, c => Assert.Equal((25, ClipSet.Train), (c.Frames, c.Set)));
        Assert.Equal(["v-0002", "v-0003", "v-0004", "v-0006", "v-0021"], plan.Clips.Take(5).Select(c => c.Name));
        Assert.Equal([new("a", 23, 0, 0, 0), new ClassClips("b", 1, 0, 1.88, 0)], plan.Classes.Select(c => c with { RestSeconds = Math.Round(c.RestSeconds, 6) }));
        Assert.Contains("the labels go on to 99 s", Assert.Single(plan.Remarks).Fact, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24000, 1001, 3, 72)]
    [InlineData(30000, 1001, 2.5, 75)]
    [InlineData(50, 1, 0.33, 17)]
    public void A_clip_has_the_length_times_the_rate_frames(int numerator, int denominator, double length, int frames)
    {
        // To the millisecond, as Matroska has them.
        double[] times = [.. Enumerable.Range(0, 2000).Select(i => Math.Round((double)i * denominator / numerator, 3))];
        ClipPlan plan = Make(times, [new(0, 30, "a")], new(length, length, ClipSet.Test, 0.25, false), new Rational(numerator, denominator));
        Assert.All(plan.Clips, (c, i) => Assert.Equal((frames, i * frames), (c.Frames, c.First)));
        Assert.True(plan.IsConstant);
    }

    [Fact]
    public void At_a_variable_rate_time_counts()
    {
        double[] times = [0, 0.1, 0.2, 0.9, 1.0, 1.5, 1.75, 3.2, 3.3, 3.9, 4.0, 4.5];
        ClipPlan plan = Make(times, [new(0, 4.5, "a")], new(1, 1, ClipSet.Train, 0.25, false));
        Assert.False(plan.IsConstant);
        Assert.Equal([(0, 4), (4, 3), (7, 3)], plan.Clips.Select(c => (c.First, c.Frames)));
    }

    [Fact]
    public void Auto_takes_whole_stretches_for_the_test()
    {
        // Three of a, 10, 2 and 4 clips; one of b.
        Segment[] segments = [new(0, 10, "a"), new(10, 12, "b"), new(12, 14, "a"), new(20, 24, "a"), new(30, 40, "c")];
        ClipPlan plan = Make(Regular, segments, new(1, 1, null, 0.25, false));
        Assert.Equal([(20, 4)], Tests(plan, "a"));
        Assert.Equal([], Tests(plan, "b"));
        Assert.Equal([(38, 2)], Tests(plan, "c"));
        Assert.Equal([new("a", 12, 4, 0, 0), new("b", 2, 0, 0, 0), new ClassClips("c", 7, 2, 0, 1)], plan.Classes);
        Assert.Contains("class b: has no test clip", Assert.Single(plan.Remarks).Fact, StringComparison.Ordinal);
        Assert.Equal(plan.Clips, Make(Regular, segments, new(1, 1, null, 0.25, false)).Clips);
        // Neither another share nor other labels elsewhere give a clip another name.
        Dictionary<int, string> names = Make(Regular, [new(0, 40, "x")], new(1, 1, ClipSet.Train, 0.5, false)).Clips.ToDictionary(c => c.First, c => c.Name);
        Assert.All(plan.Clips, c => Assert.Equal(names[c.First], c.Name));
    }

    [Fact]
    public void Neighbours_in_time_are_never_on_both_sides()
    {
        Gen<(int Class, int Gap, int Length)> part = from c in Gen.Choose(0, 2) from gap in Gen.Choose(0, 30) from length in Gen.Choose(1, 120) select (c, gap, length);
        Gen<((int Class, int Gap, int Length)[] Parts, int Length, int Step, int Share)> all =
            from count in Gen.Choose(1, 12) from parts in Gen.ArrayOf(part, count) from length in Gen.Choose(1, 25) from step in Gen.Choose(1, 30) from share in Gen.Choose(1, 9) select (parts, length, step, share);
        int divided = 0;
        Prop.ForAll(Arb.From(all), made =>
        {
            var segments = new List<Segment>();
            int frame = 0;
            foreach ((int c, int gap, int length) in made.Parts)
            {
                segments.Add(new Segment((frame + gap) / 25.0, (frame + gap + length) / 25.0, $"{c}"));
                frame += gap + length;
            }
            double[] times = [.. Enumerable.Range(0, frame).Select(i => i / 25.0)];
            ClipPlan plan;
            try
            {
                plan = Make(times, segments, new(made.Length / 25.0, made.Step / 25.0, null, made.Share / 10.0, false));
            }
            catch (InputException)
            {
                Assert.All(segments, s => Assert.True(s.End - s.Start < (made.Length - 0.5) / 25));
                return;
            }
            foreach (PlannedClip clip in plan.Clips)
            {
                Assert.Equal(made.Length, clip.Frames);
                Assert.Contains(segments, s => s.Class == clip.Class && clip.First >= Math.Round(s.Start * 25) && clip.End <= Math.Round(s.End * 25));
                Assert.DoesNotContain(plan.Clips, other => other.Class == clip.Class && other.Set != clip.Set && other.First < clip.End + made.Length && clip.First < other.End + made.Length);
            }
            Assert.Equal(plan.Clips.Count, plan.Clips.Select(c => c.Name).Distinct().Count());
            divided += plan.Classes.Count(c => c.Test > 0 && c.Train > 0);
            Assert.All(plan.Classes, c => Assert.True(c.Train > 0 || c.Test == 0));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(2, 1));
        Assert.True(divided > 300);
    }

    [Fact]
    public void Unknown_is_passed_over_unless_it_is_asked_for()
    {
        Segment[] segments = [new(0, 2, "unknown"), new(2, 4, "a")];
        Assert.Equal(["a", "a"], Make(Regular, segments, new(1, 1, ClipSet.Train, 0.5, false)).Clips.Select(c => c.Class));
        Assert.Equal(["unknown", "unknown", "a", "a"], Make(Regular, segments, new(1, 1, ClipSet.Train, 0.5, true)).Clips.Select(c => c.Class));
    }

    [Theory]
    [InlineData("a/b", "a_b", "share the folder a_b")]
    [InlineData("Wall", "wall", "share the folder wall")]
    public void Classes_that_would_become_one_are_refused(string one, string other, string message) => Assert.Contains(
        message, Assert.Throws<InputException>(() => Make(Regular, [new(0, 2, one), new(2, 4, other)], new(1, 1, ClipSet.Train, 0.5, false))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(50, "less than a clip of 50 s")]
    [InlineData(0.01, "has no frame")]
    [InlineData(5, "no segment is as long as a clip")]
    public void Lengths_that_give_no_clip_are_refused(double length, string message) => Assert.Contains(
        message, Assert.Throws<InputException>(() => Make(Regular, [new(0, 2, "a")], new(length, length, ClipSet.Train, 0.5, false))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Football", "Football")]
    [InlineData("Fußball ⚽", "Fußball ⚽")]
    [InlineData("..", "__")]
    [InlineData("../../etc/passwd", "_._.._etc_passwd")]
    [InlineData("C:\\x", "C__x")]
    [InlineData("", "_")]
    [InlineData(" a. .", "_a___")]
    [InlineData("a\nb\0c", "a_b_c")]
    [InlineData(".hidden", "_hidden")]
    [InlineData("con", "con_")]
    [InlineData("COM1.mp4", "COM1_.mp4")]
    public void Folders_have_names_that_every_file_system_takes(string text, string folder)
    {
        Assert.Equal(folder, FolderName.Of(text));
        Assert.Equal(folder, FolderName.Of(folder));
        Assert.True(DataFile.IsName(folder));
    }

    [Fact]
    public void Folders_have_names_that_are_not_too_long()
    {
        string name = FolderName.Of(string.Concat(Enumerable.Repeat("😀é", 1000)));
        Assert.Equal(100, System.Text.Encoding.UTF8.GetByteCount(name), 5.0);
        Assert.DoesNotContain('\ufffd', name);
        Assert.Equal("a_", FolderName.Of("a\ud800"));
    }

    private static ClipPlan Make(double[] times, IReadOnlyList<Segment> segments, ClipOptions options, Rational? rate = null)
    {
        Rational fps = rate ?? new Rational(25, 1);
        var video = new VideoInfo
        {
            Streams = [],
            StreamIndex = 0,
            Path = "v.mp4", Container = "mp4", Codec = "h264", Width = 8, Height = 8, FrameRate = fps, BaseRate = fps, DurationSeconds = null, FrameCount = null, AudioCodec = null, Transfer = "", Matrix = "",
        };
        return ClipPlan.Make(video, times, new Timeline { Segments = segments }, "v", options);
    }

    private static IEnumerable<(int Start, int Clips)> Tests(ClipPlan plan, string className)
    {
        PlannedClip[] tests = [.. plan.Clips.Where(c => c.Class == className && c.Set == ClipSet.Test)];
        return tests.Length == 0 ? [] : [(tests[0].First / 25, tests.Length)];
    }
}
