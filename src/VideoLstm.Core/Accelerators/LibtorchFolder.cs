using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Accelerators;

/// <summary>
/// A folder of libtorch that is already there, used instead of a download: an unpacked libtorch, or PyTorch's own <c>torch/lib</c>, by pip
/// or by conda. PyTorch's libraries for Linux have had the C++11 ABI, with which TorchSharp is built, since 2.7.
/// </summary>
/// <param name="Libraries">Where its libraries lie: a full path.</param>
/// <param name="Version">What it says of itself, such as <c>2.10.0+cu128</c>; null: nothing, and only the library knows.</param>
/// <param name="Cuda">The CUDA that it was built with; null: it is for the processor alone.</param>
public sealed partial record LibtorchFolder(string Libraries, string? Version, Version? Cuda)
{
    /// <summary>The environment variable that names it.</summary>
    public const string Variable = "VLSTM_LIBTORCH";

    private const int LongestVersionFile = 1 << 14;

    private static readonly string[] Needed = ["c10", "torch_cpu", "torch"];

    /// <summary>What the user named; null: nothing.</summary>
    /// <exception cref="InputException">It is no folder of libtorch, is damaged, or holds another version.</exception>
    public static LibtorchFolder? Asked() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? Read(path) : null;

    /// <summary>Looks at a folder, without loading anything.</summary>
    /// <param name="path">The libraries' own folder, or one or two above it: <c>libtorch</c>, <c>torch</c>, <c>site-packages</c>.</param>
    /// <exception cref="InputException">It is no folder of libtorch, is damaged, or holds another version.</exception>
    public static LibtorchFolder Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path), main = FileName("torch_cpu");
        if (!Directory.Exists(full))
            throw Refuse(full, "no such folder");
        string libraries = new[] { full, Path.Combine(full, "lib"), Path.Combine(full, "torch", "lib") }
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, main)))
            ?? throw Refuse(full, $"expected a folder of libtorch, found no {main}");
        (string? version, string? cuda) = ReadVersion(Path.GetDirectoryName(libraries) ?? libraries);
        Check(libraries, version);
        try
        {
            foreach (string name in Needed.Select(FileName).Where(name => !File.Exists(Path.Combine(libraries, name))))
                throw Refuse(libraries, $"{name} is missing");
            foreach (string library in OperatingSystem.IsLinux() ? SharedLibraries(libraries) : [])
                ElfFile.CheckWhole(library);
        }
        catch (Exception e) when (e is InputException { Remedy: Remedy.None } or IOException or UnauthorizedAccessException)
        {
            throw Refuse(libraries, e.Message, e);
        }
        bool hasCuda = File.Exists(Path.Combine(libraries, FileName("torch_cuda")));
        return new LibtorchFolder(libraries, version, hasCuda ? ParseCuda(cuda) : null);
    }

    /// <summary>Refuses another version than the one that our code is made for.</summary>
    /// <param name="libraries">Where the libraries lie.</param>
    /// <param name="version">What was found; null: nobody says.</param>
    /// <exception cref="InputException">It is another.</exception>
    public static void Check(string libraries, string? version)
    {
        if (version is not null && version.Split('+')[0] != AcceleratorPackage.LibtorchVersion)
            throw new InputException(
                $"{libraries}: libtorch of another version: found {version}, expected {AcceleratorPackage.LibtorchVersion}",
                Remedy.NameLibtorch);
    }

    /// <summary>The file name of a native library on this system.</summary>
    public static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? name : name + ".dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    // Those of pip's packages of NVIDIA, too: libtorch finds them beside itself.
    private static IEnumerable<string> SharedLibraries(string libraries)
    {
        string nvidia = Path.Combine(libraries, "..", "..", "nvidia");
        return Directory.EnumerateFiles(libraries, "lib*.so*").Concat(
            Directory.Exists(nvidia) ? Directory.EnumerateFiles(nvidia, "lib*.so*", SearchOption.AllDirectories) : []);
    }

    private static (string? Version, string? Cuda) ReadVersion(string folder)
    {
        // PyTorch's own, and libtorch's.
        if (Text(Path.Combine(folder, "version.py")) is { } python && PythonVersion().Match(python) is { Success: true } version)
            return (Printable.Short(version.Groups["value"].Value),
                PythonCuda().Match(python) is { Success: true } cuda ? cuda.Groups["value"].Value : null);
        return Text(Path.Combine(folder, "build-version"))?.Trim() is { Length: > 0 } text
            ? (Printable.Short(text), LocalCuda().Match(text) is { Success: true } local
                ? $"{local.Groups["major"].Value}.{local.Groups["minor"].Value}" : null)
            : (null, null);
    }

    private static string? Text(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var text = new char[LongestVersionFile];
            return new string(text, 0, reader.ReadBlock(text));
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            return null;
        }
    }

    private static Version ParseCuda(string? text) =>
        System.Version.TryParse(text, out Version? cuda) ? cuda : AcceleratorPackage.CudaVersion;

    private static InputException Refuse(string folder, string fact, Exception? inner = null) =>
        new($"{Variable}: {(fact.StartsWith(folder, StringComparison.Ordinal) ? fact : $"{folder}: {fact}")}", Remedy.NameLibtorch, inner);

    [GeneratedRegex(@"^__version__\b[^=\n]*=\s*['""](?<value>[^'""\n]+)['""]", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex PythonVersion();

    [GeneratedRegex(@"^cuda\b[^=\n]*=\s*['""](?<value>[^'""\n]+)['""]", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex PythonCuda();

    [GeneratedRegex(@"\+cu(?<major>[0-9]{2})(?<minor>[0-9])$", RegexOptions.ExplicitCapture)]
    private static partial Regex LocalCuda();
}
