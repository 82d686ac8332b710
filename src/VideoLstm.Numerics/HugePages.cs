using System.Runtime.InteropServices;

namespace VideoLstm.Numerics;

/// <summary>
/// Pages of 2 MB in place of 4 KB for large memory: a product of large matrices would else look up thousands of pages, on a virtual
/// machine each through two tables. Linux gives them to who asks; elsewhere, and where it gives none, nothing happens.
/// </summary>
/// <remarks>madvise(2).</remarks>
internal static unsafe partial class HugePages
{
    /// <summary>Bytes from which on it is worth asking.</summary>
    private const nint Least = 4 * 1024 * 1024;

    private const nint PageSize = 4096;
    private const int Advice = 14;

    private static bool _isMissing = !OperatingSystem.IsLinux();

    /// <summary>Asks for them. What the memory holds stays.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="bytes">How many bytes.</param>
    public static void Ask(void* start, nint bytes)
    {
        if (bytes < Least || _isMissing)
            return;
        try
        {
            nint first = ((nint)start + PageSize - 1) & -PageSize, end = ((nint)start + bytes) & -PageSize;
            _ = Advise(first, end - first, Advice);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            _isMissing = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nint length, int advice);
}
