using System.Diagnostics;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>A file system with the faults of a network store, made by a library that is preloaded into programs: Fixtures/store.c.</summary>
internal static class FaultyStore
{
    private static readonly Lazy<string?> Library = new(Compile);

    /// <summary>The variables with which a program finds a folder to be on such a store; the test is skipped where it cannot be.</summary>
    public static (string Name, string Value)[] On(string folder, params (string Name, string Value)[] faults)
    {
        Skip.If(Library.Value is null, "needs Linux and a C compiler");
        return [("LD_PRELOAD", Library.Value!), ("STORE", folder), .. faults];
    }

    private static string? Compile()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        string library = Path.Combine(AppContext.BaseDirectory, "store.so");
        try
        {
            using Process compiler = Process.Start("cc", ["-shared", "-fPIC", "-O1", "-o", library, Path.Combine(TestAssets.Repository, "tests", "VideoLstm.Cli.Tests", "Fixtures", "store.c"), "-ldl"]);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
            return library;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
