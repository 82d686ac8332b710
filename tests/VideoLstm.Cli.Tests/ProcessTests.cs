using System.Diagnostics;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>What becomes of ffmpeg with us, and of us without ffmpeg.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Nothing_lives_on_after_a_kill()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "looks into /proc");
        // Not replaced by the real one: what a script starts must end, too.
        string waits = $"touch {_folder.File("started")}; sleep 600; echo never";
        Stand("ffprobe", waits, "ffmpeg", waits);
        Tool.Draw(_folder.File("data", "train", "A", "a.mp4"), "testsrc=s=64x64", 5);
        Directory.CreateDirectory(_folder.File("data", "test", "A", ""));
        using Process process = Start("info", "data/train/A/a.mp4");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(_folder.File("started")), TimeSpan.FromSeconds(60)));
        Assert.NotEmpty(Ours(process.Id));
        // What has just started is told to who watches a moment later.
        Thread.Sleep(500);
        process.Kill();
        process.WaitForExit();
        // A second where nothing else runs.
        SpinWait.SpinUntil(() => Ours(process.Id).Count == 0, TimeSpan.FromSeconds(60));
        Assert.Empty(Ours(process.Id));
    }

    [SkippableFact]
    public void Without_ffmpeg_the_list_of_clips_stays_as_it_was()
    {
        Skip.If(OperatingSystem.IsWindows(), "needs a shell");
        Tool.Draw(_folder.File("data", "train", "A", "a.mp4"), "testsrc=s=64x64", 5);
        Tool.Draw(_folder.File("data", "test", "A", "b.mp4"), "testsrc=s=64x64", 5);
        File.WriteAllText(_folder.File("data", "data_file.csv"), "train,A,a,5\ntest,A,b,5\n");
        Directory.CreateDirectory(_folder.File("bin", ""));
        using Process process = Start("extract-files", "mp4", "--no-images");
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(2, process.ExitCode);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("install ffmpeg", errors, StringComparison.Ordinal);
        Assert.Equal("train,A,a,5\ntest,A,b,5\n", File.ReadAllText(_folder.File("data", "data_file.csv")));
    }

    // Scripts in place of programs.
    private void Stand(params string[] namesAndScripts)
    {
        foreach (string[] pair in namesAndScripts.Chunk(2))
        {
            string path = _folder.File("bin", pair[0]);
            File.WriteAllText(path, "#!/bin/sh\nPATH=/usr/bin:/bin\n" + pair[1] + "\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private Process Start(params string[] arguments)
    {
        string dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "/usr/bin/dotnet";
        var start = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "vlstm.dll"), .. arguments])
        {
            WorkingDirectory = _folder.Path, UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = _folder.File("bin", "");
        start.Environment["VLSTM_TEST"] = _folder.Path;
        return Process.Start(start)!;
    }

    // Those that inherited what Start set, but for one.
    private List<string> Ours(int self)
    {
        var found = new List<string>();
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out int id) && id != self))
        {
            try
            {
                if (File.ReadAllText(process + "/environ").Contains($"VLSTM_TEST={_folder.Path}\0", StringComparison.Ordinal))
                    found.Add(File.ReadAllText(process + "/cmdline").Replace('\0', ' '));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is another's.
            }
        }
        return found;
    }
}
