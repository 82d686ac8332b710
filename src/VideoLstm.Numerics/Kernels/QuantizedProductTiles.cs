namespace VideoLstm.Numerics.Kernels;

/// <summary>Tiles of all sizes.</summary>
internal static unsafe class QuantizedProductTiles
{
    /// <summary><see cref="QuantizedProductTile{TVectors, TPixels}.Run"/> for that many vectors and pixels.</summary>
    public static delegate*<short*, short*, int*, bool, int, nint, nint, nint, void> Get(int vectors, int pixels) => vectors switch
    {
        1 => Get<One>(pixels),
        2 => Get<Two>(pixels),
        3 => Get<Three>(pixels),
        _ => Get<Four>(pixels),
    };

    private static delegate*<short*, short*, int*, bool, int, nint, nint, nint, void> Get<TVectors>(int pixels)
        where TVectors : struct, IConstant => pixels switch
        {
            1 => &QuantizedProductTile<TVectors, One>.Run,
            2 => &QuantizedProductTile<TVectors, Two>.Run,
            3 => &QuantizedProductTile<TVectors, Three>.Run,
            4 => &QuantizedProductTile<TVectors, Four>.Run,
            5 => &QuantizedProductTile<TVectors, Five>.Run,
            _ => &QuantizedProductTile<TVectors, Six>.Run,
        };
}
