namespace VideoLstm.Numerics.Kernels;

/// <summary>Work that is compiled for each instruction set: a struct that holds what it works on.</summary>
internal interface ISimdKernel
{
    void Run<TVector, TLanes>()
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>;
}
