using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Browser.Tests;

/// <summary>A person sets a timeline right, by mouse, by keys, and by what a screen reader is told.</summary>
public sealed class TimelineEditingTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Borders_are_dragged_frame_by_frame_and_fall_on_cuts()
    {
        await using OpenPage page = await OpenAsync();
        await page.DragAsync(4, 5.014);
        await page.ExpectAsync("0-5 Football | 5-6 Commercial | 6-9.2 Football | 9.2-12 unknown");
        Assert.Equal("Moved the border between Football and Commercial to 0:05.00.", await page.SaidAsync());
        // Near a cut: on it; with Alt: where it is let go, to the frame.
        await page.DragAsync(5, 4.2, offset: 6);
        await page.ExpectAsync("0-4.2 Football | 4.2-6 Commercial | 6-9.2 Football | 9.2-12 unknown");
        await page.View.Keyboard.DownAsync("Alt");
        await page.DragAsync(4.2, 4.24);
        await page.View.Keyboard.UpAsync("Alt");
        await page.ExpectAsync("0-4.24 Football | 4.24-6 Commercial | 6-9.2 Football | 9.2-12 unknown");
        // Not beyond its neighbours.
        await page.DragAsync(9.2, 0.5);
        await page.ExpectAsync("0-4.24 Football | 4.24-6 Commercial | 6-6.04 Football | 6.04-12 unknown");
        // Let go of by Escape, it is where it was; a click moves nothing.
        string state = await page.StateAsync();
        await page.DragAsync(4.24, 3, release: false);
        Assert.NotEqual(state, await page.StateAsync());
        await page.View.Keyboard.PressAsync("Escape");
        await page.View.Mouse.UpAsync();
        await page.ClickAsync(4.24);
        Assert.Equal(state, await page.StateAsync());

        for (int i = 0; i < 4; i++)
            await page.PressAsync("Undo");
        Assert.Equal(SamplePage.Untouched, await page.StateAsync());
        await page.View.Keyboard.PressAsync("Control+z");
        Assert.Equal("There is nothing to undo.", await page.SaidAsync());
        await page.PressAsync("Redo");
        await page.ExpectAsync("0-5 Football | 5-6 Commercial | 6-9.2 Football | 9.2-12 unknown");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task A_finger_chooses_a_segment_and_drags_its_border()
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html")));
        (float x, float y) = await page.PlaceAsync(5);
        await page.View.Touchscreen.TapAsync(x, y);
        await Assertions.Expect(page.View.Locator("#class")).ToContainTextAsync("Commercial");
        await page.SwipeAsync(await page.PlaceAsync(4), await page.PlaceAsync(5.014));
        await page.ExpectAsync("0-5 Football | 5-6 Commercial | 6-9.2 Football | 9.2-12 unknown");
        // A finger that goes down over the timeline scrolls the page, and moves nothing.
        await page.SwipeAsync((x, y), (x, y - 60));
        await page.ExpectAsync("0-5 Football | 5-6 Commercial | 6-9.2 Football | 9.2-12 unknown");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Everything_is_done_by_mouse()
    {
        await using OpenPage page = await OpenAsync();
        await page.ClickAsync(5.1);
        await page.PressAsync("Split here");
        await page.ExpectAsync("0-4 Football | 4-5.08 Commercial | 5.08-6 Commercial | 6-9.2 Football | 9.2-12 unknown");
        Assert.Equal("Split Commercial at 0:05.08.", await page.SaidAsync());
        await page.View.GetByLabel("Class", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "2: \u2068Football\u2069" });
        await page.ExpectAsync("0-4 Football | 4-5.08 Commercial | 5.08-6 Football | 6-9.2 Football | 9.2-12 unknown");
        await page.PressAsync("Join with next");
        await page.ExpectAsync("0-4 Football | 4-5.08 Commercial | 5.08-9.2 Football | 9.2-12 unknown");
        await page.ClickAsync(10.5);
        await page.View.GetByLabel("New class").FillAsync("  Studio ");
        await page.PressAsync("Add");
        await page.ExpectAsync("0-4 Football | 4-5.08 Commercial | 5.08-9.2 Football | 9.2-12 Studio");
        await page.PressAsync("Join with previous");
        await page.ExpectAsync("0-4 Football | 4-5.08 Commercial | 5.08-12 Studio");
        await page.ClickAsync(7);
        await page.PressAsync("Start here");
        await page.ExpectAsync("0-4 Football | 4-7 Commercial | 7-12 Studio");
        await page.ClickAsync(2);
        await page.PressAsync("End here");
        await page.ExpectAsync("0-2 Football | 2-7 Commercial | 7-12 Studio");
        await page.ClickAsync(1);
        await page.PressAsync("Delete");
        await page.ExpectAsync("0-2 null | 2-7 Commercial | 7-12 Studio");
        // What is of no class is one stretch.
        await page.ClickAsync(3);
        await page.PressAsync("Delete");
        Assert.Equal("0-7 null* | 7-12 Studio*", await page.StateAsync());
        Assert.Equal("Deleted Commercial, 0:02.00 to 0:07.00.", await page.SaidAsync());
        await page.PressAsync("Back to the file");
        Assert.Equal(SamplePage.Untouched, await page.StateAsync());
        for (int i = 0; i < 10; i++)
            await page.View.Keyboard.PressAsync("Control+z");
        Assert.Equal(SamplePage.Untouched, await page.StateAsync());
        for (int i = 0; i < 9; i++)
            await page.View.Keyboard.PressAsync("Control+Shift+z");
        Assert.Equal("0-7 null* | 7-12 Studio*", await page.StateAsync());
        Assert.Empty(page.Complaints);
        Assert.Empty(page.Requests);
    }

    [Fact]
    public async Task Everything_is_done_by_keys()
    {
        await using OpenPage page = await OpenAsync();
        IKeyboard keys = page.View.Keyboard;
        async Task Press(string words)
        {
            foreach (string key in words.Split(' '))
                await keys.PressAsync(key);
        }
        await page.View.GetByRole(AriaRole.Slider, new() { Name = "Timeline" }).FocusAsync();
        await Press("ArrowRight Shift+ArrowRight . . , s 2");
        await page.ExpectAsync("0-4 Football | 4-5.04 Commercial | 5.04-6 Football | 6-9.2 Football | 9.2-12 unknown");
        await Press("j Shift+J");
        await page.ExpectAsync("0-4 Football | 4-9.2 Football | 9.2-12 unknown");
        await Press("Home Delete Control+z Control+z");
        await page.ExpectAsync("0-4 Football | 4-5.04 Commercial | 5.04-9.2 Football | 9.2-12 unknown");
        await Press("Control+y Control+z End Shift+ArrowRight [ Shift+ArrowRight ]");
        await page.ExpectAsync("0-4 Football | 4-5.04 Commercial | 5.04-10.2 Football | 10.2-12 unknown");
        Assert.Equal("There is no border to move.", await page.SaidAsync());

        // From the border: frames, seconds, cuts, as far as it goes.
        ILocator start = page.View.GetByRole(AriaRole.Slider, new() { Name = "Start of \u2068unknown\u2069" });
        await start.FocusAsync();
        await Press("ArrowLeft ArrowUp ArrowDown ArrowDown");
        await Assertions.Expect(start).ToHaveAttributeAsync("aria-valuenow", "10.12");
        await Press("Shift+ArrowRight PageDown");
        Assert.Equal("0:10.00, frame 250, on a cut, between \u2068Football\u2069 and \u2068unknown\u2069", await start.GetAttributeAsync("aria-valuetext"));
        await Press("PageDown PageUp");
        await Assertions.Expect(start).ToHaveAttributeAsync("aria-valuenow", "10");
        await Assertions.Expect(start).ToHaveAttributeAsync("aria-valuemin", "5.08");
        await Assertions.Expect(start).ToHaveAttributeAsync("aria-valuemax", "11.96");
        await Press("Home");
        await page.ExpectAsync("0-4 Football | 4-5.04 Commercial | 5.04-5.08 Football | 5.08-12 unknown");
        await Press("End");
        await page.ExpectAsync("0-4 Football | 4-5.04 Commercial | 5.04-11.96 Football | 11.96-12 unknown");
        // All of that is one change.
        await Press("Control+z");
        await page.ExpectAsync("0-4 Football | 4-5.04 Commercial | 5.04-10.2 Football | 10.2-12 unknown");

        // The list: options, and the same letters.
        await page.View.GetByRole(AriaRole.Listbox, new() { Name = "Segments" }).FocusAsync();
        await Press("Home ArrowDown 2");
        await page.ExpectAsync("0-4 Football | 4-5.04 Football | 5.04-10.2 Football | 10.2-12 unknown");
        ILocator option = page.View.Locator("#list").GetByRole(AriaRole.Option, new() { Selected = true });
        await Assertions.Expect(option).ToHaveAccessibleNameAsync("Football 0:04.00 to 0:05.04 0:01.04 changed");
        await Assertions.Expect(page.View.Locator("#list")).ToHaveAttributeAsync("aria-activedescendant", (await option.GetAttributeAsync("id"))!);
        await Press("c");
        await Press("Home");
        await page.ExpectAsync("0-4 Football | 4-5.04 null | 5.04-10.2 Football | 10.2-12 unknown");
        await page.View.Locator("#list").FocusAsync();
        await Press("a R e p l a y Enter");
        await page.ExpectAsync("0-4 Football | 4-5.04 Replay | 5.04-10.2 Football | 10.2-12 unknown");
        Assert.Equal("Changed no class to Replay, 0:04.00 to 0:05.04.", await page.SaidAsync());
        // Letters are letters where one types.
        Assert.Equal("", await page.View.GetByLabel("New class").InputValueAsync());
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task From_doubt_to_doubt()
    {
        await using OpenPage page = await OpenAsync();
        await page.ClickAsync(5);
        foreach ((string said, string key) in ((string, string)[])[("unknown, 40.0%, 1 of 4 by doubt.", "n"), ("Commercial, 80.0%, 2 of 4 by doubt.", "n"), ("Football, 90.0%, 3 of 4 by doubt.", "n"), ("Commercial, 80.0%, 2 of 4 by doubt.", "p")])
        {
            await page.View.Locator("#list").PressAsync(key);
            Assert.Equal(said, await page.SaidAsync());
        }
        // A change leaves it in its place.
        await page.View.Locator("#list").PressAsync("2");
        await page.PressAsync("Next unsure");
        Assert.Equal("Football, 90.0%, 3 of 4 by doubt.", await page.SaidAsync());
        await page.PressAsync("Previous unsure");
        Assert.Equal("Football, changed, 2 of 4 by doubt.", await page.SaidAsync());

        await page.View.GetByLabel("Order").SelectOptionAsync("least sure first");
        Assert.Equal(
            ["unknown 0:09.20 to 0:12.00 0:02.80 40.0%", "Football 0:04.00 to 0:06.00 0:02.00 changed", "Football 0:00.00 to 0:04.00 0:04.00 90.0%", "Football 0:06.00 to 0:09.20 0:03.20 95.0%"],
            await page.RowsAsync());
        await page.View.Locator("#list").PressAsync("ArrowUp");
        await page.View.Locator("#list").PressAsync("Delete");
        Assert.Equal("0-4 Football | 4-6 Football* | 6-9.2 Football | 9.2-12 null*", await page.StateAsync());
        Assert.Equal("no class 0:09.20 to 0:12.00 0:02.80 changed", (await page.RowsAsync())[^1]);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task With_nothing_to_begin_with_one_labels_all_of_it()
    {
        string path = _folder.File("new.html");
        TimelinePage.Write(path, "elsewhere.mp4", ["A", "B"], new Timeline { Fps = 25, Segments = [] }, [], seconds: 8);
        await using OpenPage page = await browser.OpenAsync(path);
        Assert.Equal("0-8 null", await page.StateAsync());
        await page.View.Locator("#strip").FocusAsync();
        foreach (string key in (string[])["1", "Shift+ArrowRight", "Shift+ArrowRight", "s", "2", "Shift+ArrowRight", "s", "Delete"])
            await page.View.Keyboard.PressAsync(key);
        Assert.Equal("0-2 A* | 2-3 B* | 3-8 null*", await page.StateAsync());
        await Assertions.Expect(page.View.Locator("#counts")).ToHaveTextAsync("2 segments of 2 classes in 0:08.00");
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData("</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>")]
    [InlineData("\"onmouseover=\"alert(1)", "</bdi></title><h1>&amp;<!--")]
    [InlineData("\u202eturned round", "🎬 视频 {0} ${1} `x`")]
    [InlineData("__proto__", "constructor")]
    [InlineData("שלום", "long")]
    public async Task Whatever_classes_are_called_all_can_be_done(string first, string second)
    {
        second = second == "long" ? string.Concat(Enumerable.Repeat("long 🎬", 20_000)) : second;
        string path = SamplePage.Write(_folder.File("x.html"), $"{first.Replace('/', '_')}.mp4", [new(0, 4, first, 0.9), new(4, 12, second, 0.5)], [first, second]);
        await using OpenPage page = await browser.OpenAsync(path, keeps: true);
        await page.ClickAsync(6);
        await page.View.Locator("#strip").PressAsync("1");
        await page.View.Locator("#strip").PressAsync("Control+z");
        await page.View.GetByLabel("New class").FillAsync(first + second[..Math.Min(second.Length, 50)]);
        await page.PressAsync("Add");
        await page.DragAsync(4, 5);
        Assert.Contains("border", await page.SaidAsync(), StringComparison.Ordinal);
        foreach (string format in await page.View.Locator("#format option").EvaluateAllAsync<string[]>("all => all.map(o => o.value)"))
        {
            await page.View.Locator("#format").SelectOptionAsync(format);
            foreach (ILocator box in await page.View.Locator("#skipped input:visible").AllAsync())
                await box.CheckAsync();
            Assert.NotEmpty(await page.AskAsync<string>("() => compose(formatOf(), timeline(), skippedClasses())"));
        }
        // Once: Chromium asks before it lets a page save more than ten files.
        IDownload file = await page.View.RunAndWaitForDownloadAsync(() => page.View.Locator("#save").ClickAsync());
        Assert.NotEmpty(await File.ReadAllBytesAsync(await file.PathAsync()));
        await page.View.ReloadAsync();
        await page.ExpectAsync($"0-5 {first} | 5-12 {first}{second[..Math.Min(second.Length, 50)]}");
        Assert.Equal(1, await page.AskAsync<int>("() => document.querySelectorAll('h1').length"));
        Assert.Equal(0, await page.AskAsync<int>("() => document.querySelectorAll('body script:not(#given):not(:last-child), main script, header script, .read img').length"));
        Assert.InRange(await page.AskAsync<int>("() => document.documentElement.scrollWidth"), 1, 1200);
        Assert.Empty(page.Complaints);
        Assert.All(page.Requests, address => Assert.EndsWith("/x.html", address, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1200)]
    [InlineData(ColorScheme.Dark, 1200)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task The_rules_of_axe_hold_before_and_after(ColorScheme scheme, int width)
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("a.html")), width, scheme: scheme);
        await AssertAccessibleAsync(page);
        await page.View.Locator("summary").ClickAsync();
        await page.ClickAsync(5);
        foreach (string key in (string[])["s", "2", "Delete"])
            await page.View.Locator("#list").PressAsync(key);
        await page.View.Locator("#format").SelectOptionAsync(new SelectOptionValue { Label = ".edl: Kodi, MPlayer: what to skip" });
        await page.AskAsync<object>("() => tell('Kept of an older file.', [['Take them over', () => {}], ['Forget them', () => {}]])");
        await page.View.Locator("#from").FocusAsync();
        await AssertAccessibleAsync(page);
        Assert.Empty(page.Complaints);
    }

    private static async Task AssertAccessibleAsync(OpenPage page)
    {
        AxeResult result = await page.View.RunAxe(new AxeRunOptions { Rules = new() { ["target-size"] = new RuleOptions { Enabled = true } } });
        Assert.NotEmpty(result.Passes);
        string violations = string.Join('\n', result.Violations.SelectMany(v => v.Nodes.Select(n => $"{v.Id}: {v.Help}: {n.Html}")));
        Assert.True(violations.Length == 0, violations);
    }

    private Task<OpenPage> OpenAsync() => browser.OpenAsync(SamplePage.Write(_folder.File("page.html")));
}
