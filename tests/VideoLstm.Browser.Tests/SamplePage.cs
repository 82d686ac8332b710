using System.Globalization;
using Microsoft.Playwright;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Browser.Tests;

/// <summary>A page of twelve seconds in four segments, and what a person does with it.</summary>
internal static class SamplePage
{
    public const double Frame = 1.0 / 25, Seconds = 12;

    public static readonly string[] Classes = ["Commercial", "Football"];

    public static readonly Segment[] Segments =
    [
        new(0, 4, "Football", 0.9), new(4, 6, "Commercial", 0.8), new(6, 9.2, "Football", 0.95), new(9.2, 12, Segment.Unknown, 0.4),
    ];

    /// <summary>Where shots begin, but the first: some borders lie there and some do not.</summary>
    public static readonly double[] Cuts = [2.2, 4.2, 6, 10];

    /// <summary>As <see cref="StateAsync"/> tells it.</summary>
    public const string Untouched = "0-4 Football | 4-6 Commercial | 6-9.2 Football | 9.2-12 unknown";

    public static string Write(string page, string video = "elsewhere.mp4", Segment[]? segments = null, string[]? classes = null)
    {
        segments ??= Segments;
        classes ??= Classes;
        float[] Of(string name) => [.. classes.Select((c, i) => !classes.Contains(name) ? 0.6f - 0.2f * i : c == name ? 0.9f : 0.1f / (classes.Length - 1))];
        var timeline = new Timeline { Fps = 25, Frames = 300, Segments = segments, Shots = [.. Cuts.Prepend(0).Zip(Cuts.Append(Seconds), (start, end) => new Shot(start, end))] };
        TimelinePage.Write(page, video, classes, timeline, [.. segments.Select(s => new ProbabilityStep((long)(s.Start * 25), (long)(s.End * 25), s.Start, s.End, Of(s.Class)))]);
        return page;
    }

    /// <summary>All segments of a page, changed ones with a star, as one line.</summary>
    public static Task<string> StateAsync(this OpenPage page) =>
        page.AskAsync<string>("() => segments.map(s => `${s.start}-${s.end} ${s.name}${isChanged(s) ? '*' : ''}`).join(' | ')");

    public static async Task ExpectAsync(this OpenPage page, string state) => Assert.Equal(state, (await page.StateAsync()).Replace("*", "", StringComparison.Ordinal));

    /// <summary>What the live region says.</summary>
    public static async Task<string> SaidAsync(this OpenPage page) => (await page.View.Locator("#said").TextContentAsync())!.Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal);

    /// <summary>The options of the list, each as one line.</summary>
    public static Task<string[]> RowsAsync(this OpenPage page) =>
        page.View.Locator("#list [role=option]").EvaluateAllAsync<string[]>("rows => rows.map(r => r.textContent.replace(/\\s+/g, ' ').trim())");

    public static Task PressAsync(this OpenPage page, string name) => page.View.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    /// <summary>Where a time lies in the timeline that is shown whole.</summary>
    public static async Task<(float X, float Y)> PlaceAsync(this OpenPage page, double seconds)
    {
        await page.View.Locator("#strip").ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await page.View.Locator("#strip").BoundingBoxAsync())!;
        return ((float)(box.X + box.Width * seconds / Seconds), box.Y + box.Height / 2);
    }

    public static async Task ClickAsync(this OpenPage page, double seconds)
    {
        (float x, float y) = await page.PlaceAsync(seconds);
        await page.View.Mouse.ClickAsync(x, y);
    }

    /// <summary>Drags from one time to another.</summary>
    /// <param name="offset">Pixels beside where it is let go.</param>
    public static async Task DragAsync(this OpenPage page, double from, double to, float offset = 0, bool release = true)
    {
        (float x, float y) = await page.PlaceAsync(from);
        await page.View.Mouse.MoveAsync(x, y);
        await page.View.Mouse.DownAsync();
        (x, y) = await page.PlaceAsync(to);
        await page.View.Mouse.MoveAsync(x + offset, y, new() { Steps = 5 });
        if (release)
            await page.View.Mouse.UpAsync();
    }

    public static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
