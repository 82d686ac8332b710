using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using VideoLstm.Core.Media;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Training;

/// <summary>What a run ran with: programs and processor. Two runs of equal options and equal such values give equal results.</summary>
public static class Machine
{
    /// <summary>Names and values: vlstm, dotnet, ffmpeg, system, processor, simd, threads.</summary>
    public static IReadOnlyList<(string Name, string Value)> Describe() =>
    [
        ("vlstm", typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown"),
        ("dotnet", RuntimeInformation.FrameworkDescription),
        ("ffmpeg", FfmpegVersion()),
        ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}"),
        ("processor", Processor()),
        ("simd", Simd.Level.ToString().ToLowerInvariant()),
        ("threads", $"{Workers.Count} of {Environment.ProcessorCount}"),
    ];

    // Stored sequences can be learnt from without it.
    private static string FfmpegVersion()
    {
        try
        {
            return Ffmpeg.InstalledVersion;
        }
        catch (MissingToolException)
        {
            return "not installed";
        }
    }

    // The brand string of x86 (Intel SDM, CPUID leaves 0x80000002 to 0x80000004); others have no such thing.
    internal static string Processor()
    {
        const int firstLeaf = unchecked((int)0x80000002), leaves = 3;
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < unchecked((uint)firstLeaf) + leaves - 1)
            return RuntimeInformation.ProcessArchitecture.ToString();
        int[] words = new int[4 * leaves];
        for (int i = 0; i < leaves; i++)
            (words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]) = X86Base.CpuId(firstLeaf + i, 0);
        return string.Join(' ', Encoding.ASCII.GetString(MemoryMarshal.AsBytes(words.AsSpan()))
            .Split((char[])[' ', '\0'], StringSplitOptions.RemoveEmptyEntries));
    }
}
