using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace VideoLstm.Torch;

/// <summary>
/// What NVIDIA's driver says of a card: the numbers of cards are those of CUDA, whatever is made visible to this process.
/// </summary>
/// <remarks>CUDA Driver API, section "Device Management".</remarks>
internal static partial class CudaDriver
{
    private const string Library = "nvcuda";
    private const int LongestName = 256;
    private const double Gibibyte = 1 << 30;

    static CudaDriver() => NativeLibrary.SetDllImportResolver(typeof(CudaDriver).Assembly, (name, assembly, path) =>
        name == Library ? NativeLibrary.Load(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", assembly, path) : 0);

    /// <summary>Name and memory of a card; where the driver does not say, its number.</summary>
    public static string Describe(int card)
    {
        try
        {
            var name = new byte[LongestName];
            if (Initialize(0) == 0 && GetDevice(out int device, card) == 0 && GetName(name, LongestName, device) == 0
                && GetTotalMemory(out nuint bytes, device) == 0)
            {
                string text = Encoding.UTF8.GetString(name, 0, Array.IndexOf(name, (byte)0));
                return string.Create(CultureInfo.InvariantCulture, $"{text}, {bytes / Gibibyte:0.0} GiB");
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            // libtorch has found the card: it works without its name.
        }
        return $"card {card}";
    }

    [LibraryImport(Library, EntryPoint = "cuInit")]
    private static partial int Initialize(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    private static partial int GetDevice(out int device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    private static partial int GetName([Out] byte[] name, int length, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    private static partial int GetTotalMemory(out nuint bytes, int device);
}
