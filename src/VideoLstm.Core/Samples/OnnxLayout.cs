namespace VideoLstm.Core.Samples;

/// <summary>In which order a network takes pictures: N samples, T frames of a sample, C channels, H rows, W columns.</summary>
public enum OnnxLayout
{
    /// <summary>As PyTorch has it.</summary>
    NCHW,

    /// <summary>As Keras has it.</summary>
    NHWC,

    /// <summary>Several frames, channels first: R(2+1)D, X3D.</summary>
    NCTHW,

    /// <summary>Several frames, each with channels first: VideoMAE, TimeSformer.</summary>
    NTCHW,

    /// <summary>Several frames, channels last.</summary>
    NTHWC,
}
