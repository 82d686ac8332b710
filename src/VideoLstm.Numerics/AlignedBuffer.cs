using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics;

/// <summary>
/// Zeroed floats that never move, aligned to 64 bytes: one cache line, one 512-bit vector. Kernels take their pointers.
/// The garbage collector frees them, so whoever uses <see cref="Pointer"/> keeps the buffer reachable meanwhile: a layer its own,
/// others by <c>fixed (float* pointer = buffer)</c>.
/// </summary>
public sealed unsafe class AlignedBuffer
{
    private const int Alignment = 64;
    private readonly float[] _pinned;

    /// <summary>Allocates <paramref name="length"/> floats, all zero.</summary>
    public AlignedBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        _pinned = GC.AllocateArray<float>(checked(length + Alignment / sizeof(float)), pinned: true);
        nint start = (nint)Unsafe.AsPointer(ref _pinned[0]);
        Pointer = (float*)((start + Alignment - 1) & -Alignment);
    }

    /// <summary>Number of floats.</summary>
    public int Length { get; }

    /// <summary>The first float.</summary>
    public float* Pointer { get; }

    /// <summary>All floats as a span.</summary>
    public Span<float> Span => _pinned.AsSpan(Start, Length);

    /// <summary>All floats, for those who need to keep them.</summary>
    public Memory<float> Memory => _pinned.AsMemory(Start, Length);

    /// <summary>For <c>fixed</c>, which keeps the buffer reachable.</summary>
    public ref float GetPinnableReference() => ref _pinned[Start];

    private int Start => (int)(Pointer - (float*)Unsafe.AsPointer(ref _pinned[0]));
}
