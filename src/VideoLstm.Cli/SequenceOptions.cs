using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli;

/// <summary>The arguments and options of every verb that takes sequences from clips.</summary>
internal sealed class SequenceOptions
{
    private const string AllClasses = "all";

    private readonly Argument<int> _length = CommonOptions.SequenceLength();
    private readonly Argument<string?> _classes = new("class_limit")
    {
        Description = "How many classes: the first ones by name, or `all`; left out where --classes names them",
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "class_limit",
    };
    private readonly Argument<int?> _height, _width;
    private readonly Option<string?> _names = ClassesOption.Create("These classes instead of the first ones by name, in the order in " +
        "which the classifier numbers them");
    private readonly Option<FrameSampling> _sampling = CommonOptions.Sampling();
    private readonly Option<double?> _time = Seconds("--sequence-time",
        "With --sampling sliding: how long a stretch of the clip a sequence stands for [default: the clip but for seq_length frames, a " +
        "frame later each time]");
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
        string? usual = sizeIsOptional ? "those that it was trained with, InceptionV3 299" : null;
        (_height, _width) = (CommonOptions.Side("height", usual), CommonOptions.Side("width", usual));
        _classes.CompletionSources.Add(AllClasses);
        foreach (Argument argument in (Argument[])[_length, _classes, _height, _width])
            command.Add(argument);
        foreach (Option option in (Option[])[_names, _sampling, _time, _step, _pad, _crop])
            command.Add(option);
        _extractor = new ExtractorOptions(command, chooses: true);
        command.Add(_precision);
        // Of the one that is always there: what is wrong with options is still said, as it would not be after errors of the command.
        _length.Validators.Add(result =>
        {
            if (Complaint(result, sizeIsOptional) is { } complaint)
                result.AddError(complaint);
        });
        command.Validators.Add(result =>
        {
            // What cannot be parsed is complained of already.
            bool isSliding = result.GetResult(_sampling) is { } sampling && !sampling.Errors.Any() && sampling.Tokens.Count == 1
                && sampling.Tokens[0].Value.Equals(nameof(FrameSampling.Sliding), StringComparison.OrdinalIgnoreCase);
            bool Has(Option option) => result.GetResult(option) is { Implicit: false };
            if (isSliding && !Has(_time) && Has(_step))
                result.AddError($"{_step.Name} needs {_time.Name}, e.g. {_time.Name} 2.");
            if (!isSliding && (Has(_time) || Has(_step)))
                result.AddError($"{(Has(_time) ? _time.Name : _step.Name)} goes with --sampling sliding.");
        });
    }

    /// <summary>What a user gave.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="defaults">What holds where nothing was given; null: the options' own defaults.</param>
    public SequenceRequest Read(ParseResult parsed, SequenceDefaults? defaults = null)
    {
        bool Given(Option option) => parsed.GetResult(option) is { Implicit: false };
        double time = parsed.GetValue(_time) ?? 0;
        FrameSampling sampling = defaults is null || Given(_sampling) ? parsed.GetValue(_sampling) : defaults.Sampling;
        FrameFit fit = defaults is null || Given(_crop) ? parsed.GetValue(_crop) == "center" ? FrameFit.CenterCrop : FrameFit.Resize
            : defaults.Fit;
        (string? limit, string[] sides) = Positions(parsed.CommandResult);
        ClassChoice classes = ClassesOption.Read(parsed, _names) is { } names ? ClassChoice.Named(names)
            : limit == AllClasses ? ClassChoice.All : ClassChoice.First(int.Parse(limit!, CultureInfo.InvariantCulture));
        // Those of the network, where they were left out.
        int[] size = sides.Length == 0 ? [0, 0] : [.. sides.Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
        return new SequenceRequest(classes, _extractor.Given(parsed) ?? ExtractorRequest.Default, new SequenceSpec(
            parsed.GetValue(_length), size[0], size[1], sampling, fit, WeightsDigest: "", parsed.GetValue(_precision),
            parsed.GetValue(_pad) || (defaults?.Pad ?? false)) { WindowSeconds = time, StepSeconds = parsed.GetValue(_step) ?? time });
    }

    /// <summary>The first option that a user gave of how features are taken; null: none.</summary>
    public Option? FirstOfFeatures(ParseResult parsed) =>
        _extractor.FirstGiven(parsed) ?? (parsed.GetResult(_precision) is { Implicit: false } ? _precision : null);

    // The words behind seq_length, by their number: with --classes, two of them are height and width.
    private (string? Limit, string[] Sides) Positions(SymbolResult result)
    {
        string[] given = [.. ((Argument[])[_classes, _height, _width]).SelectMany(a => result.GetResult(a)?.Tokens ?? [])
            .Select(token => token.Value)];
        return given.Length is 0 or 2 && result.GetResult(_names) is { Implicit: false } ? (null, given)
            : (given.FirstOrDefault(), [.. given.Skip(1)]);
    }

    // What is wrong with them; null: nothing.
    private string? Complaint(SymbolResult result, bool sizeIsOptional)
    {
        (string? limit, string[] sides) = Positions(result);
        OptionResult? named = result.GetResult(_names) is { Implicit: false } given ? given : null;
        if (limit is null && named is null)
            return $"class_limit is missing: how many classes, or `{AllClasses}`; or name them with {_names.Name} A,B.";
        int count = -1;
        if (limit is not null && limit != AllClasses
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count < 1))
            return $"class_limit must be a whole number, at least 1, or `{AllClasses}`, not {limit}.";
        if (limit is not null && named?.Tokens is [var names] && names.Value.Split(',').Length != count)
            return $"{_names.Name} names {names.Value.Split(',').Length} classes, class_limit is {limit}; leave it out.";
        if (sides.Length == 1 || (sides.Length == 0 && !sizeIsOptional))
            return $"{(sides.Length == 1 ? "width is" : "height and width are")} missing: seq_length class_limit height width, e.g. 75 2 " +
                $"720 1280, or 75 {AllClasses} 720 1280; class_limit may be left out where {_names.Name} names the classes.";
        return ((string[])["height", "width"]).Zip(sides)
            .Where(s => !int.TryParse(s.Second, NumberStyles.None, CultureInfo.InvariantCulture, out int side)
                || !CommonOptions.IsSide(side))
            .Select(s => $"{s.First} must be {CommonOptions.PossibleSide}, not {s.Second}.")
            .FirstOrDefault();
    }

    private static Option<double?> Seconds(string name, string description) => CommonOptions.With(
        new Option<double?>(name) { Description = description, HelpName = "SECONDS" }, seconds => seconds is >= 0.01 and <= 86400,
        "0.01 to 86400 seconds");
}
