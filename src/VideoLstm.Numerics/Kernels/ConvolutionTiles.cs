namespace VideoLstm.Numerics.Kernels;

/// <summary>Tiles of all sizes.</summary>
internal static unsafe class ConvolutionTiles
{
    // 24 sums, 4 weights and 1 input value take 29 of AVX-512's 32 registers.

    /// <summary>The most pixels of a tile.</summary>
    public const int MaximumPixels = 6;

    /// <summary>The most vectors of a tile.</summary>
    public const int MaximumVectors = 4;

    /// <summary><see cref="ConvolutionTile{TVector, TLanes, TVectors, TPixels}.Run"/> for that many vectors and pixels.</summary>
    public static delegate*<float*, float*, float*, float*, bool, TileSteps*, void> Get<TVector, TLanes>(int vectors, int pixels)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> => vectors switch
        {
            1 => Get<TVector, TLanes, One>(pixels),
            2 => Get<TVector, TLanes, Two>(pixels),
            3 => Get<TVector, TLanes, Three>(pixels),
            _ => Get<TVector, TLanes, Four>(pixels),
        };

    private static delegate*<float*, float*, float*, float*, bool, TileSteps*, void> Get<TVector, TLanes, TVectors>(int pixels)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
        where TVectors : struct, IConstant => pixels switch
        {
            1 => &ConvolutionTile<TVector, TLanes, TVectors, One>.Run,
            2 => &ConvolutionTile<TVector, TLanes, TVectors, Two>.Run,
            3 => &ConvolutionTile<TVector, TLanes, TVectors, Three>.Run,
            4 => &ConvolutionTile<TVector, TLanes, TVectors, Four>.Run,
            5 => &ConvolutionTile<TVector, TLanes, TVectors, Five>.Run,
            _ => &ConvolutionTile<TVector, TLanes, TVectors, Six>.Run,
        };
}
