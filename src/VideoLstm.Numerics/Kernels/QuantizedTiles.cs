namespace VideoLstm.Numerics.Kernels;

/// <summary>Tiles of all sizes.</summary>
internal static unsafe class QuantizedTiles
{
    /// <summary>The most pixels of a tile.</summary>
    public const int MaximumPixels = 6;

    /// <summary><see cref="QuantizedTile{TPixels}.Run"/> for that many pixels.</summary>
    public static delegate*<byte*, sbyte*, byte*, float*, float*, QuantizedTileSteps*, void> Get(int pixels) => pixels switch
    {
        1 => &QuantizedTile<One>.Run,
        2 => &QuantizedTile<Two>.Run,
        3 => &QuantizedTile<Three>.Run,
        4 => &QuantizedTile<Four>.Run,
        5 => &QuantizedTile<Five>.Run,
        _ => &QuantizedTile<Six>.Run,
    };
}
