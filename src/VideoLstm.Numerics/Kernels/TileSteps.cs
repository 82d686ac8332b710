namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// What all tiles of one convolution have in common. A tile sums over <see cref="Blocks"/> input blocks, in each over
/// <see cref="Rows"/> kernel rows, in each over <see cref="Run"/> floats that lie side by side (kernel width times the
/// channels of a block). All steps are in floats.
/// </summary>
internal struct TileSteps
{
    public int Blocks;
    public int Rows;
    public int Run;
    public nint InputBlock;
    public nint InputRow;
    public nint InputPixel;
    public nint WeightBlock;
    public nint WeightVector;
    public nint OutputVector;
}
