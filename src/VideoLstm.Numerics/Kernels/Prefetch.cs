using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Asks for the weights of the next stretch of work while the present one is computed, a share with each tile, so that they
/// are in the second-level cache when their turn comes. A network has more weights than the caches hold. Only a hint: no
/// address is wrong, and where there is no such instruction nothing happens.
/// </summary>
/// <param name="start">The first weight.</param>
/// <param name="length">Floats that lie side by side.</param>
/// <param name="segments">How many such stretches.</param>
/// <param name="step">Floats from one to the next.</param>
/// <param name="shares">Calls of <see cref="Next"/> that it takes to ask for all.</param>
internal unsafe struct Prefetch(float* start, nint length, int segments, nint step, int shares)
{
    private const int Line = 16;

    private readonly nint _share = Sse.IsSupported ? (length * segments / Math.Max(1, shares) + Line - 1) / Line : 0;
    private readonly nint _length = length;
    private readonly nint _step = step;
    private float* _next = start;
    private nint _left = length;
    private int _segments = segments;

    /// <summary>Asks for one share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next()
    {
        for (nint i = 0; i < _share && _segments > 0; i++)
        {
            Sse.Prefetch1(_next);
            _next += Line;
            _left -= Line;
            if (_left <= 0)
            {
                _segments--;
                _next += _step - _length;
                _left = _length;
            }
        }
    }
}
