using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VideoLstm.Core.Samples;

namespace VideoLstm.Cli;

/// <summary>The options that say how far frames may be changed at random: the same for every verb that has them.</summary>
internal sealed class AugmentationOptions
{
    private readonly Option<double> _zoom = CommonOptions.Between(new Option<double>("--zoom") { Description = "Scale clips at random by " +
        "1 - PART to 1 + PART, height and width apart, e.g. 0.1", HelpName = "PART" }, 0, 0.99);
    private readonly Option<bool> _flip = new("--flip") { Description = "Mirror every other clip at random" };
    private readonly Option<double> _rotate = CommonOptions.Between(new Option<double>("--rotate") { Description = "Turn clips at random " +
        "by up to so many degrees, e.g. 8", HelpName = "DEGREES" }, 0, 180);
    private readonly Option<double> _shift = CommonOptions.Between(new Option<double>("--shift") { Description = "Move clips at random " +
        "by up to this part of their height and width, e.g. 0.2", HelpName = "PART" }, 0, 1);
    private readonly Option<double[]> _brightness = new("--brightness")
    {
        Description = "Make clips darker or brighter at random, e.g. 0.8 1.2",
        HelpName = "LOW HIGH",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    public AugmentationOptions() => _brightness.Validators.Add(result =>
    {
        foreach (Token token in result.Tokens)
        {
            if (double.TryParse(token.Value, CultureInfo.InvariantCulture, out double value) && value is not (>= 0 and <= 10))
                result.AddError($"{_brightness.Name} must be two numbers of 0 to 10, not {token.Value}.");
        }
    });

    /// <summary>Gives a verb the options.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_zoom, _flip, _rotate, _shift, _brightness])
            command.Options.Add(option);
    }

    /// <summary>What the user has asked for.</summary>
    public Augmentation Read(ParseResult parsed)
    {
        double[] brightness = parsed.GetValue(_brightness) is [var one, var other] ? [one, other] : [1, 1];
        return new Augmentation
        {
            ZoomRange = parsed.GetValue(_zoom),
            HorizontalFlip = parsed.GetValue(_flip),
            RotationRange = parsed.GetValue(_rotate),
            WidthShiftRange = parsed.GetValue(_shift),
            HeightShiftRange = parsed.GetValue(_shift),
            BrightnessLow = brightness.Min(),
            BrightnessHigh = brightness.Max(),
        };
    }
}
