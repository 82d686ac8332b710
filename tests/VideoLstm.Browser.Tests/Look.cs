using VideoLstm.Core.Classification;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Timelines;
using Microsoft.Playwright;
namespace VideoLstm.Browser.Tests;
public sealed class LookTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Look()
    {
        Directory.CreateDirectory("/tmp/look");
        File.Copy("/tmp/pw/site/an.mp4", "/tmp/look/match.mp4", true);
        double[] starts = [0,6,10,14,20,22,24]; string[] cl=["Commercial","Football"]; 
        var segs = Enumerable.Range(0,6).Select(i => new Segment(starts[i], starts[i+1], cl[(i+1)%2], 0.9+0.01*i)).ToList();
        var r = new Random(1);
        var steps = Enumerable.Range(0,48).Select(i => { var s = segs.Last(s => s.Start <= i/2.0); float p = (float)(1 - 0.2*r.NextDouble()*r.NextDouble()); return new ProbabilityStep(i*10, i*10+10, i/2.0, i/2.0+0.5, s.Class=="Commercial"?[p,1-p]:[1-p,p]); }).ToList();
        TimelinePage.Write("/tmp/look/small.html", "/tmp/look/match.mp4", cl, new Timeline { Segments = segs }, steps);
        if (!File.Exists("/tmp/look/match.avi")) File.Copy("/work/main/demo/result.avi", "/tmp/look/match.avi", true);
        TimelinePage.Write("/tmp/look/avi.html", "/tmp/look/match.avi", cl, new Timeline { Segments = segs }, steps);
        // three hours
        string[] many = [.. Enumerable.Range(0,30).Select(i => "class " + i), "Football", "Commercial"];
        var big = new List<Segment>(); double t = 0; int k=0;
        while (t < 10800) { double len = k%9==0 ? 600 + 300*r.NextDouble() : 5 + 20*r.NextDouble(); big.Add(new Segment(t, t+len, k%9==0?"Football":k%5==4?Segment.Unknown:many[k%30], .7)); t += len; k++; }
        var bigsteps = Enumerable.Range(0,(int)(t*2)).Select(i => { var s = big.Last(s => s.Start <= i/2.0+.25); float p = (float)(1 - 0.4*r.NextDouble()*r.NextDouble()); var v = new float[32]; int c = Array.IndexOf(many, s.Class); if (c<0) c=31; for(int j=0;j<32;j++) v[j]=(1-p)/31; v[c]=p; return new ProbabilityStep(i*10, i*10+10, i/2.0, i/2.0+0.5, v); }).ToList();
        var sw = System.Diagnostics.Stopwatch.StartNew();
        TimelinePage.Write("/tmp/look/big.html", "/tmp/pw/long.mp4", many, new Timeline { Segments = big }, bigsteps);
        Console.WriteLine($"big {sw.Elapsed.TotalSeconds} s {new FileInfo("/tmp/look/big.html").Length}");
        foreach (string f in new[]{"small","avi","big"}) foreach ((int w, int h) in new[]{(1400,900),(900,900),(360,740)}) foreach (var scheme in new[]{ColorScheme.Light, ColorScheme.Dark}) {
            await using OpenPage p = await browser.OpenAsync($"/tmp/look/{f}.html", w, h, true, scheme);
            await Task.Delay(500);
            await p.View.Locator("#strip").FocusAsync(); await p.View.Keyboard.PressAsync("ArrowRight"); await Task.Delay(300);
            await p.View.ScreenshotAsync(new() { Path = $"/tmp/look/{f}-{w}-{scheme}.png", FullPage = false });
            if (w==360 && scheme==ColorScheme.Light) await p.View.ScreenshotAsync(new() { Path = $"/tmp/look/{f}-{w}-full.png", FullPage = f != "big" });
            Console.WriteLine($"{f} {w} {scheme} width {await p.AskAsync<int>("() => document.documentElement.scrollWidth")} {string.Join("|", p.Complaints)} {string.Join("|", p.Requests)}");
        }
    }
}
