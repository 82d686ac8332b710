namespace VideoLstm.Core.Samples;

/// <summary>What is seen beyond the edge of a frame: the modes of SciPy's ndimage that Keras' ImageDataGenerator offers.</summary>
public enum FillMode
{
    /// <summary>The nearest pixel: <c>aaaa|abcd|dddd</c>.</summary>
    Nearest,

    /// <summary>One value: <c>kkkk|abcd|kkkk</c>.</summary>
    Constant,

    /// <summary>The frame mirrored: <c>dcba|abcd|dcba</c>.</summary>
    Reflect,

    /// <summary>
    /// The frame again, whose last pixel lies on the first, as in SciPy's <c>wrap</c>: <c>abc|abcd|bcd</c>.
    /// </summary>
    Wrap,
}
