using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli;

/// <summary>The arguments and options of every verb that takes sequences from clips.</summary>
internal sealed class SequenceOptions
{
    private readonly Argument<int> _length = CommonOptions.SequenceLength();
    private readonly Argument<int> _classes = CommonOptions.ClassLimit();
    private readonly Argument<int> _height;
    private readonly Argument<int> _width;
    private readonly Option<FrameSampling> _sampling = CommonOptions.Sampling();
    private readonly Option<double?> _time = Seconds("--sequence-time",
        "With --sampling sliding: how long a stretch of the clip a sequence stands for");
    private readonly Option<double?> _step = Seconds("--sequence-step",
        "With --sampling sliding: from the start of a sequence to that of the next [default: --sequence-time]");
    private readonly Option<bool> _pad = new("--pad") { Description =
        "Keep clips with fewer frames than seq_length: zeros follow their features" };
    private readonly Option<string> _crop = CommonOptions.Crop();
    private readonly ExtractorOptions _extractor;
    private readonly Option<Precision> _precision = CommonOptions.Precision();

    /// <summary>Adds them to a verb.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="sizeIsOptional">Whether height and width may be left out.</param>
    public SequenceOptions(Command command, bool sizeIsOptional)
    {
        _height = CommonOptions.Side("height", sizeIsOptional);
        _width = CommonOptions.Side("width", sizeIsOptional);
        foreach (Argument argument in (Argument[])[_length, _classes, _height, _width])
            command.Add(argument);
        foreach (Option option in (Option[])[_sampling, _time, _step, _pad, _crop])
            command.Add(option);
        _extractor = new ExtractorOptions(command, chooses: true);
        command.Add(_precision);
        command.Validators.Add(result =>
        {
            // What cannot be parsed is complained of already.
            bool isSliding = result.GetResult(_sampling) is { } sampling && !sampling.Errors.Any() && sampling.Tokens.Count == 1
                && sampling.Tokens[0].Value.Equals(nameof(FrameSampling.Sliding), StringComparison.OrdinalIgnoreCase);
            bool Has(Option option) => result.GetResult(option) is { Implicit: false };
            if (isSliding && !Has(_time))
                result.AddError("--sampling sliding needs --sequence-time, e.g. --sequence-time 2.");
            if (!isSliding && (Has(_time) || Has(_step)))
                result.AddError($"{(Has(_time) ? _time.Name : _step.Name)} goes with --sampling sliding.");
        });
    }

    /// <summary>What a user gave.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="defaults">What holds where nothing was given; null: the options' own defaults.</param>
    public SequenceRequest Read(ParseResult parsed, SequenceDefaults? defaults = null)
    {
        // Those of the network, where they were left out.
        int Side(Argument<int> side) => parsed.GetResult(side) is { Tokens.Count: > 0 } ? parsed.GetValue(side) : 0;
        bool Given(Option option) => parsed.GetResult(option) is { Implicit: false };
        double time = parsed.GetValue(_time) ?? 0;
        FrameSampling sampling = defaults is null || Given(_sampling) ? parsed.GetValue(_sampling) : defaults.Sampling;
        FrameFit fit = defaults is null || Given(_crop) ? parsed.GetValue(_crop) == "center" ? FrameFit.CenterCrop : FrameFit.Resize
            : defaults.Fit;
        return new SequenceRequest(parsed.GetValue(_classes), _extractor.Given(parsed) ?? ExtractorRequest.Default, new SequenceSpec(
            parsed.GetValue(_length), Side(_height), Side(_width), sampling, fit, WeightsDigest: "",
                parsed.GetValue(_precision),
            parsed.GetValue(_pad) || (defaults?.Pad ?? false)) { WindowSeconds = time, StepSeconds = parsed.GetValue(_step) ?? time });
    }

    private static Option<double?> Seconds(string name, string description) => CommonOptions.With(
        new Option<double?>(name) { Description = description, HelpName = "SECONDS" }, seconds => seconds is >= 0.01 and <= 86400,
        "0.01 to 86400 seconds");
}
