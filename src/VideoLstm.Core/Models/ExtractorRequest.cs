using VideoLstm.Core.Extractors;

namespace VideoLstm.Core.Models;

/// <summary>Which network is to take features.</summary>
/// <param name="Words">
/// <c>inception</c> or <c>mobilenet</c>, each with <c>:WEIGHTS</c> behind it where they are not ImageNet's; <c>resnet18</c>; or the path of
/// an ONNX file.
/// </param>
/// <param name="Choices">What is said of an ONNX file besides.</param>
public sealed record ExtractorRequest(string Words, OnnxChoices Choices)
{
    /// <summary>What a user types.</summary>
    public const string Inception = "inception", MobileNet = MobileNetExtractor.FormatName;

    /// <summary>What is taken where nothing is said.</summary>
    public static ExtractorRequest Default { get; } = new(Inception, OnnxChoices.None);

    /// <summary>Whether a classifier does not find it by itself: InceptionV3's and MobileNet's weights out of a file.</summary>
    public bool MustBeNamed => Words.Contains(':', StringComparison.Ordinal) && (WeightsOf(Inception) ?? WeightsOf(MobileNet))
        is { } weights && weights != WeightsLoader.ImageNet;

    /// <summary>As a user said it.</summary>
    internal string Said => WeightsOf(Inception) is { } weights ? weights : Words;

    /// <summary>InceptionV3 by some weights.</summary>
    public static ExtractorRequest OfInception(string weights) => new($"{Inception}:{weights}", OnnxChoices.None);

    /// <summary>The weights of a network that has a name; null: it is not that one.</summary>
    internal string? WeightsOf(string name) => Words == name ? WeightsLoader.ImageNet
        : Words.StartsWith(name + ":", StringComparison.Ordinal) && Words.Length > name.Length + 1 ? Words[(name.Length + 1)..] : null;
}
