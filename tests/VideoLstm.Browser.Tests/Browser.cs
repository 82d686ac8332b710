using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Playwright;
using VideoLstm.Tests;

namespace VideoLstm.Browser.Tests;

/// <summary>An installed Chromium or Chrome without a window, driven by Playwright, whose package brings no browser.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Programs = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _program;

    public async Task InitializeAsync()
    {
        _program = Find();
        if (_program is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = _program, Headless = true, Args = Arguments });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a file; skips the test where there is no browser.</summary>
    /// <param name="before">A script that runs before the page's own.</param>
    /// <param name="keeps">
    /// With a profile on the disk, as a person's browser has. Otherwise storage is in memory, and a busy Chromium loses it between the
    /// old document and the new one when a page is loaded again.
    /// </param>
    internal async Task<OpenPage> OpenAsync(
        string path, int width = 1200, int height = 800, bool script = true, ColorScheme scheme = ColorScheme.Light, string? before = null, bool keeps = false)
    {
        Skip.If(_browser is null, $"no browser on this machine: none of {string.Join(", ", Programs)} runs");
        var size = new ViewportSize { Width = width, Height = height };
        TemporaryFolder? profile = keeps ? new() : null;
        IBrowserContext context = profile is not null
            ? await _playwright!.Chromium.LaunchPersistentContextAsync(profile.Path, new BrowserTypeLaunchPersistentContextOptions
            {
                ExecutablePath = _program, Headless = true, Args = Arguments,
                ViewportSize = size, JavaScriptEnabled = script, ColorScheme = scheme, Offline = true, HasTouch = true,
            })
            : await _browser.NewContextAsync(new BrowserNewContextOptions
            {
                ViewportSize = size, JavaScriptEnabled = script, ColorScheme = scheme, Offline = true, HasTouch = true,
            });
        if (before is not null)
            await context.AddInitScriptAsync(before);
        return await OpenPage.OpenAsync(context, profile, path);
    }

    // On some systems a program of that name only tells that it is to be installed.
    private static string? Find()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return Programs.SelectMany(p => folders.Select(f => Path.Combine(f, p))).Where(File.Exists).FirstOrDefault(Runs);
    }

    private static bool Runs(string program)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A page in a browser, and all that it asked for and complained of.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly TemporaryFolder? _profile;
    private readonly List<string> _complaints = [], _requests = [];

    private OpenPage(IBrowserContext context, TemporaryFolder? profile, IPage page)
    {
        (_context, _profile, View) = (context, profile, page);
        page.Console += (_, message) => _complaints.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => _complaints.Add(error);
        page.Dialog += (_, dialog) => _complaints.Add($"dialog: {dialog.Message}");
        page.Request += (_, request) => _requests.Add(request.Url);
    }

    public IPage View { get; }

    /// <summary>What scripts threw or wrote to the console, and what the policy forbade.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>What was loaded beside the page itself and what lies in it.</summary>
    public IEnumerable<string> Requests => _requests.Skip(1).Where(r => !r.StartsWith("data:", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);

    public static async Task<OpenPage> OpenAsync(IBrowserContext context, TemporaryFolder? profile, string path)
    {
        var page = new OpenPage(context, profile, await context.NewPageAsync());
        await page.View.GotoAsync(new Uri(path).AbsoluteUri);
        return page;
    }

    public Task<T> AskAsync<T>(string script, object? argument = null) => View.EvaluateAsync<T>(script, argument);

    /// <summary>A finger goes from one place to another.</summary>
    public async Task SwipeAsync((float X, float Y) from, (float X, float Y) to)
    {
        const int Steps = 8;
        ICDPSession session = await _context.NewCDPSessionAsync(View);
        await TouchAsync("touchStart", from);
        for (int i = 1; i <= Steps; i++)
            await TouchAsync("touchMove", (from.X + (to.X - from.X) * i / Steps, from.Y + (to.Y - from.Y) * i / Steps));
        await TouchAsync("touchEnd", null);
        await session.DetachAsync();

        Task TouchAsync(string type, (float X, float Y)? at) => session.SendAsync("Input.dispatchTouchEvent", new Dictionary<string, object>
        {
            ["type"] = type, ["touchPoints"] = at is { } place ? new[] { new { x = place.X, y = place.Y } } : [],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        // Processes of a browser that is closed may write for a moment still.
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            try
            {
                _profile?.Dispose();
                return;
            }
            catch (IOException) when (waited.Elapsed < TimeSpan.FromSeconds(30))
            {
            }
        }
    }
}
