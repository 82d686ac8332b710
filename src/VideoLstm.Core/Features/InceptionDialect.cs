namespace VideoLstm.Core.Features;

/// <summary>
/// Whose InceptionV3 the weights were made for. The two compute the same but for the 3 x 3 average pools, where a window
/// reaches over the edge of the picture.
/// </summary>
public enum InceptionDialect
{
    /// <summary>Keras, TensorFlow: the mean of the places inside the picture.</summary>
    Keras,

    /// <summary>torchvision, timm: places outside count as zeros.</summary>
    Torchvision,
}
