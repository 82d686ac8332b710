namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// What all tiles of one gradient of weights have in common. A tile sums over <see cref="Rows"/> rows, in each over
/// <see cref="Run"/> pixels. All steps are in floats.
/// </summary>
internal struct OuterProductSteps
{
    public int Rows;
    public int Run;
    public nint LeftRow;
    public nint LeftPixel;
    public nint RightRow;
    public nint RightVector;
    public nint SumRow;
    public nint SumVector;
}
