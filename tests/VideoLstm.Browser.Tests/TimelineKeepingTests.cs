using Microsoft.Playwright;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Browser.Tests;

/// <summary>Corrections stay in the browser.</summary>
public sealed class TimelineKeepingTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private const string Corrected = "0-5 Football | 5-6 Commercial | 6-9.2 Studio | 9.2-12 unknown";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reload_loses_nothing()
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html")), keeps: true);
        await CorrectAsync(page);
        await page.ClickAsync(11);
        await page.View.Locator("#strip").PressAsync("Delete");
        await page.PressAsync("Undo");
        await page.View.ReloadAsync();
        await page.ExpectAsync(Corrected);
        await Assertions.Expect(page.View.Locator("#kept p")).ToContainTextAsync("are kept by this browser and shown");
        await Assertions.Expect(page.View.Locator("#class")).ToContainTextAsync("Studio");
        await page.PressAsync("Redo");
        await page.ExpectAsync("0-5 Football | 5-6 Commercial | 6-9.2 Studio | 9.2-12 null");
        for (int i = 0; i < 3; i++)
            await page.PressAsync("Undo");
        Assert.Equal(SamplePage.Untouched, await page.StateAsync());
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Pages_do_not_mix()
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html")), keeps: true);
        await CorrectAsync(page);
        foreach ((string name, string video) in ((string, string)[])[("other.html", "other.mp4"), ("again.html", "elsewhere.mp4")])
        {
            // The same labels of another video; other labels of the same video, in a file that is older than the corrections.
            string other = SamplePage.Write(_folder.File(name), video, name == "again.html" ? SamplePage.Segments[..3] : null);
            File.SetLastWriteTimeUtc(other, DateTime.UtcNow.AddHours(-1));
            await page.View.GotoAsync(new Uri(other).AbsoluteUri);
            Assert.DoesNotContain("*", await page.StateAsync(), StringComparison.Ordinal);
            Assert.Equal("", await page.View.Locator("#kept").TextContentAsync());
        }
        // The same page elsewhere is the same.
        File.Copy(_folder.File("x.html"), _folder.File("moved.html"));
        await page.View.GotoAsync(new Uri(_folder.File("moved.html")).AbsoluteUri);
        await page.ExpectAsync(Corrected);
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData("Take them over")]
    [InlineData("Forget them")]
    public async Task A_newer_file_says_that_there_are_corrections_of_the_older_one(string choice)
    {
        string path = SamplePage.Write(_folder.File("x.html"));
        await using OpenPage page = await browser.OpenAsync(path, keeps: true);
        await CorrectAsync(page);
        SamplePage.Write(path, segments: [new(0, 3, "Football", 0.7), new(3, 11.5, "Commercial", 0.6)]);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));
        await page.View.ReloadAsync();
        await page.ExpectAsync("0-3 Football | 3-11.5 Commercial");
        await Assertions.Expect(page.View.Locator("#kept p")).ToContainTextAsync("This file is newer than the corrections");
        await page.PressAsync(choice);
        await Assertions.Expect(page.View.Locator("#kept")).ToHaveTextAsync("");
        if (choice == "Forget them")
        {
            await page.View.ReloadAsync();
            Assert.Equal("", await page.View.Locator("#kept").TextContentAsync());
        }
        else
        {
            await page.ExpectAsync("0-5 Football | 5-6 Commercial | 6-9.2 Studio | 9.2-11.5 unknown");
            await page.PressAsync("Undo");
        }
        await page.ExpectAsync("0-3 Football | 3-11.5 Commercial");
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })", "keeps nothing for this page")]
    [InlineData("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }", "storage is full")]
    [InlineData("Object.defineProperty(window, 'localStorage', { value: null })", "keeps nothing for this page")]
    public async Task Where_nothing_can_be_kept_the_page_says_so_and_works(string fault, string text)
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html")), before: fault);
        await CorrectAsync(page);
        await Assertions.Expect(page.View.Locator("#kept p")).ToContainTextAsync(text);
        await page.PressAsync("Undo");
        await page.ExpectAsync("0-5 Football | 5-6 Commercial | 6-9.2 Football | 9.2-12 unknown");
        IDownload download = await page.View.RunAndWaitForDownloadAsync(() => page.View.Locator("#save").ClickAsync());
        Assert.Equal("elsewhere.json", download.SuggestedFilename);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Where_the_history_has_no_room_the_corrections_have()
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html")), keeps: true, before: """
            const set = Storage.prototype.setItem;
            Storage.prototype.setItem = function (key, value) {
              if (value.includes('"done"')) throw new DOMException('full', 'QuotaExceededError');
              set.call(this, key, value);
            };
            """);
        await CorrectAsync(page);
        await page.View.ReloadAsync();
        await page.ExpectAsync(Corrected);
        await page.PressAsync("Undo");
        Assert.Equal(SamplePage.Untouched, await page.StateAsync());
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"when\": 1, \"classes\": [], \"segments\": []}")]
    [InlineData("{\"when\": 1, \"classes\": [\"\"], \"segments\": [{\"start\": 0, \"end\": 12, \"name\": \"A\", \"was\": null, \"p\": null, \"picture\": null}]}")]
    [InlineData("{\"when\": 1, \"classes\": [], \"segments\": [{\"start\": 0, \"end\": 1e999, \"name\": \"A\", \"was\": null, \"p\": null, \"picture\": null}]}")]
    [InlineData("{\"when\": 1, \"classes\": [], \"segments\": [{\"start\": 0, \"end\": 12, \"name\": {}, \"was\": null, \"p\": null, \"picture\": null}]}")]
    public async Task What_lies_in_the_storage_may_be_anything(string stored)
    {
        await using OpenPage page = await browser.OpenAsync(SamplePage.Write(_folder.File("x.html")), keeps: true);
        await page.AskAsync<object>("s => localStorage.setItem(KEY, s)", stored);
        await page.View.ReloadAsync();
        Assert.Equal(SamplePage.Untouched, await page.StateAsync());
        await Assertions.Expect(page.View.Locator("#kept p")).ToContainTextAsync("cannot be understood");
        Assert.Empty(page.Complaints);
    }

    private static async Task CorrectAsync(OpenPage page)
    {
        await page.DragAsync(4, 5);
        await page.ClickAsync(7);
        await page.View.GetByLabel("New class").FillAsync("Studio");
        await page.PressAsync("Add");
        await page.ExpectAsync(Corrected);
    }
}
