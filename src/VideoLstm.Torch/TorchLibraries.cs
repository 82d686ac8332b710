using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Core.Accelerators;

namespace VideoLstm.Torch;

/// <summary>Where libtorch and TorchSharp's native half are: they do not come with this library.</summary>
/// <remarks>
/// TorchSharp loads <c>torch_cpu</c> or, for cards, <c>torch_cuda</c> and on Windows what cuDNN is split into, then its own half, each by
/// name: beside itself, where the system looks, and then here. libtorch is loaded before it by full path, so that its own paths find what
/// it needs (pip's packages of NVIDIA), and those names find what is loaded.
/// </remarks>
public static partial class TorchLibraries
{
    private const int BindAtOnce = 2;

    private static string[]? _folders;

    /// <summary>The file name of TorchSharp's native half on this system.</summary>
    public static string BindingName => LibtorchFolder.FileName("LibTorchSharp");

    /// <summary>
    /// Loads the native libraries, before anything is computed; without it they are looked for where .NET looks for native libraries.
    /// </summary>
    /// <param name="libraries">The folder with libtorch; full path.</param>
    /// <param name="binding">The folder with TorchSharp's native half; full path; null: the same.</param>
    /// <exception cref="InvalidOperationException">Other folders have been named before.</exception>
    /// <exception cref="InputException">libtorch is of another version.</exception>
    /// <exception cref="DllNotFoundException">A library is missing, damaged, or does not fit to another.</exception>
    public static void Use(string libraries, string? binding = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(libraries);
        string[] folders = [Path.GetFullPath(libraries), Path.GetFullPath(binding ?? libraries)];
        string[]? before = Interlocked.CompareExchange(ref _folders, folders, null);
        if (before is null)
        {
            nint processor = Load(Find(folders, "torch_cpu"));
            LibtorchFolder.Check(folders[0], VersionOf(processor));
            foreach (string name in (string[])["torch_cuda", "torch", "LibTorchSharp"])
            {
                if (Find(folders, name) is { } path)
                    Load(path);
            }
            AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly)!.ResolvingUnmanagedDll +=
                (_, name) => Find(folders, name) is { } path ? Load(path) : 0;
        }
        else if (!before.SequenceEqual(folders))
        {
            throw new InvalidOperationException($"native libraries have been looked for in {before[0]} already");
        }
    }

    private static string? Find(string[] folders, string name) =>
        folders.Select(folder => Path.Combine(folder, LibtorchFolder.FileName(name))).FirstOrDefault(File.Exists);

    // With all that it needs: a function that is missing would otherwise end the process when it is called.
    private static nint Load(string? path)
    {
        if (path is null)
            throw new DllNotFoundException($"{LibtorchFolder.FileName("torch_cpu")} is missing");
        if (!OperatingSystem.IsLinux())
            return NativeLibrary.Load(path);
        nint library = OpenLibrary(path, BindAtOnce);
        return library != 0 ? library : throw new DllNotFoundException(Marshal.PtrToStringUTF8(LastError()) ?? path);
    }

    /// <summary>What libtorch itself says, from 2.9 on: a number, major, minor and patch in its first three bytes.</summary>
    private static string VersionOf(nint library) => NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out nint function)
        && Marshal.GetDelegateForFunctionPointer<Number>(function)() is var number
            ? $"{number >> 56}.{(number >> 48) & 0xff}.{(number >> 40) & 0xff}" : "older than 2.9";

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate ulong Number();

    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenLibrary(string path, int flags);

    [LibraryImport("libdl.so.2", EntryPoint = "dlerror")]
    private static partial nint LastError();
}
