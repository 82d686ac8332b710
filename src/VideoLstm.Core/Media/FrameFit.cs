namespace VideoLstm.Core.Media;

/// <summary>How a frame comes to the size that the network sees.</summary>
public enum FrameFit
{
    /// <summary>Plain resize, as Keras' load_img(target_size) does: the aspect ratio changes.</summary>
    Resize,

    /// <summary>Resized so that the smaller side fits, as it is shown, then the centre cut out: the aspect ratio stays.</summary>
    CenterCrop,
}
