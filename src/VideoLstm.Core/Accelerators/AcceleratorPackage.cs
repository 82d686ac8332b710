using System.Globalization;
using System.Runtime.InteropServices;
using VideoLstm.Core.Features;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Accelerators;

/// <summary>A published set of libraries that compute networks, and the folder of this user in which it is installed.</summary>
/// <param name="Name">What a user types: <c>cpu</c>, <c>cuda</c>.</param>
/// <param name="Package">The package of the .NET package source that holds libtorch.</param>
/// <param name="PackageVersion">Its version.</param>
/// <param name="Megabytes">About how much is downloaded.</param>
public sealed record AcceleratorPackage(string Name, string Package, string PackageVersion, int Megabytes)
{
    /// <summary>Version of TorchSharp: the one that our code is made for.</summary>
    public const string Version = "0.107.0";

    /// <summary>Version of libtorch that it binds.</summary>
    public const string LibtorchVersion = "2.10.0";

    /// <summary>The CUDA that the packages for cards are built with.</summary>
    public static Version CudaVersion { get; } = new(12, 8);

    /// <summary>The code that binds libtorch, without libtorch: for a folder of it that is already there.</summary>
    public static AcceleratorPackage Binding { get; } = new("binding", "TorchSharp", Version, 4);

    /// <summary>libtorch for the processor.</summary>
    public static AcceleratorPackage Cpu { get; } = new("cpu", $"libtorch-cpu-{Platform()}", LibtorchVersion, 130);

    /// <summary>libtorch for NVIDIA's cards, CUDA 12.8.</summary>
    public static AcceleratorPackage Cuda { get; } =
        new("cuda", OperatingSystem.IsWindows() ? "TorchSharp-cuda-windows" : "TorchSharp-cuda-linux", Version, 3000);

    /// <summary>Those with libtorch.</summary>
    public static IReadOnlyList<AcceleratorPackage> All { get; } = [Cuda, Cpu];

    /// <summary>The folder of all accelerators.</summary>
    public static string Root => Path.Combine(WeightsFolders.OfThisUser().Cache, "accelerators");

    /// <summary>Locked by the process that installs or removes.</summary>
    internal static string LockFile => Path.Combine(Root, "installing.lock");

    /// <summary>Where it is, if it is installed.</summary>
    public string Folder => Path.Combine(Root, $"torchsharp-{Version}-{Name}");

    /// <summary>Whether it is there, whole.</summary>
    public bool IsInstalled => File.Exists(Path.Combine(Folder, Complete));

    /// <summary>How much is installed, in MB.</summary>
    public double InstalledMegabytes => new DirectoryInfo(Folder).EnumerateFiles().Sum(f => f.Length) / 1e6;

    /// <summary>Deletes what is installed, of any version.</summary>
    /// <param name="name">Which; null: all.</param>
    /// <returns>The folders that were deleted.</returns>
    /// <exception cref="InputException">Another process installs there.</exception>
    public static IReadOnlyList<string> Remove(string? name)
    {
        if (!Directory.Exists(Root))
            return [];
        using FileStream held = HeldFile.TryHold(LockFile, FileMode.OpenOrCreate)
            ?? throw new InputException($"{Root}: another process installs there, or it cannot be written");
        string[] folders = Directory.GetDirectories(Root, name is null ? "torchsharp-*" : $"torchsharp-*-{name}*");
        foreach (string folder in folders)
            Directory.Delete(folder, recursive: true);
        return folders;
    }

    /// <summary>Writes down what is there, when all is: a library that is cut off later would end the process that loads it.</summary>
    internal static void Seal(string folder)
    {
        FileInfo[] files = [.. new DirectoryInfo(folder).EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal)];
        File.WriteAllLines(
            Path.Combine(folder, Complete), files.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Length} {f.Name}")));
    }

    /// <summary>Looks whether all is as it was installed.</summary>
    /// <exception cref="InputException">A file is missing, or of another length.</exception>
    internal void Check()
    {
        foreach (string[] line in File.ReadLines(Path.Combine(Folder, Complete)).Select(l => l.Split(' ', 2)))
        {
            var file = new FileInfo(Path.Combine(Folder, line[^1]));
            string found = file.Exists ? file.Length.ToString(CultureInfo.InvariantCulture) : "none";
            if (found != line[0])
                throw new InputException($"{file.FullName}: expected {line[0]} bytes, found {found}", Remedy.InstallAgain);
        }
    }

    /// <summary>The platform of this process as packages name it: <c>linux-x64</c>.</summary>
    internal static string Platform()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    // The file that is written last.
    private const string Complete = "installed.txt";
}
