namespace VideoLstm.Core.Samples;

/// <summary>How the frames of a sequence are chosen from the frames of a clip.</summary>
public enum FrameSampling
{
    /// <summary>Spread evenly over the whole clip: the middle frame of each of <c>length</c> equal parts.</summary>
    Even,

    /// <summary>
    /// The Python scripts' choice: every (frames / length)-th frame from the first on. Up to half of the clip is never seen.
    /// </summary>
    Stride,

    /// <summary>The first <c>length</c> frames, as Keras' CNN-RNN example takes them.</summary>
    Head,

    /// <summary>Many sequences a clip: a window of some seconds slides over it, and in each the frames are spread evenly.</summary>
    Sliding,
}
