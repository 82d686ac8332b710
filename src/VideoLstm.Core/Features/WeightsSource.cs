namespace VideoLstm.Core.Features;

/// <summary>A published weights file.</summary>
/// <param name="Url">Where it is published. Plain http is taken for this machine's own addresses only.</param>
/// <param name="FileName">What it is called on disk.</param>
/// <param name="Md5">The digest that its publisher states, lower-case hexadecimal.</param>
/// <param name="LargestBytes">More than this is never downloaded.</param>
public sealed record WeightsSource(Uri Url, string FileName, string Md5, long LargestBytes)
{
    /// <summary>InceptionV3 without top, trained on ImageNet, as keras.applications.inception_v3 publishes and checks it.</summary>
    public static WeightsSource KerasInceptionV3 { get; } = new(
        new Uri("https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "bcbd6486424b2319ff4ef7d526e38f63",
        LargestBytes: 200_000_000);
}

/// <summary>Where weights are.</summary>
/// <param name="Path">The file.</param>
/// <param name="From">How it came there, e.g. <c>Keras' cache</c>.</param>
public sealed record WeightsLocation(string Path, string From);

/// <summary>How far a download is.</summary>
/// <param name="Bytes">Bytes there.</param>
/// <param name="Total">Bytes in all, where the server says it.</param>
public readonly record struct DownloadProgress(long Bytes, long? Total);
