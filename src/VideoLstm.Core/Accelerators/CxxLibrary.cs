namespace VideoLstm.Core.Accelerators;

/// <summary>The standard library of C++ that native libraries find on a Linux machine, <c>libstdc++.so.6</c>.</summary>
public static class CxxLibrary
{
    /// <summary>Its name among libraries.</summary>
    public const string Name = "libstdc++.so.6";

    private static readonly string[] Folders =
    [
        "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
        "/lib64", "/usr/lib64", "/usr/local/lib64", "/usr/local/lib", "/lib", "/usr/lib",
    ];

    /// <summary>
    /// Where it is: the one that this process has loaded, which any other library will get, else where it is installed; null: nowhere.
    /// </summary>
    public static string? Find()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        string? asked = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH");
        IEnumerable<string> folders = [.. asked?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [], .. Folders];
        return Loaded() ?? folders.Select(f => Path.Combine(f, Name)).FirstOrDefault(File.Exists);
    }

    /// <summary>A copy of a native library's bytes that loads beside this machine's C++ library; null: it loads as it is.</summary>
    /// <param name="path">The native library.</param>
    /// <exception cref="InputException">It is no library, or it needs a newer C++ library than there is.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[]? Adapt(string path) =>
        Find() is { } library ? ElfFile.Read(path).AdaptedTo(Name, ElfFile.Read(library).Defined) : null;

    /// <summary>Changes TorchSharp's native half, which alone asks for what is new, if this machine needs it.</summary>
    /// <param name="folder">The folder that it is in.</param>
    /// <returns>What was changed; null: nothing.</returns>
    internal static string? AdaptBinding(string folder)
    {
        string path = Path.Combine(folder, LibtorchFolder.FileName("LibTorchSharp"));
        if (!File.Exists(path) || Adapt(path) is not { } adapted)
            return null;
        File.WriteAllBytes(path, adapted);
        return $"{Path.GetFileName(path)}: made to load with this system's {Name}, which lacks a version that it names and does not use";
    }

    private static string? Loaded()
    {
        try
        {
            // The last column: the file that a range of addresses comes from.
            return File.ReadLines("/proc/self/maps").Select(line => line.IndexOf('/') is var at and >= 0 ? line[at..] : "")
                .FirstOrDefault(file => Path.GetFileName(file).StartsWith(Name, StringComparison.Ordinal) && File.Exists(file));
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            return null;
        }
    }
}
