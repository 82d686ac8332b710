using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Accelerators;

/// <summary>
/// NVIDIA's driver on this machine and the cards that it shows to this process. It is asked without libtorch, before gigabytes of libraries
/// are fetched or loaded.
/// </summary>
/// <remarks>CUDA Driver API, sections "Initialization", "Version Management", "Device Management" and "Memory Management".</remarks>
public sealed partial class CudaDriver
{
    private const string Library = "nvcuda";
    private const int LongestName = 256;
    private const double Gibibyte = 1 << 30;

    // CUresult: out of memory, no card, a stand-in for the driver that only programs are linked with.
    private const int OutOfMemory = 2, NoDevice = 100, StubLibrary = 34;

    // CUdevice_attribute.
    private const int MajorCapability = 75, MinorCapability = 76;

    // CUDA's context and InceptionV3 in single precision with a small batch.
    private const long LeastFree = 1L << 30;

    private static readonly Lazy<CudaDriver> Asked = new(() => new CudaDriver());

    private static string LibraryFile => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    static CudaDriver() => NativeLibrary.SetDllImportResolver(typeof(CudaDriver).Assembly, (name, assembly, path) =>
        name == Library ? NativeLibrary.Load(LibraryFile, assembly, path) : 0);

    private CudaDriver()
    {
        try
        {
            int error = Initialize(0);
            if (error is NoDevice or StubLibrary)
                Fault = "NVIDIA's driver finds no card";
            else if (error != 0)
                (Fault, HasCard) = ($"NVIDIA's driver does not start: {Describe(error)}", true);
            else
                ReadCards();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            HasCard = IsCardOnBus();
            Fault = e is not DllNotFoundException ? $"{LibraryFile} is no driver of NVIDIA"
                : HasCard ? $"a card of NVIDIA is there, its driver is not ({LibraryFile})"
                : $"there is no driver of NVIDIA ({LibraryFile})";
        }
    }

    /// <summary>Why no card answers; null: one does.</summary>
    public string? Fault { get; }

    /// <summary>Whether the machine has a card, usable or not.</summary>
    public bool HasCard { get; private set; }

    /// <summary>The newest CUDA that the driver knows; null where it does not answer.</summary>
    public Version? Cuda { get; private set; }

    /// <summary>The cards that answer.</summary>
    public IReadOnlyList<CudaCard> Cards { get; private set; } = [];

    /// <summary>The driver's own version, such as <c>570.86.15</c>; null where the system does not say it.</summary>
    public static string? Version
    {
        get
        {
            try
            {
                return ModuleVersion().Match(File.ReadLines("/proc/driver/nvidia/version").First()) is { Success: true } match
                    ? match.Value : null;
            }
            catch (Exception e) when (InputFailure.IsOfOne(e) || e is InvalidOperationException)
            {
                return null;
            }
        }
    }

    /// <summary>Asks the driver, once a process.</summary>
    public static CudaDriver Ask() => Asked.Value;

    /// <summary>A card on which libtorch can compute.</summary>
    /// <param name="device">What the user typed, for messages.</param>
    /// <param name="index">Its number.</param>
    /// <param name="cuda">The CUDA that libtorch was built with.</param>
    /// <exception cref="InputException">There is none: the driver, its version, the card's capability or its memory is said.</exception>
    internal CudaCard Require(string device, int index, Version cuda)
    {
        if (Fault is not null)
            throw new InputException($"{device}: {Fault}", Remedy.CheckDriver);
        // CUDA, "Minor Version Compatibility": any driver of the same major version will do.
        if (Cuda!.Major < cuda.Major)
            throw new InputException($"{device}: NVIDIA's driver is too old: expected one for CUDA {cuda.Major}.0 or newer, found " +
                $"{Cuda}", Remedy.CheckDriver);
        if (index >= Cards.Count)
            throw new InputException($"{device}: no such card; there are {string.Join(", ", Cards.Select(c => $"cuda:{c.Index} ({c})"))}",
                Remedy.CheckDriver);
        CudaCard card = Cards[index];
        Version least = LeastCapability(cuda);
        if (card.Capability < least)
            throw new InputException($"{device}: {card.Name} is too old for this libtorch: expected compute capability {least} or " +
                $"higher, found {card.Capability}", Remedy.TakeNewerCard);
        long free = FreeMemory(card);
        if (free < LeastFree)
            throw new InputException(Invariant($"{device}: {card} has too little free memory: expected {LeastFree / Gibibyte:0.0} GiB, ") +
                Invariant($"found {free / Gibibyte:0.0}"), Remedy.FreeCard);
        return card;
    }

    /// <summary>Bytes that a card has free; what is asked for it, a context, stays for libtorch.</summary>
    private static long FreeMemory(CudaCard card)
    {
        int error = GetDevice(out int device, card.Index);
        if (error == 0)
            error = RetainContext(out nint context, device) is var retained and not 0 ? retained : PushContext(context);
        if (error == OutOfMemory)
            return 0;
        if (error != 0)
            throw new InputException($"cuda:{card.Index}: {card} does not answer: {Describe(error)}", Remedy.CheckDriver);
        error = GetMemory(out nuint free, out _);
        _ = PopContext(out _);
        return error == 0 ? (long)free
            : throw new InputException($"cuda:{card.Index}: {card} does not answer: {Describe(error)}", Remedy.CheckDriver);
    }

    // PyTorch 2.10, RELEASE.md, "PyTorch CUDA Support Matrix".
    private static Version LeastCapability(Version cuda) => cuda.Major >= 13 ? new(7, 5) : cuda.Minor >= 8 ? new(7, 0) : new(5, 0);

    private void ReadCards()
    {
        int known = GetVersion(out int version) == 0 ? version : 0;
        Cuda = new Version(known / 1000, known % 1000 / 10);
        var cards = new List<CudaCard>();
        int count = GetCount(out int number) == 0 ? number : 0;
        for (int i = 0; i < count; i++)
        {
            var name = new byte[LongestName];
            if (GetDevice(out int device, i) != 0 || GetName(name, LongestName, device) != 0 || GetTotalMemory(out nuint bytes, device) != 0
                || GetAttribute(out int major, MajorCapability, device) != 0 || GetAttribute(out int minor, MinorCapability, device) != 0)
                break;
            string text = System.Text.Encoding.UTF8.GetString(name.AsSpan(0, Math.Max(0, Array.IndexOf(name, (byte)0))));
            cards.Add(new CudaCard(i, Printable.Short(text), (long)bytes, new Version(major, minor)));
        }
        (Cards, HasCard) = (cards, cards.Count > 0);
    }

    // Vendor NVIDIA, class display controller: also seen where its driver is not installed.
    private static bool IsCardOnBus()
    {
        try
        {
            return Directory.EnumerateDirectories("/sys/bus/pci/devices").Any(device =>
                File.ReadAllText(Path.Combine(device, "vendor")).Trim() == "0x10de"
                && File.ReadAllText(Path.Combine(device, "class")).StartsWith("0x03", StringComparison.Ordinal));
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            return false;
        }
    }

    private static string Describe(int error) => GetErrorName(error, out nint name) == 0 && Marshal.PtrToStringUTF8(name) is { } text
        ? $"{Printable.Short(text)} ({error})" : Invariant($"error {error}");

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?", RegexOptions.ExplicitCapture)]
    private static partial Regex ModuleVersion();

    [LibraryImport(Library, EntryPoint = "cuInit")]
    private static partial int Initialize(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDriverGetVersion")]
    private static partial int GetVersion(out int version);

    [LibraryImport(Library, EntryPoint = "cuGetErrorName")]
    private static partial int GetErrorName(int error, out nint name);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetCount")]
    private static partial int GetCount(out int count);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    private static partial int GetDevice(out int device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    private static partial int GetName([Out] byte[] name, int length, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    private static partial int GetTotalMemory(out nuint bytes, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetAttribute")]
    private static partial int GetAttribute(out int value, int attribute, int device);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static partial int RetainContext(out nint context, int device);

    [LibraryImport(Library, EntryPoint = "cuCtxPushCurrent_v2")]
    private static partial int PushContext(nint context);

    [LibraryImport(Library, EntryPoint = "cuCtxPopCurrent_v2")]
    private static partial int PopContext(out nint context);

    [LibraryImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    private static partial int GetMemory(out nuint free, out nuint total);
}
