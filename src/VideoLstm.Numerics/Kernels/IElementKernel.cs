namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// What to do with one vector of elements. A struct that holds its pointers; it never mixes lanes, so neither the
/// vector's width nor where the work is cut changes a result.
/// </summary>
internal interface IElementKernel
{
    /// <summary>Computes the elements from <paramref name="i"/> on, as many as a vector has lanes.</summary>
    void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>;
}
