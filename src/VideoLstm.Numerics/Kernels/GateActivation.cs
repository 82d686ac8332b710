namespace VideoLstm.Numerics.Kernels;

/// <summary>What a recurrent layer makes of the sums of its gates: Keras' <c>recurrent_activation</c>.</summary>
public enum GateActivation
{
    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,

    /// <summary>clip(0.2 x + 0.5, 0, 1): Keras' hard_sigmoid before Keras 3, its default before 2.3.</summary>
    HardSigmoid,

    /// <summary>clip(x / 6 + 0.5, 0, 1): Keras' hard_sigmoid since Keras 3.</summary>
    HardSigmoid6,
}
