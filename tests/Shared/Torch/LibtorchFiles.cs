using System.Reflection;
using VideoLstm.Core.Accelerators;
using VideoLstm.Torch;

namespace VideoLstm.Tests;

/// <summary>
/// libtorch for the processor, from its package. Its files are linked into a folder beside the program; TorchSharp's native half, which is
/// made for a newer C++ library than some systems have, is copied there in a form that loads here.
/// </summary>
internal static class LibtorchFiles
{
    /// <summary>TorchSharp's native half as it comes; null where there is none for this system.</summary>
    public static string? Binding => Package("TorchSharp") is { } package
        ? Path.Combine(package, "runtimes", "linux-x64", "native", TorchLibraries.BindingName) : null;

    /// <summary>Has libtorch looked for where it is; once in a process.</summary>
    /// <returns>Why it cannot be had; null: it can.</returns>
    public static string? Prepare()
    {
        if (System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal))
            return "libtorch needs glibc";
        if (Binding is not { } binding || Package("libtorch") is not { } package)
            return "there is no package of libtorch for this system";
        string source = Path.Combine(package, "runtimes", "linux-x64", "native");
        if (!File.Exists(binding) || !Directory.Exists(source))
            return "the packages of libtorch and TorchSharp are no longer where they were at the build";
        string folder = Path.Combine(AppContext.BaseDirectory, "libtorch");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(source))
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        string target = Path.Combine(folder, Path.GetFileName(binding));
        if (CxxLibrary.Adapt(binding) is { } adapted)
            File.WriteAllBytes(target, adapted);
        else
            File.CreateSymbolicLink(target, binding);
        TorchLibraries.Use(folder);
        return null;
    }

    private static string? Package(string name) => typeof(LibtorchFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => a.Key == name)?.Value;
}
