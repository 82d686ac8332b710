using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Sums of outer products over pixels, of any number of channels, in tiles.</summary>
internal static unsafe class OuterProducts
{
    /// <summary>
    /// Adds to sums <c>[rows, columns]</c>. Steps as <see cref="OuterProductTile{TVector, TLanes, TVectors, TRows}.Run"/> has
    /// them.
    /// </summary>
    /// <param name="left">First input channel.</param>
    /// <param name="right">First output channel; the 16 of a block lie side by side.</param>
    /// <param name="sums">Where.</param>
    /// <param name="rows">Input channels.</param>
    /// <param name="columns">Output channels: 16, or with vectors of 16 up to 64.</param>
    /// <param name="nextLeft">Inputs that will be needed next.</param>
    /// <param name="nextRight">Gradients that will be needed next.</param>
    /// <param name="steps">The shape.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TVector, TLanes>(float* left, float* right, float* sums, int rows, int columns, float* nextLeft,
        float* nextRight, OuterProductSteps* steps)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int vectors = Math.Min(OuterProductTiles.MaximumVectors, columns / TLanes.Count),
            tiles = Parts.CeilDiv(rows, OuterProductTiles.MaximumRows);
        for (int column = 0; column < columns; column += vectors * TLanes.Count)
            for (int tile = 0; tile < tiles; tile++)
            {
                int row = Parts.Start(rows, tiles, tile), height = Parts.Start(rows, tiles, tile + 1) - row;
                OuterProductTiles.Get<TVector, TLanes>(vectors, height)(left + row, right + column, sums + row * steps->SumRow + column,
                    tile == 0 ? nextLeft : nextRight, steps);
            }
    }
}
