using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace VideoLstm.Torch;

/// <summary>Where libtorch and TorchSharp's native half are: they do not come with this library.</summary>
public static class TorchLibraries
{
    private static string? _folder;

    /// <summary>The file name of TorchSharp's native half on this system.</summary>
    public static string BindingName => FileName("LibTorchSharp");

    /// <summary>
    /// Says where the native libraries are, all in one folder, before anything is computed; without it they are looked for where .NET looks
    /// for native libraries.
    /// </summary>
    /// <param name="folder">Full path.</param>
    /// <exception cref="InvalidOperationException">Another folder has been named before.</exception>
    public static void Use(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string full = Path.GetFullPath(folder);
        string? before = Interlocked.CompareExchange(ref _folder, full, null);
        if (before is null)
            AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly)!.ResolvingUnmanagedDll += (_, name) => Load(full, name);
        else if (before != full)
            throw new InvalidOperationException($"native libraries have been looked for in {before} already");
    }

    private static nint Load(string folder, string name)
    {
        string path = Path.Combine(folder, FileName(name));
        return File.Exists(path) ? NativeLibrary.Load(path) : 0;
    }

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? name : name + ".dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}
