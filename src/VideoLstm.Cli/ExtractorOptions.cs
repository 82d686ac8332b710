using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Cli;

/// <summary>The options with which a user says which network stands before the classifier.</summary>
internal sealed class ExtractorOptions
{
    private readonly Option<string?> _extractor = new("--extractor")
    {
        HelpName = "inception|resnet18|mobilenet|FILE.onnx",
    };

    private readonly Option<string?> _inception = new("--inception")
    {
        HelpName = "WEIGHTS",
    };

    private readonly Option<string?> _output = new("--output-name") { Description = "Of an ONNX file: which value of its network is the " +
        "features; any that it computes [default: its first output]", HelpName = "NAME" };
    private readonly Option<TokenPooling?> _pooling = new("--pooling") { Description = "Of an ONNX file whose output is several tokens a " +
        "picture: which are taken [default: first]", HelpName = "first|mean" };
    private readonly Option<string?> _preprocessing = new("--preprocessing") { Description = "Of an ONNX file: how pictures are prepared " +
        "[default: as the file or preprocessor_config.json beside it says, else as is usual; it is printed]",
        HelpName = string.Join('|', OnnxPreprocessing.Presets.Keys) };
    private readonly Option<string?> _mean = Row("--mean", "what is subtracted from each channel, in the network's order", mayBeZero: true);
    private readonly Option<string?> _std = Row("--std", "what each channel is divided by then", mayBeZero: false);
    private readonly Option<double?> _scale = CommonOptions.With(new Option<double?>("--scale") { Description =
        "Of an ONNX file: what bytes are multiplied by first, e.g. 0.00392156862745098 for 1/255", HelpName = "FACTOR" },
        scale => double.IsFinite(scale) && scale != 0, "a number other than 0");
    private readonly Option<bool> _rgb = new("--rgb") { Description = "Of an ONNX file: its channels are red, green, blue" };
    private readonly Option<bool> _bgr = new("--bgr") { Description = "Of an ONNX file: its channels are blue, green, red" };
    private readonly Option<int?> _clipFrames = CommonOptions.Between(new Option<int?>("--clip-frames") { Description = "Of an ONNX file " +
        "with an axis for time: frames that it sees at once, around each frame of the sequence [default: as it says]", HelpName = "N" },
        1, OnnxSettings.MostClipFrames);
    private readonly Option<int?> _clipStride = CommonOptions.Between(new Option<int?>("--clip-stride") { Description =
        "From one of these frames to the next, frames of the video [default: 1]", HelpName = "M" }, 1, OnnxSettings.LongestClipStride);
    private readonly bool _chooses;
    private readonly Option[] _all;

    /// <summary>Adds them to a verb.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="chooses">Whether the network is chosen here; else it is the one that a classifier learnt with.</param>
    public ExtractorOptions(Command command, bool chooses)
    {
        _chooses = chooses;
        _extractor.Description = chooses
            ? "The network before the classifier: InceptionV3; ResNet-18, trained on ImageNet, got once by the .NET SDK; MobileNet; or " +
                "any image network as an ONNX file. Weights other than ImageNet's: inception:WEIGHTS, mobilenet:WEIGHTS " +
                "[default: inception]"
            : "The network before the classifier, the same as in training [default: found by its digest: where it was, beside the " +
                "classifier, in the cache; ImageNet's InceptionV3, or the random one that the classifier was trained with]";
        _inception.Description = chooses
            ? "Short for --extractor inception:WEIGHTS: a file (.h5, .safetensors, .pth), `imagenet`, or `random:SEED` to try things out " +
                "[default: imagenet]"
            : "Short for --extractor inception:WEIGHTS";
        _preprocessing.AcceptOnlyFromAmong([.. OnnxPreprocessing.Presets.Keys]);
        Option[] choices =
            [_output, _pooling, _preprocessing, _mean, _std, _scale, _rgb, _bgr, _clipFrames, _clipStride];
        _all = [_extractor, _inception, .. chooses ? choices : []];
        foreach (Option option in _all)
            command.Add(option);
        command.Validators.Add(result =>
        {
            bool Has(Option option) => result.GetResult(option) is { Implicit: false };
            if (Has(_extractor) && Has(_inception))
                result.AddError("give --extractor or --inception, not both.");
            if (chooses && Has(_rgb) && Has(_bgr))
                result.AddError("give --rgb or --bgr, not both.");
        });
    }

    /// <summary>The first of them that a user gave; null: none.</summary>
    public Option? FirstGiven(ParseResult parsed) => _all.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false });

    /// <summary>What a user gave; null: nothing.</summary>
    public ExtractorRequest? Given(ParseResult parsed)
    {
        string? words = parsed.GetValue(_extractor)
            ?? (parsed.GetValue(_inception) is { } weights ? ExtractorRequest.OfInception(weights).Words : null);
        OnnxChoices choices = !_chooses ? OnnxChoices.None : new OnnxChoices
        {
            Output = parsed.GetValue(_output),
            Pooling = parsed.GetValue(_pooling),
            Preprocessing = parsed.GetValue(_preprocessing),
            Mean = parsed.GetValue(_mean) is { } mean ? Numbers(mean) : null,
            Std = parsed.GetValue(_std) is { } std ? Numbers(std) : null,
            Scale = parsed.GetValue(_scale),
            Bgr = parsed.GetValue(_rgb) ? false : parsed.GetValue(_bgr) ? true : null,
            ClipFrames = parsed.GetValue(_clipFrames),
            ClipStride = parsed.GetValue(_clipStride),
        };
        return words is null && choices == OnnxChoices.None ? null
            : new ExtractorRequest(words ?? ExtractorRequest.Inception, choices);
    }

    private static Option<string?> Row(string name, string what, bool mayBeZero)
    {
        var option = new Option<string?>(name) { Description = $"Of an ONNX file: {what}: a number, or three", HelpName = "A,B,C" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (Numbers(result.Tokens[0].Value) is not { } row || (!mayBeZero && row.Contains(0))))
                result.AddError($"{name} must be a number or three, A,B,C{(mayBeZero ? "" : ", other than 0")}, not " +
                    $"{result.Tokens[0].Value}.");
        });
        return option;
    }

    private static double[]? Numbers(string text)
    {
        double?[] numbers = [.. text.Split(',').Select(t => double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture,
            out double number) && double.IsFinite(number) ? number : (double?)null)];
        return numbers.Contains(null) ? null : numbers switch
        {
            [{ } one] => [one, one, one],
            [{ } a, { } b, { } c] => [a, b, c],
            _ => null,
        };
    }
}
