namespace VideoLstm.Numerics.Kernels;

/// <summary>What a window does at the borders, as Keras understands it.</summary>
public enum Padding
{
    /// <summary>Windows lie inside: size / stride outputs of the first positions.</summary>
    Valid,

    /// <summary>
    /// As many outputs as strides begin inside, ceil(size / stride). What the windows lack is added on both sides, the odd one
    /// behind; it counts as zero in convolutions and as nothing in pooling.
    /// </summary>
    Same,
}
