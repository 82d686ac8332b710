namespace VideoLstm.Core.Features;

/// <summary>A published weights file.</summary>
/// <param name="Url">Where it is published. Plain http is taken for this machine's own addresses only.</param>
/// <param name="FileName">What it is called on disk.</param>
/// <param name="Md5">Its digest, lower-case hexadecimal.</param>
/// <param name="LargestBytes">More than this is never downloaded.</param>
public sealed record WeightsSource(Uri Url, string FileName, string Md5, long LargestBytes)
{
    private const string Published = "https://storage.googleapis.com/tensorflow/keras-applications/";

    /// <summary>What it is called to people.</summary>
    public string Title { get; init; } = "InceptionV3";

    /// <summary>What to do where it cannot be had.</summary>
    public Remedy Without { get; init; } = Remedy.NameInception;

    /// <summary>Other names under which Keras' cache may hold the same weights.</summary>
    public IReadOnlyList<string> OtherKerasNames { get; init; } = [];

    /// <summary>Names under which torch hub's cache may hold the same weights.</summary>
    public IReadOnlyList<string> TorchNames { get; init; } = [];

    /// <summary>InceptionV3 without top, trained on ImageNet, as keras.applications.inception_v3 publishes and checks it.</summary>
    public static WeightsSource KerasInceptionV3 { get; } = new(
        new Uri(Published + "inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "bcbd6486424b2319ff4ef7d526e38f63",
        LargestBytes: 200_000_000)
    {
        OtherKerasNames = ["inception_v3_weights_tf_dim_ordering_tf_kernels.h5"],
        TorchNames = ["inception_v3_google-0cc3c7bd.pth", "inception_v3_google-1a9a5a14.pth"],
    };

    /// <summary>
    /// MobileNet (width 1, 224 x 224) without top, trained on ImageNet, as keras.applications.mobilenet publishes it. Keras itself checks
    /// no digest of it; this is the one that others found.
    /// </summary>
    public static WeightsSource KerasMobileNet { get; } = new(
        new Uri(Published + "mobilenet/mobilenet_1_0_224_tf_no_top.h5"),
        "mobilenet_1_0_224_tf_no_top.h5",
        "725ccbd03d61d7ced5b5c4cd17e7d527",
        LargestBytes: 40_000_000)
    {
        Title = "MobileNet",
        Without = Remedy.NameMobileNet,
        OtherKerasNames = ["mobilenet_1_0_224_tf.h5"],
    };
}
