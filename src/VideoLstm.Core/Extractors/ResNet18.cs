using VideoLstm.Core.Accelerators;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Extractors;

/// <summary>
/// ResNet-18 trained on ImageNet (K. He, X. Zhang, S. Ren, J. Sun: Deep Residual Learning for Image Recognition,
/// https://arxiv.org/abs/1512.03385), as ML.NET publishes it in a package, under the MIT licence: two ONNX files, one that turns pictures
/// of 224 x 224 to BGR and subtracts the mean picture of ImageNet, and the network, to the 512 features behind its last pooling layer. In
/// the cache they are one: what is done to pictures is part of the network.
/// </summary>
public static class ResNet18
{
    /// <summary>What a user types.</summary>
    public const string Word = "resnet18";

    /// <summary>Its features.</summary>
    public const int Features = 512;

    /// <summary>The package that it is in.</summary>
    public const string Package = "Microsoft.ML.DnnImageFeaturizer.ResNet18", Version = "0.23.1";

    /// <summary>The file of both in the cache.</summary>
    public const string FileName = "resnet18-imagenet.onnx";

    private const string Network = "ResNet18.onnx", Preprocessing = "ResNetPreprocess.onnx",
        NetworkSha256 = "e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f",
        PreprocessingSha256 = "84bf8def78d0befaa3f6e73745d57d7016c6a192ead76f79686bd438c1047004";

    private static string Cache => WeightsFolders.OfThisUser().Cache;

    private static PackagedFiles FilesIn(string folder) => new(
        Package, Version, Megabytes: 60, folder,
        [
            ($"tools/DnnImageModels/ResNet18Onnx/{Network}", NetworkSha256),
            ($"tools/DnnImageModels/ResNetPrepOnnx/{Preprocessing}", PreprocessingSha256),
        ]);

    /// <summary>Where it is, or will be.</summary>
    public static string CacheFile => Path.Combine(Cache, FileName);

    /// <summary>Whether it is there.</summary>
    public static bool IsThere => File.Exists(CacheFile);

    /// <summary>Finds it, or gets it.</summary>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="InputException">It cannot be had.</exception>
    public static async Task<string> GetAsync(IJobObserver observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (IsThere)
            return CacheFile;
        string parts = Path.Combine(Cache, $"resnet18.{HeldFile.NewId()}{AtomicFile.PartialSuffix}");
        try
        {
            PackagedFiles files = FilesIn(parts);
            observer.Remark($"ResNet-18's weights are got once: {Package} {Version}, about {files.Megabytes} MB");
            await files.GetAsync(observer, ct);
            AtomicFile.Write(CacheFile, stream => Join(files.PathOf(Preprocessing), files.PathOf(Network), stream));
        }
        catch (InputException e)
        {
            throw new InputException($"ResNet-18's weights cannot be had: {e.Message}", Remedy.NameResNet, e);
        }
        finally
        {
            if (Directory.Exists(parts))
                Directory.Delete(parts, recursive: true);
        }
        return CacheFile;
    }

    /// <summary>Makes one network of both, which says of itself what pictures it takes: RGB, numbers from 0 to 255.</summary>
    internal static void Join(string preprocessing, string network, Stream to) => OnnxJoin.Write(
        preprocessing, network, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Image.BitmapPixelFormat"] = "Rgb8",
            ["Image.NominalPixelRange"] = "NominalRange_0_255",
        },
        to);
}
