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
    private readonly Option<bool> _flip = new("--flip") { Description = "Mirror every other clip at random; " +
        "train --model i3d does so unless told --flip false" };
    private readonly Option<double> _rotate = CommonOptions.Between(new Option<double>("--rotate") { Description = "Turn clips at random " +
        "by up to so many degrees, e.g. 8", HelpName = "DEGREES" }, 0, 180);
    private readonly Option<double> _shift = CommonOptions.Between(new Option<double>("--shift") { Description = "Move clips at random " +
        "by up to this part of their height and width, e.g. 0.2", HelpName = "PART" }, 0, 1);
    private readonly Option<double?> _widthShift = CommonOptions.Between(new Option<double?>("--width-shift") { Description =
        "The same, to the sides alone [default: that of --shift]", HelpName = "PART" }, 0, 1);
    private readonly Option<double?> _heightShift = CommonOptions.Between(new Option<double?>("--height-shift") { Description =
        "The same, up and down alone [default: that of --shift]", HelpName = "PART" }, 0, 1);
    private readonly Option<bool> _verticalFlip = new("--vertical-flip") { Description = "Turn every other clip upside down at random" };
    private readonly Option<double> _shear = CommonOptions.Between(new Option<double>("--shear") { Description = "Shear clips at random " +
        "by up to so many degrees, e.g. 10", HelpName = "DEGREES" }, 0, 90);
    private readonly Option<double> _channelShift = CommonOptions.Between(new Option<double>("--channel-shift") { Description =
        "Add up to so much to all values of a clip at random, or take it away, of 255; e.g. 20", HelpName = "VALUE" }, 0, 255);
    private readonly Option<FillMode> _fill = new("--fill-mode") { Description = "What is seen beyond the edge of changed frames: the " +
        "nearest pixel, one value (--cval), the frame mirrored, the frame again", HelpName = "nearest|constant|reflect|wrap" };
    private readonly Option<double> _fillValue = CommonOptions.Between(new Option<double>("--cval") { Description =
        "The value of --fill-mode constant, of 255 [default: 0]", HelpName = "VALUE" }, 0, 255);
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
        foreach (Option option in (Option[])[_zoom, _flip, _verticalFlip, _rotate, _shear, _shift, _widthShift, _heightShift, _brightness,
            _channelShift, _fill, _fillValue])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_fillValue) is { Implicit: false } && (result.GetResult(_fill) is not { Tokens: [var mode] }
                || !mode.Value.Equals(nameof(FillMode.Constant), StringComparison.OrdinalIgnoreCase)))
                result.AddError($"{_fillValue.Name} goes with {_fill.Name} constant.");
        });
    }

    /// <summary>What the user has asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="flips">Whether clips are mirrored where the user does not say it.</param>
    public Augmentation Read(ParseResult parsed, bool flips = false)
    {
        double[] brightness = parsed.GetValue(_brightness) is [var one, var other] ? [one, other] : [1, 1];
        return new Augmentation
        {
            ZoomRange = parsed.GetValue(_zoom),
            HorizontalFlip = parsed.GetResult(_flip) is { Implicit: false } ? parsed.GetValue(_flip) : flips,
            RotationRange = parsed.GetValue(_rotate),
            WidthShiftRange = parsed.GetValue(_widthShift) ?? parsed.GetValue(_shift),
            HeightShiftRange = parsed.GetValue(_heightShift) ?? parsed.GetValue(_shift),
            VerticalFlip = parsed.GetValue(_verticalFlip),
            ShearRange = parsed.GetValue(_shear),
            ChannelShiftRange = parsed.GetValue(_channelShift),
            Fill = parsed.GetValue(_fill),
            FillValue = parsed.GetValue(_fillValue),
            BrightnessLow = brightness.Min(),
            BrightnessHigh = brightness.Max(),
        };
    }
}
