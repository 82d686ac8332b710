namespace VideoLstm.Numerics.Kernels;

/// <summary>What all tiles of one quantized direct convolution have in common; see <see cref="TileSteps"/>. Steps in bytes.</summary>
internal struct QuantizedTileSteps
{
    public int Blocks;
    public int Rows;

    /// <summary>Groups of 4 bytes that lie side by side.</summary>
    public int Run;
    public nint InputBlock;
    public nint InputRow;
    public nint InputPixel;
}
