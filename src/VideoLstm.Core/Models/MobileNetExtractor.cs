using System.Security.Cryptography;
using System.Text;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;

namespace VideoLstm.Core.Models;

/// <summary>
/// MobileNet v1 up to its last pooling layer, as keras.applications.mobilenet with pooling="avg" gives it: pictures / 127.5 - 1 of
/// 224 x 224 (or other multiples of 32) to 1024 features, times its width.
/// </summary>
/// <param name="weights">Its weights.</param>
public sealed class MobileNetExtractor(MobileNetWeights weights) : DescribedNetwork
{
    /// <summary>Its name in files, and what a user types.</summary>
    public const string FormatName = "mobilenet";

    private const int LastFilters = 1024, Multiple = 32, LargestSide = 4096;

    /// <inheritdoc/>
    public override string Name => FormatName;

    /// <inheritdoc/>
    public override string Title => "MobileNet";

    /// <inheritdoc/>
    public override string Source => weights.Source;

    /// <inheritdoc/>
    public override string Digest { get; } =
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{FormatName} {weights.Digest}\n")));

    /// <inheritdoc/>
    public override (int Height, int Width) UsualSize => (224, 224);

    /// <inheritdoc/>
    public override int Features(int height, int width) => (int)(LastFilters * weights.Alpha);

    /// <inheritdoc/>
    public override ExtractorSpec Spec(int height, int width)
    {
        if (height % Multiple != 0 || width % Multiple != 0 || Math.Min(height, width) < Multiple || Math.Max(height, width) > LargestSide)
            throw new InputException($"frames of {height} x {width} pixels: MobileNet takes heights and widths that are multiples of " +
                $"{Multiple}, to {LargestSide}", Remedy.GiveItsSize);
        var network = new NetworkSpec([height, width, 3],
            [.. MobileNetGruModel.Body(weights.Alpha).OfType<LayerSpec>(), new GlobalAveragePooling2DSpec()]);
        return new ExtractorSpec(network, weights.Read(network), 127.5f, -1);
    }
}
