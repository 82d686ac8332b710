using Microsoft.Playwright;
using VideoLstm.Core.Tests.Timelines;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Browser.Tests;

/// <summary>What the page saves is what <see cref="TimelineFile"/> reads.</summary>
public sealed class TimelineSavingTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private const string Compose = """
        ([extension, timelines]) => {
          const format = formats.find(f => f.extension === extension);
          return timelines.map(t => compose(format, t, new Set(["Commercial", "Promo"])));
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Extensions => [.. TimelineFile.Extensions.Replace(" or ", ", ", StringComparison.Ordinal).Split(", ")];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task What_the_browser_writes_is_read_as_what_the_tool_writes(string extension)
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html")));
        var timelines = new List<Timeline>();
        RandomTimeline.ForAll(timeline => timelines.Add(Marked(timeline)), 200);
        string[] texts = await page.AskAsync<string[]>(Compose, new object[]
        {
            extension,
            timelines.Select(t => new
            {
                video = t.Video, fps = t.Fps, frames = t.Frames, shots = Array.Empty<object>(),
                segments = t.Segments.Select(s => new { start = s.Start, end = s.End, @class = s.Class, probability = s.Probability }).ToArray(),
            }).ToArray(),
        });
        string ours = _folder.File("ours" + extension), theirs = _folder.File("theirs" + extension);
        foreach ((Timeline timeline, string text) in timelines.Zip(texts))
        {
            TimelineFile.Write(ours, timeline, ["Commercial", "Promo"]);
            await File.WriteAllTextAsync(theirs, text);
            Timeline expected = TimelineFile.Read(ours, timeline.Fps), found = TimelineFile.Read(theirs, timeline.Fps);
            Assert.Equal(expected.Segments.Select(s => s.Class), found.Segments.Select(s => s.Class));
            Assert.Equal(Frames(timeline, expected), Frames(timeline, found));
            Assert.All(expected.Segments.Zip(found.Segments), pair => Assert.Equal(pair.First.Probability ?? -1, pair.Second.Probability ?? -1, 0.0101));
            Assert.Equal((expected.Video, expected.Fps, expected.Frames), (found.Video, found.Fps, found.Frames));
        }
    }

    [Fact]
    public async Task The_list_of_formats_is_the_tool_s_own()
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html")));
        string[] offered = await page.AskAsync<string[]>("() => formats.map(f => f.extension)");
        Assert.Equal(((IEnumerable<object[]>)Extensions).Select(row => (string)row[0]).Order(StringComparer.Ordinal), offered.Order(StringComparer.Ordinal));
        Assert.All(offered, extension => Assert.True(TimelineFile.IsKnown("x" + extension)));
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task A_corrected_timeline_is_saved_under_the_video_s_name(string extension)
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html"), "The match #1.final.mkv"));
        await page.DragAsync(4, 5);
        await page.ClickAsync(10.5);
        await page.View.Locator("#strip").PressAsync("Delete");
        await page.View.Locator("#format").SelectOptionAsync(await page.AskAsync<string>("e => String(formats.findIndex(f => f.extension === e))", extension));
        bool skips = extension is ".edl" or ".txt";
        if (skips)
        {
            await page.View.Locator("#save").ClickAsync();
            Assert.Contains("tick its classes", await page.SaidAsync(), StringComparison.Ordinal);
            await page.View.GetByLabel("Commercial", new() { Exact = true }).CheckAsync();
        }
        IDownload download = await page.View.RunAndWaitForDownloadAsync(() => page.View.Keyboard.PressAsync("Control+s"));
        Assert.Equal("The match #1.final" + extension, download.SuggestedFilename);
        string path = _folder.File("saved" + extension);
        await download.SaveAsAsync(path);
        Timeline saved = TimelineFile.Read(path, 25, 12, video: "The match #1.final.mkv");
        (long, long, string)[] expected = skips ? [(125, 150, "skip")] : [(0, 125, "Football"), (125, 150, "Commercial"), (150, 230, "Football")];
        Assert.Equal(expected, saved.Segments.Select(s => ((long)Math.Round(s.Start * 25), (long)Math.Round(s.End * 25), s.Class)));
        if (extension == ".json")
        {
            Assert.Equal(SamplePage.Cuts, saved.Shots.Skip(1).Select(s => s.Start));
            Assert.Equal([0.9, 0.8, 0.95], saved.Segments.Select(s => s.Probability));
        }
        Assert.Empty(page.Complaints);
    }

    private static (long, long)[] Frames(Timeline timeline, Timeline read) => [.. read.Segments.Select(s => (RandomTimeline.Frame(timeline, s.Start), RandomTimeline.Frame(timeline, s.End)))];

    // Some of the segments are what is skipped.
    private static Timeline Marked(Timeline timeline) => timeline with
    {
        Segments = [.. timeline.Segments.Select((s, i) => (i % 4) switch { 0 => s with { Class = "Commercial" }, 1 => s with { Class = "Promo" }, _ => s })],
    };
}
