namespace VideoLstm.Numerics.Kernels;

/// <summary>Tiles of all sizes.</summary>
internal static unsafe class OuterProductTiles
{
    /// <summary>The most rows of a tile.</summary>
    public const int MaximumRows = 6;

    /// <summary>The most vectors of a tile.</summary>
    public const int MaximumVectors = 4;

    /// <summary><see cref="OuterProductTile{TVector, TLanes, TVectors, TRows}.Run"/> for that many vectors and rows.</summary>
    public static delegate*<float*, float*, float*, float*, OuterProductSteps*, void> Get<TVector, TLanes>(int vectors, int rows)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> => vectors switch
        {
            1 => Get<TVector, TLanes, One>(rows),
            2 => Get<TVector, TLanes, Two>(rows),
            3 => Get<TVector, TLanes, Three>(rows),
            _ => Get<TVector, TLanes, Four>(rows),
        };

    private static delegate*<float*, float*, float*, float*, OuterProductSteps*, void> Get<TVector, TLanes, TVectors>(int rows)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
        where TVectors : struct, IConstant => rows switch
        {
            1 => &OuterProductTile<TVector, TLanes, TVectors, One>.Run,
            2 => &OuterProductTile<TVector, TLanes, TVectors, Two>.Run,
            3 => &OuterProductTile<TVector, TLanes, TVectors, Three>.Run,
            4 => &OuterProductTile<TVector, TLanes, TVectors, Four>.Run,
            5 => &OuterProductTile<TVector, TLanes, TVectors, Five>.Run,
            _ => &OuterProductTile<TVector, TLanes, TVectors, Six>.Run,
        };
}
