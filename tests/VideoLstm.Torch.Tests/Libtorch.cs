using System.Reflection;
using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Core.Accelerators;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace VideoLstm.Torch.Tests;

/// <summary>
/// libtorch for the processor, from its package. Its files are linked into a folder beside the tests; TorchSharp's native half, which is
/// made for a newer C++ library than some systems have, is copied there in a form that loads here.
/// </summary>
internal static class Libtorch
{
    private static readonly Lazy<string?> Missing = new(Prepare);

    /// <summary>TorchSharp's native half as it comes; null where there is none for this system.</summary>
    public static string? Binding => Package("TorchSharp") is { } package
        ? Path.Combine(package, "runtimes", "linux-x64", "native", TorchLibraries.BindingName) : null;

    /// <summary>The backend; skips the test, with the reason, where libtorch cannot be had.</summary>
    /// <param name="observer">Told of what is worth knowing.</param>
    /// <param name="computing">Called before samples are computed together, with their number.</param>
    public static TorchBackend Require(IJobObserver? observer = null, Action<int>? computing = null)
    {
        Skip.If(Missing.Value is not null, Missing.Value);
        return new TorchBackend(torch.CPU, observer) { Computing = computing };
    }

    /// <summary>Asks libtorch for more memory than any machine has: what then happens is libtorch's own.</summary>
    public static void ExhaustMemory() => torch.empty(1L << 50).Dispose();

    /// <summary>Frees what tests before have left to the collector.</summary>
    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static string? Prepare()
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

    private static string? Package(string name) => typeof(Libtorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => a.Key == name)?.Value;
}
