using System.Diagnostics;

namespace VideoLstm.Core.Accelerators;

/// <summary>
/// The .NET SDK, which gets published packages from the package source that it is configured for. What was downloaded stays with it, so
/// that one that was cut off goes on.
/// </summary>
/// <param name="what">What is got, for messages.</param>
/// <param name="megabytes">About how much is downloaded.</param>
internal sealed class SdkRun(string what, int megabytes)
{
    private const double Megabyte = 1e6;

    // As Unix and Windows say it.
    private static readonly string[] FullDisk = ["No space left on device", "not enough space on the disk"];

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>Writes a project that stands alone: no settings of folders above it.</summary>
    /// <param name="folder">Where; it is made.</param>
    /// <param name="name">Its file.</param>
    /// <param name="text">What is in it.</param>
    public static void WriteProject(string folder, string name, string text)
    {
        Directory.CreateDirectory(folder);
        foreach (string other in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
            File.WriteAllText(Path.Combine(folder, other), "<Project />\n");
        File.WriteAllText(Path.Combine(folder, name), text);
    }

    /// <summary>Runs it.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="arguments">What it is to do.</param>
    /// <param name="progress">Told of the megabytes.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="InputException">There is no SDK, the packages cannot be had, or the disk is full.</exception>
    public async Task<bool> RunAsync(
        string folder, IReadOnlyList<string> arguments, IProgress<WorkProgress> progress, CancellationToken ct)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
        var start = new ProcessStartInfo(dotnet, [.. arguments, "-nologo", "-v", "quiet"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        // What is on its way lies here, so that it can be counted; packages that have come stay with the SDK.
        string coming = start.Environment["NUGET_HTTP_CACHE_PATH"] = Path.Combine(folder, "coming");
        using Process process = Start(start);
        using CancellationTokenRegistration end = ct.Register(() => process.Kill(entireProcessTree: true));
        Task<string> said = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        Task over = process.WaitForExitAsync(CancellationToken.None);
        while (await Task.WhenAny(over, Task.Delay(Poll, CancellationToken.None)) != over)
            progress.Report(new WorkProgress(Math.Min((long)(SizeOf(coming) / Megabyte), megabytes), megabytes));
        ct.ThrowIfCancellationRequested();
        if (process.ExitCode == 0)
            return true;
        string[] lines = [.. $"{await said}\n{await errors}".Split('\n').Where(l => l.Contains("error", StringComparison.Ordinal))
            .Select(l => l.Trim())];
        if (Array.Exists(lines, l => FullDisk.Any(words => l.Contains(words, StringComparison.OrdinalIgnoreCase))))
            throw new InputException($"{what}: the disk is full: of {folder}, or of the .NET SDK's packages", Remedy.MakeRoom);
        throw new InputException(
            $"{what}: the .NET SDK cannot get it: {(lines.Length > 0 ? lines[0] : $"exit code {process.ExitCode}")}",
            Remedy.CheckPackageSource);
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InputException($"{what}: getting it takes the .NET SDK, which cannot be started ({e.Message})", Remedy.InstallSdk, e);
        }
    }

    private static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
        }
        catch (IOException)
        {
            // They come and go.
            return 0;
        }
    }
}
