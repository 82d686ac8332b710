namespace VideoLstm.Numerics.Kernels;

/// <summary>What a layer does to each of its values last. The derivative follows from the output alone.</summary>
public enum Activation
{
    /// <summary>y = x.</summary>
    None,

    /// <summary>y = max(0, x).</summary>
    Relu,

    /// <summary>y = min(max(0, x), 6).</summary>
    Relu6,

    /// <summary>y = tanh(x).</summary>
    Tanh,

    /// <summary>y = 1 / (1 + e^-x).</summary>
    Sigmoid,
}
