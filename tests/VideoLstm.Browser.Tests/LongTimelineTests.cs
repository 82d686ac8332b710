using VideoLstm.Core.Classification;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;
using Xunit.Abstractions;

namespace VideoLstm.Browser.Tests;

/// <summary>Three hours in 2,000 segments, with probabilities ten times a second.</summary>
public sealed class LongTimelineTests(Browser browser, ITestOutputHelper output) : IClassFixture<Browser>, IDisposable
{
    private const int Hours = 3, Segments = 2000, Classes = 4;

    // Milliseconds.
    private const double MostOfAFrame = 8, FirstDrawing = 1000;

    // Adds up what all handlers and drawings take, and says how much of it fell into each frame.
    private const string Clock = """
        const next = requestAnimationFrame.bind(window), listen = EventTarget.prototype.addEventListener;
        let spent = 0;
        const timed = act => function (...values) {
          const start = performance.now();
          try { return act.apply(this, values); } finally { spent += performance.now() - start; }
        };
        window.requestAnimationFrame = act => next(timed(act));
        EventTarget.prototype.addEventListener = function (type, act, options) { return listen.call(this, type, timed(act), options); };
        window.frames60 = [];
        let last = 0, counts = false;
        function frame(now) {
          if (last > 0) window.frames60.push([now - last, spent]);
          [last, spent] = [now, 0];
          if (counts) next(frame);
        }
        window.measureFrames = () => { [window.frames60, last, spent, counts] = [[], 0, 0, true]; next(frame); };
        window.takeFrames = () => { counts = false; return window.frames60; };
        listen.call(document, "DOMContentLoaded", () => next(() => setTimeout(() => { window.firstDrawn = performance.now(); })));
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_drawn_within_a_second_and_follows_the_pointer()
    {
        string path = Write();
        output.WriteLine($"{new FileInfo(path).Length / 1024} kB");
        var first = new List<double>();
        for (int i = 0; i < 3; i++)
        {
            await using OpenPage opened = await browser.OpenAsync(path, before: Clock);
            await opened.View.WaitForFunctionAsync("() => window.firstDrawn > 0");
            first.Add(await opened.AskAsync<double>("() => firstDrawn"));
        }
        output.WriteLine($"first drawing after {string.Join(", ", first.Select(ms => $"{ms:0}"))} ms");
        Assert.InRange(first.Min(), 0, FirstDrawing);

        await using OpenPage page = await browser.OpenAsync(path, before: Clock);
        foreach (int zoom in (int[])[0, 6])
        {
            for (int i = 0; i < zoom; i++)
                await page.PressAsync("Zoom in");
            double[] border = await page.AskAsync<double[]>("() => { const i = before(toSeconds(view.width / 2)) + 1, box = strip.getBoundingClientRect(); return [tracks.getBoundingClientRect().left + toX(segments[i].start), box.top + 20, i]; }");
            await page.View.Mouse.MoveAsync((float)border[0], (float)border[1]);
            await page.View.Mouse.DownAsync();
            await page.AskAsync<object>("() => measureFrames()");
            for (int i = 1; i <= 150; i++)
                await page.View.Mouse.MoveAsync((float)(border[0] + 60 * Math.Sin(i / 20.0)), (float)border[1]);
            double[][] frames = await page.AskAsync<double[][]>("() => takeFrames()");
            Assert.True(await page.AskAsync<bool>("() => held !== null && held.moves"));
            await page.View.Mouse.UpAsync();
            Assert.InRange(frames.Length, 20, int.MaxValue);
            double[] script = [.. frames.Select(f => f[1]).Order()], interval = [.. frames.Select(f => f[0]).Order()];
            output.WriteLine($"zoom {1 << zoom}: {frames.Length} frames, script {script[script.Length / 2]:0.00} ms in the median, {script[script.Length * 95 / 100]:0.00} ms in 95 of 100; a frame every {interval[interval.Length / 2]:0.0} ms");
            Assert.InRange(script[script.Length / 2], 0, MostOfAFrame);
            Assert.InRange(script[script.Length * 95 / 100], 0, MostOfAFrame);
        }
        Assert.Empty(page.Complaints);
    }

    private string Write()
    {
        var random = new Random(1);
        string[] classes = [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")];
        double length = Hours * 3600.0 / Segments;
        Segment[] segments = [.. Enumerable.Range(0, Segments).Select(i => new Segment(i * length, (i + 1) * length, classes[random.Next(Classes)], random.NextDouble()))];
        ProbabilityStep[] steps =
        [
            .. Enumerable.Range(0, Hours * 36_000).Select(i => new ProbabilityStep(i * 3L, i * 3L + 3, i / 10.0, i / 10.0 + 0.1, [.. Enumerable.Range(0, Classes).Select(_ => random.NextSingle())])),
        ];
        Shot[] shots = [.. segments.Select(s => new Shot(s.Start, s.End))];
        string path = _folder.File("long.html");
        TimelinePage.Write(path, "elsewhere.mp4", classes, new Timeline { Fps = 30, Segments = segments, Shots = shots }, steps);
        return path;
    }
}
