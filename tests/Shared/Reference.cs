using System.Diagnostics;

namespace VideoLstm.Tests;

/// <summary>Other people's programs that say what is right. A test is skipped, with the reason, where they are not there.</summary>
internal static class Reference
{
    /// <summary>What a script of tests/references ends with where a library that it needs is missing; its last line says which.</summary>
    private const int Missing = 77;

    /// <summary>Runs a script of tests/references with the system's Python and returns what it prints.</summary>
    public static string Python(string script, params string[] arguments)
    {
        const string python = "/usr/bin/python3";
        Skip.IfNot(File.Exists(python), "no Python on this machine");
        return Run(python, [Path.Combine(TestAssets.Repository, "tests", "references", script), .. arguments]);
    }

    /// <summary>Runs a script of tests/references with Node.js, for which scripts/onnxruntime.sh installed ONNX Runtime, and returns what it prints.</summary>
    public static string Node(string script, params string[] arguments)
    {
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string modules = Path.Combine(cache, "vlstm-onnxruntime", "node_modules");
        Skip.IfNot(Directory.Exists(modules), "no ONNX Runtime on this machine; scripts/onnxruntime.sh installs it");
        return Run("node", [Path.Combine(TestAssets.Repository, "tests", "references", script), .. arguments], ("NODE_PATH", modules));
    }

    /// <summary>Runs a program, expects success, and returns what it prints.</summary>
    public static string Run(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Skip.If(process.ExitCode == Missing, errors.Result.TrimEnd().Split('\n')[^1]);
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }
}
