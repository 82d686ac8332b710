using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Which instruction set the kernels use.</summary>
public static class Simd
{
    /// <summary>The environment variable that forces a level: <c>scalar</c>, <c>vector128</c>, <c>avx2</c> or <c>avx512</c>.</summary>
    public const string EnvironmentVariable = "VLSTM_SIMD";

    /// <summary>Every level that this machine can run, worst first. The scalar one always can.</summary>
    public static IReadOnlyList<SimdLevel> Supported { get; } = [.. Enum.GetValues<SimdLevel>().Where(IsSupported)];

    /// <summary>The level in use: the best supported one, or the one that <see cref="EnvironmentVariable"/> names.</summary>
    /// <exception cref="PlatformNotSupportedException">The variable names no level, or one that this machine lacks.</exception>
    public static SimdLevel Level { get; } = Choose(Environment.GetEnvironmentVariable(EnvironmentVariable));

    /// <summary>Whether networks of bytes are faster than those of floats here.</summary>
    public static bool HasFastBytes => QuantizedSimd.IsFast(Level);

    internal static SimdLevel Choose(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return Supported[^1];
        if (Enum.TryParse(name, ignoreCase: true, out SimdLevel level) && Supported.Contains(level))
            return level;
        string choices = string.Join(", ", Supported.Select(l => l.ToString().ToLowerInvariant()));
        throw new PlatformNotSupportedException($"{EnvironmentVariable}={name}: expected one of {choices}; unset it to use the best");
    }

    private static bool IsSupported(SimdLevel level) => level switch
    {
        SimdLevel.Scalar => true,
        SimdLevel.Vector128 => Vector128.IsHardwareAccelerated,
        SimdLevel.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        SimdLevel.Avx512 => Avx512F.IsSupported,
        _ => false,
    };
}
