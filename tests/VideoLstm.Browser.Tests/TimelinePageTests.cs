using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Browser.Tests;

/// <summary>The page of a labelled video, in a real browser.</summary>
public sealed class TimelinePageTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Clicks_in_timeline_and_table_and_keys_move_the_video()
    {
        await using OpenPage page = await browser.OpenAsync(Write(Playable("match #1 50%.webm")));
        await ReadyAsync(page);
        ILocator slider = page.View.GetByRole(AriaRole.Slider, new() { Name = "Timeline" });

        // Well inside a segment: there; near its start: at the start.
        await page.ClickAsync(5.1);
        await SeesAsync(page, 5.1, "Commercial", tolerance: 0.03);
        await page.ClickAsync(6.02);
        await SeesAsync(page, 6, "Football");
        await page.View.GetByRole(AriaRole.Option, new() { Name = "Commercial 0:04.00 to 0:06.00" }).ClickAsync();
        await SeesAsync(page, 4, "Commercial");

        await slider.FocusAsync();
        foreach ((string key, double time, string name) in ((string, double, string)[])
            [
                ("ArrowRight", 6, "Football"), ("ArrowRight", 9.2, "unknown"), ("ArrowRight", 9.2, "unknown"), ("ArrowLeft", 6, "Football"), ("Shift+ArrowRight", 7, "Football"), ("Shift+ArrowRight", 8, "Football"), ("ArrowLeft", 6, "Football"),
                ("Home", 0, "Football"), ("ArrowLeft", 0, "Football"), ("End", 9.2, "unknown"), ("Shift+ArrowLeft", 8.2, "Football"),
            ])
        {
            await page.View.Keyboard.PressAsync(key);
            await SeesAsync(page, time, name);
        }
        await page.View.GetByRole(AriaRole.Button, new() { Name = "Previous segment" }).ClickAsync();
        await SeesAsync(page, 6, "Football");
        await page.View.GetByRole(AriaRole.Button, new() { Name = "Next segment" }).ClickAsync();
        await SeesAsync(page, 9.2, "unknown");
        await page.View.GetByRole(AriaRole.Button, new() { Name = "One frame back" }).ClickAsync();
        await SeesAsync(page, 9.16, "Football");
        await page.View.GetByRole(AriaRole.Button, new() { Name = "One frame on" }).ClickAsync();
        await SeesAsync(page, 9.2, "unknown");
        // What is dragged is seen.
        await page.DragAsync(9.2, 8, release: false);
        await page.View.WaitForFunctionAsync("() => !video.seeking && Math.abs(video.currentTime - 8) < 0.04");
        await page.View.Mouse.UpAsync();
        await page.PressAsync("Undo");

        // Playing, the timeline follows.
        await slider.PressAsync("Home");
        await slider.PressAsync("Space");
        await page.View.WaitForFunctionAsync("() => !document.querySelector('video').paused && Number(document.querySelector('#strip').ariaValueNow) > 0.3");
        await page.View.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await page.View.WaitForFunctionAsync("() => document.querySelector('video').paused");

        Assert.Empty(page.Complaints);
        Assert.Equal("match%20%231%2050%25.webm", Path.GetFileName(Assert.Single(page.Requests)));
    }

    [Fact]
    public async Task Zoomed_in_the_timeline_shows_the_time_that_is_played()
    {
        await using OpenPage page = await browser.OpenAsync(Write(Playable("match.webm")));
        await ReadyAsync(page);
        await page.View.Locator("#strip").FocusAsync();
        double whole = await page.AskAsync<double>("() => document.querySelector('.inner').clientWidth");
        for (int i = 0; i < 3; i++)
            await page.View.Keyboard.PressAsync("+");
        Assert.Equal(8 * whole, await page.AskAsync<double>("() => document.querySelector('.inner').clientWidth"), 10.0);
        await page.View.Keyboard.PressAsync("End");
        await SeesAsync(page, 9.2, "unknown");
        Assert.True(await page.AskAsync<bool>(
            "() => { const c = document.querySelector('.cursor').getBoundingClientRect(), t = document.querySelector('.tracks').getBoundingClientRect(); return c.left >= t.left - 2 && c.right <= t.right + 2; }"));
        await page.View.Keyboard.PressAsync("0");
        Assert.Equal(whole, await page.AskAsync<double>("() => document.querySelector('.inner').clientWidth"), 1.0);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task What_the_browser_cannot_play_is_shown_in_pictures()
    {
        string video = MadeClip.Make(_folder.File("match.avi"), "testsrc=s=160x120:r=25", "-frames:v", "300", "-c:v", "mpeg4", "-vtag", "XVID");
        await using OpenPage page = await browser.OpenAsync(Write(video));
        await Assertions.Expect(page.View.Locator(".still").GetByRole(AriaRole.Status)).ToContainTextAsync("cannot play");
        await Assertions.Expect(page.View.Locator("video")).ToBeHiddenAsync();
        await Assertions.Expect(page.View.Locator("#play")).ToBeHiddenAsync();
        string? first = await page.View.Locator(".still img").GetAttributeAsync("src");
        await page.View.GetByRole(AriaRole.Option, new() { Name = "Football 0:06.00 to 0:09.20" }).ClickAsync();
        await Assertions.Expect(page.View.Locator("#strip")).ToHaveAttributeAsync("aria-valuetext", new Regex("^0:06\\.00: \u2068Football\u2069"));
        await Assertions.Expect(page.View.Locator(".still img")).ToBeVisibleAsync();
        await Assertions.Expect(page.View.Locator(".still img")).Not.ToHaveAttributeAsync("src", first!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_can_be_read_by_whoever_reads_it(bool script)
    {
        await using OpenPage page = await browser.OpenAsync(Write(Playable("match.webm")), script: script);
        if (script)
            await ReadyAsync(page);
        string snapshot = await page.View.Locator("body").AriaSnapshotAsync();
        string[] parts = script
            ? ["slider \"Timeline\"", "listbox \"Segments\"", "option \"Football 0:06.00 to 0:09.20 0:03.20 95.0%\"", "slider \"End of \u2068Football\u2069\""]
            : ["img \"The segments in order of time; they are in the table below.\""];
        foreach (string part in (string[])
            [
                "heading \"match.webm\" [level=1]", "heading \"Timeline\" [level=2]", "rowheader \"Football\"", "cell \"60.0%\"",
                "img \"Probability of Football over time: 65% in the mean, highest at 0:00.00 with 90%\"", .. parts,
            ])
            Assert.Contains(part, snapshot, StringComparison.Ordinal);
        // Playwright's snapshot passes over what is there for those without a script.
        ILocator table = page.View.Locator(".segments");
        Assert.Equal(script ? 0 : 1, await table.CountAsync());
        if (!script)
        {
            await Assertions.Expect(table.Locator("th[scope=col]")).ToHaveTextAsync(["frame", "class", "start", "end", "length", "probability"]);
            await Assertions.Expect(table.Locator("tbody tr").Nth(2).Locator("th, td")).ToHaveTextAsync(["", "Football", "0:06.00", "0:09.20", "0:03.20", "95.0%"]);
            await Assertions.Expect(table.Locator("img").Nth(2)).ToHaveAttributeAsync("alt", "Frame at 0:06.00");
            await Assertions.Expect(page.View.Locator("#strip span").First).ToBeVisibleAsync();
            await Assertions.Expect(page.View.Locator(".editor")).ToBeHiddenAsync();
        }
        // Nothing that can be reached by keyboard is without a name.
        foreach (ILocator element in await page.View.Locator("button:visible, [tabindex]:visible, video, select:visible, input:visible").AllAsync())
            Assert.False(string.IsNullOrWhiteSpace(await element.EvaluateAsync<string>("e => e.ariaLabel || e.labels?.[0]?.textContent || e.textContent")));
        // Each picture is of its segment's first frame: the test picture counts seconds.
        Assert.Equal(SamplePage.Segments.Length, await page.View.Locator(".segments img, #list img").CountAsync());
        Assert.Equal(SamplePage.Segments.Length, (await page.View.Locator(".segments img, #list img").EvaluateAllAsync<string[]>("images => images.map(i => i.src)")).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData("</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>")]
    [InlineData("\"onmouseover=\"alert(1)", "</bdi></title><h1>&amp;")]
    [InlineData("\u202eturned round", "🎬 视频 {0}")]
    public async Task Names_are_text_and_never_markup(string first, string second)
    {
        string page = _folder.File("x.html");
        TimelinePage.Write(page, first, [first, second], new Timeline { Segments = [new(0, 1, first, 1), new(1, 3, second, 0.5)] }, [new(0, 75, 0, 3, [0.5f, 0.5f])]);
        await using OpenPage open = await browser.OpenAsync(page);
        await open.View.Locator("#strip").FocusAsync();
        await open.View.Keyboard.PressAsync("ArrowRight");
        Assert.Equal([first, second], await open.View.Locator("#list bdi").AllTextContentsAsync());
        Assert.Equal($"\u2068{second}\u2069", await open.View.Locator("#now bdi").TextContentAsync());
        Assert.Equal(3, await open.AskAsync<int>("() => document.querySelectorAll('h1, script').length"));
        Assert.Empty(open.Complaints);
        Assert.Empty(open.Requests);
    }

    [Theory]
    [InlineData(360, 740)]
    [InlineData(800, 600)]
    [InlineData(1400, 900)]
    public async Task It_fits_any_screen_also_after_three_hours(int width, int height)
    {
        var random = new Random(1);
        string[] classes = [.. Enumerable.Range(0, 30).Select(i => $"class {i}")];
        var segments = new List<Segment>();
        for (double start = 0; start < 3 * 3600; start = segments[^1].End)
            segments.Add(new Segment(start, start + 1 + 20 * random.NextDouble(), classes[random.Next(30)], random.NextDouble()));
        ProbabilityStep[] steps =
        [
            .. Enumerable.Range(0, 2 * 3 * 3600).Select(i => new ProbabilityStep(i * 12L, i * 12L + 12, i / 2.0, i / 2.0 + 0.5, [.. Enumerable.Range(0, 30).Select(_ => random.NextSingle())])),
        ];
        string path = _folder.File("long.html");
        TimelinePage.Write(path, "elsewhere.mp4", classes, new Timeline { Segments = segments }, steps);
        Assert.InRange(new FileInfo(path).Length, 100_000, 5_000_000);

        await using OpenPage page = await browser.OpenAsync(path, width, height, scheme: width < 500 ? ColorScheme.Dark : ColorScheme.Light);
        Assert.InRange(await page.AskAsync<int>("() => document.documentElement.scrollWidth"), 1, width);
        await page.View.Locator("#strip").FocusAsync();
        await page.View.Keyboard.PressAsync("End");
        for (int i = 0; i < 9; i++)
            await page.View.Keyboard.PressAsync("+");
        await page.View.Keyboard.PressAsync("ArrowLeft");
        string expected = string.Create(CultureInfo.InvariantCulture, $"segment {segments.Count - 1} of {segments.Count}");
        await Assertions.Expect(page.View.Locator("#strip")).ToHaveAttributeAsync("aria-valuetext", new Regex(Regex.Escape(expected)));
        Assert.InRange(await page.AskAsync<int>("() => document.documentElement.scrollWidth"), 1, width);
        Assert.Empty(page.Complaints);
        Assert.Empty(page.Requests);
    }

    private string Playable(string name) => MadeClip.Make(_folder.File(name), "testsrc=s=160x120:r=25", "-frames:v", "300", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25");

    private string Write(string video) => SamplePage.Write(_folder.File("report.html"), video);

    private static Task<IJSHandle> ReadyAsync(OpenPage page) => page.View.WaitForFunctionAsync("() => document.querySelector('video').readyState > 1");

    /// <summary>Fails unless video, timeline, readout and table all stand at a time within a frame, in a segment of a class.</summary>
    private static async Task SeesAsync(OpenPage page, double seconds, string name, double tolerance = SamplePage.Frame)
    {
        await page.View.WaitForFunctionAsync("([t, d]) => { const v = document.querySelector('video'); return !v.seeking && Math.abs(v.currentTime - t) <= d && Math.abs(document.querySelector('#strip').getAttribute('aria-valuenow') - t) <= d; }", new[] { seconds, tolerance });
        await Assertions.Expect(page.View.Locator("#strip")).ToHaveAttributeAsync("aria-valuetext", new Regex($": \u2068{Regex.Escape(name)}\u2069, "));
        await Assertions.Expect(page.View.Locator("#now bdi")).ToHaveTextAsync($"\u2068{name}\u2069");
        await Assertions.Expect(page.View.Locator("#list [aria-selected=true] bdi")).ToHaveTextAsync(name);
    }
}
