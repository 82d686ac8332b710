using VideoLstm.Core.Accelerators;
using VideoLstm.Core.Features;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Extractors;

/// <summary>
/// ResNet-18 trained on ImageNet (K. He, X. Zhang, S. Ren, J. Sun: Deep Residual Learning for Image Recognition,
/// https://arxiv.org/abs/1512.03385), as ML.NET publishes it in a package, under the MIT licence: an ONNX file, from pictures of 224 x 224 to
/// the 512 features behind its last pooling layer. The package has its preprocessing as a second file.
/// </summary>
public static class ResNet18
{
    /// <summary>What a user types.</summary>
    public const string Word = "resnet18";

    /// <summary>Its features.</summary>
    public const int Features = 512;

    /// <summary>The package that it is in.</summary>
    public const string Package = "Microsoft.ML.DnnImageFeaturizer.ResNet18", Version = "0.23.1";

    /// <summary>The file.</summary>
    public const string FileName = "ResNet18.onnx";

    private const string Sha256 = "e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f";

    private static PackagedFiles Files => new(
        Package, Version, Megabytes: 60, WeightsFolders.OfThisUser().Cache,
        [($"tools/DnnImageModels/ResNet18Onnx/{FileName}", Sha256)]);

    /// <summary>Where it is; null: not here.</summary>
    public static string? Find() => Files.AreThere ? Files.PathOf(FileName) : null;

    /// <summary>Where it is, or will be.</summary>
    public static string CacheFile => Files.PathOf(FileName);

    /// <summary>Whether it is the file of a digest.</summary>
    internal static bool IsDigest(string digest) => digest == "sha256:" + Sha256;

    /// <summary>How its pictures are prepared.</summary>
    public static OnnxChoices Choices { get; } = new() { Preprocessing = "imagenet", Pooling = TokenPooling.First };

    /// <summary>Finds it, or gets it.</summary>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="InputException">It cannot be had.</exception>
    public static async Task<string> GetAsync(IJobObserver observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (Find() is { } found)
            return found;
        observer.Remark($"ResNet-18's weights are got once: {Package} {Version}, about {Files.Megabytes} MB");
        try
        {
            await Files.GetAsync(observer, ct);
        }
        catch (InputException e)
        {
            throw new InputException($"ResNet-18's weights cannot be had: {e.Message}", Remedy.NameResNet, e);
        }
        return CacheFile;
    }
}
