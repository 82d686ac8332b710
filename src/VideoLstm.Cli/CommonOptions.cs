using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli;

/// <summary>Arguments and options that several verbs have.</summary>
internal static class CommonOptions
{
    public const int SmallestSide = 75;
    public const int LargestSide = 4096;

    /// <summary>What a height or a width must be, in words.</summary>
    public static string PossibleSide => $"{SmallestSide} to {LargestSide} pixels";

    public static Argument<int> SequenceLength() =>
        With(new Argument<int>("seq_length") { Description = "Frames in a sequence, e.g. 75" }, length => length >= 1, "at least 1");

    public static bool IsSide(double side) => side is >= SmallestSide and <= LargestSide;

    /// <summary>Height or width, which may be left out; whether it is a possible one, the verb says.</summary>
    /// <param name="name">Which of them.</param>
    /// <param name="whenLeftOut">What it is then; null: the verb asks for it.</param>
    public static Argument<int?> Side(string name, string? whenLeftOut) => new(name)
    {
        Description = $"{char.ToUpperInvariant(name[0])}{name[1..]} of the pictures that the network sees, {PossibleSide}" +
            (whenLeftOut is null ? "" : $" [default: {whenLeftOut}]"),
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string> Data() => new("--data") { Description = "The data folder", HelpName = "DIR", DefaultValueFactory = _ =>
        "data" };

    public static Option<string?> Work() => new("--work") { Description = "Where everything but the clips goes: frames, the list of " +
        "clips, sequences, checkpoints, logs; for data folders that cannot be written [default: the data folder]", HelpName = "DIR" };

    /// <summary>The data folder that was given, and where its results go.</summary>
    public static DataFolder Folder(ParseResult parsed, Option<string> data, Option<string?> work) =>
        new(parsed.GetValue(data)!, parsed.GetValue(work));

    public static Option<Precision> Precision() => new("--precision")
    {
        Description = "What takes features computes with: single precision (cards too: no TensorFloat32); 16-bit floats, faster on cards " +
            "(--device cuda, torch); or bytes, faster on processors with AVX-512 and AVX-VNNI (--device cpu) [default: float]",
        HelpName = "float|half|int8",
    };

    public static Option<FrameInput> Input() => new("--input")
    {
        Description = "What the network sees: frames, frames without colour, differences of neighbouring frames, optical flow " +
            "(direction as hue, distance as brightness), or frames through a mask of flow or of differences [default: rgb]",
        HelpName = "rgb|gray|diff|flow|flow-mask|diff-mask",
        CustomParser = ParseWord<FrameInput>,
    };

    /// <summary>A classifier beside the one that is named.</summary>
    public static Option<string?> SecondClassifier() => new("--with") { Description = "A second classifier of the same classes, e.g. one " +
        "of --input flow: the probabilities of both are averaged", HelpName = "FILE" };

    /// <summary>What is typed for a value of an enumeration whose names have several words.</summary>
    public static string Word(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    private static T ParseWord<T>(ArgumentResult result) where T : struct, Enum
    {
        string typed = result.Tokens[0].Value;
        foreach (T value in Enum.GetValues<T>())
        {
            if (string.Equals(Word(value.ToString()), typed, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        result.AddError($"Cannot parse argument '{typed}' for option '{((OptionResult)result.Parent!).Option.Name}' as expected type " +
            $"'{typeof(T)}'.");
        return default;
    }

    public static Option<FrameSampling> Sampling() => new("--sampling")
    {
        Description = "Frames of a clip: spread evenly over it; every n-th from the start as the Python scripts do; the first ones; or " +
            "many sequences a clip, from windows that slide over it [default: even]",
        HelpName = "even|stride|head|sliding",
    };

    public static Option<string> Crop()
    {
        var option = new Option<string>("--crop") { Description = "How frames come to size: plain resize, or resize and cut out the " +
            "centre", HelpName = "none|center", DefaultValueFactory = _ => "none" };
        option.AcceptOnlyFromAmong("none", "center");
        return option;
    }

    public static FrameFit ToFit(string crop) => crop == "center" ? FrameFit.CenterCrop : FrameFit.Resize;

    public static Option<int?> Threads() =>
        Between(new Option<int?>("--threads") { Description = "Cores to use [default: all]", HelpName = "N" }, 1, 1024);

    public static void UseThreads(int? threads)
    {
        if (threads is { } count)
            Workers.Count = count;
    }

    /// <summary>A share of something, not all of it and not nothing.</summary>
    public static Option<double?> Share(Option<double?> option) => With(option, value => value is > 0 and < 1, "above 0 and below 1");

    public static Option<T> Between<T>(Option<T> option, double minimum, double maximum) => With(
        option, value => value >= minimum && value <= maximum, maximum >= int.MaxValue
            ? FormattableString.Invariant($"at least {minimum}") : FormattableString.Invariant($"{minimum} to {maximum}"));

    /// <summary>The same option, of numbers that are as expected.</summary>
    public static Option<T> With<T>(Option<T> option, Func<double, bool> isPossible, string expected)
    {
        option.Validators.Add(Number(option.Name, isPossible, expected));
        return option;
    }

    /// <summary>The same argument, of numbers that are as expected.</summary>
    public static Argument<T> With<T>(Argument<T> argument, Func<double, bool> isPossible, string expected)
    {
        argument.Validators.Add(Number(argument.Name, isPossible, expected));
        return argument;
    }

    // What is no number the parser complains of.
    private static Action<SymbolResult> Number(string name, Func<double, bool> isPossible, string expected) => result =>
    {
        if (result.Tokens.Count > 0 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double value)
            && !isPossible(value))
            result.AddError($"{name} must be {expected}, not {result.Tokens[0].Value}.");
    };
}
