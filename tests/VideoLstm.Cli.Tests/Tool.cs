using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Runs programs as a user would: vlstm as a process of its own, ffmpeg to draw clips.</summary>
internal static class Tool
{
    private static readonly string Vlstm = Path.Combine(AppContext.BaseDirectory, "vlstm.dll");

    // Many tests draw the same few clips.
    private static readonly ConcurrentDictionary<string, Lazy<byte[]>> Drawn = new(StringComparer.Ordinal);

    private static readonly AsyncLocal<string?> Device = new();

    // Installed once for all tests, beside them; a folder of a test gets a link to it.
    private static readonly Lazy<string> Accelerators = new(() =>
    {
        string folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "torch")).FullName;
        Succeed(folder, "accelerator", "install", "cpu");
        return Path.Combine(folder, "cache", "accelerators");
    });

    /// <summary>Says what computes in this test: <c>cpu</c> or <c>torch</c>; the test is skipped where it cannot be.</summary>
    public static void Use(string device)
    {
        Skip.If(device == "torch" && !(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64), "libtorch is restored for Linux x64 only");
        if (device == "torch")
            _ = Accelerators.Value;
        Device.Value = device;
    }

    /// <summary>Runs vlstm in a folder and waits for it.</summary>
    public static (int ExitCode, string Output, string Errors) Run(string folder, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        // Whatever else a test is about: the program has no fault of its own.
        Assert.True(process.ExitCode != VideoLstm.Cli.ExitCode.Internal, errors.Result);
        return (process.ExitCode, output, errors.Result);
    }

    /// <summary>Runs vlstm, expects success, and returns what it printed.</summary>
    public static string Succeed(string folder, params string[] arguments)
    {
        (int exitCode, string output, string errors) = Run(folder, arguments);
        Assert.True(exitCode == 0, $"vlstm {string.Join(' ', arguments)} ended with {exitCode}: {errors}");
        return output;
    }

    /// <summary>Runs vlstm, expects an exit code, and one line of explanation that holds a text.</summary>
    public static void Refuse(string folder, int exitCode, string text, params string[] arguments)
    {
        (int found, _, string errors) = Run(folder, arguments);
        string[] lines = [.. errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("note: ", StringComparison.Ordinal))];
        Assert.True(found == exitCode, $"vlstm {string.Join(' ', arguments)} ended with {found}: {errors}");
        Assert.Contains(lines, l => l.Contains(text, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.StartsWith("   at ", StringComparison.Ordinal) || l.Contains("Unhandled exception", StringComparison.Ordinal));
        if (exitCode == 2)
            Assert.Single(lines);
    }

    /// <summary>Starts vlstm and kills it at once, with no chance to clean up, after some time.</summary>
    public static void Kill(string folder, int afterMilliseconds, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        _ = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(afterMilliseconds))
            process.Kill();
        process.WaitForExit();
    }

    /// <summary>Draws a clip.</summary>
    public static void Draw(string path, string source, int frames, params string[] options)
    {
        string extension = Path.GetExtension(path);
        Lazy<byte[]> drawn = Drawn.GetOrAdd(string.Join('\n', [extension, source, $"{frames}", .. options]), _ => new(() => DrawAnew(extension, source, frames, options)));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, drawn.Value);
    }

    private static byte[] DrawAnew(string extension, string source, int frames, string[] options)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("clip" + extension);
        using Process process = Process.Start(new ProcessStartInfo(
            "ffmpeg", ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-frames:v", $"{frames}", "-c:v", "mpeg4", "-q:v", "3", .. options, "file:" + path]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return File.ReadAllBytes(path);
    }

    /// <summary>Runs a script in a folder; the vlstm that it calls is this one.</summary>
    public static (int ExitCode, string Output, string Errors) Bash(string folder, string[] arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = Isolated("/bin/bash", arguments, folder);
        start.Environment["PATH"] = $"{Path.GetDirectoryName(Install(folder))}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    /// <summary>Makes bin/vlstm in a folder, as an installed one would be, where there is a POSIX shell.</summary>
    public static string Install(string folder)
    {
        string vlstm = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName, "vlstm");
        File.WriteAllText(vlstm, $"#!/bin/sh\nexec dotnet '{Vlstm}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(vlstm, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return vlstm;
    }

    /// <summary>Starts vlstm.</summary>
    public static Process Start(string folder, string[] arguments, bool input = false, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = Isolated("dotnet", [Vlstm, .. arguments], folder);
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        start.RedirectStandardInput = input;
        return Process.Start(start)!;
    }

    private static ProcessStartInfo Isolated(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        // Nothing of this user's is found, nothing is fetched.
        string cache = start.Environment["VLSTM_CACHE"] = Path.Combine(folder, "cache");
        if (Device.Value is { } device)
            start.Environment["VLSTM_DEVICE"] = device;
        if (Device.Value == "torch" && !Directory.Exists(Path.Combine(cache, "accelerators")))
            Directory.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(cache).FullName, "accelerators"), Accelerators.Value);
        start.Environment["VLSTM_ONNXRUNTIME"] = Path.GetDirectoryName(OnnxPackages.Library);
        start.Environment["KERAS_HOME"] = start.Environment["TORCH_HOME"] = folder;
        start.Environment["http_proxy"] = start.Environment["https_proxy"] = "http://127.0.0.1:9";
        return start;
    }
}
