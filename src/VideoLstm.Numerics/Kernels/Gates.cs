using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>The activation of recurrent layers' gates, as a slope: 0 is the sigmoid, else that of a hard one.</summary>
internal static class Gates
{
    /// <summary>The slope of an activation.</summary>
    public static float Slope(GateActivation activation) => activation switch
    {
        GateActivation.HardSigmoid => 0.2f,
        GateActivation.HardSigmoid6 => 1f / 6,
        _ => 0,
    };

    /// <summary>A gate, from its sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TVector, TLanes>(TVector sum, float slope)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> =>
        slope == 0 ? Transcendental.Sigmoid<TVector, TLanes>(sum) : Transcendental.HardSigmoid<TVector, TLanes>(sum, slope);

    /// <summary>The derivative of a gate, from its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Derivative<TVector, TLanes>(TVector gate, float slope)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector one = TLanes.Broadcast(1f), zero = TLanes.Broadcast(0f);
        if (slope == 0)
            return TLanes.Multiply(gate, TLanes.Subtract(one, gate));
        return TLanes.IfLess(zero, gate, TLanes.IfLess(gate, one, TLanes.Broadcast(slope), zero), zero);
    }
}
