namespace VideoLstm.Core.Accelerators;

/// <summary>Makes published libraries load where the system's C++ library is older than the one that they were linked with.</summary>
internal static class LibraryVersions
{
    /// <summary>What TorchSharp calls into; the others ask for nothing that is new.</summary>
    private const string Bridge = "libLibTorchSharp.so";

    /// <summary>Changes the one library that needs it, if this machine needs it.</summary>
    /// <param name="folder">The folder with the libraries.</param>
    /// <returns>What was changed, a line each.</returns>
    public static IReadOnlyList<string> Mend(string folder)
    {
        string path = Path.Combine(folder, Bridge);
        if (!OperatingSystem.IsLinux() || !File.Exists(path) || CxxLibrary.Adapt(path) is not { } adapted)
            return [];
        File.WriteAllBytes(path, adapted);
        return [$"{Bridge}: made to load with this system's {CxxLibrary.Name}, which lacks a version that it names and does not use"];
    }
}
