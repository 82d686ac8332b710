using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VideoLstm.Core.Media;

namespace VideoLstm.Cli;

/// <summary>The options of every verb that reads videos: which stream, what becomes of damaged ones, and what decodes.</summary>
internal static class ReadingOptions
{
    private const string Keep = "keep", Skip = "skip", Fail = "fail";

    private static readonly Option<int?> Stream = CommonOptions.Between(
        new Option<int?>("--stream") { Description = "Of videos with several video streams: which one, as `vlstm info` and ffprobe " +
            "number them [default: as players choose: no stills, the default one, the largest]", HelpName = "N" }, 0, 100_000);

    private static readonly Option<string?> Decoder = new("--decoder")
    {
        Description = "What decodes videos: ffmpeg itself, or hardware, by a name that `ffmpeg -hwaccels` prints; its frames must be " +
            $"ffmpeg's own [default: {HardwareDecoder.Auto}, which takes {HardwareDecoder.Software}]",
        HelpName = $"{HardwareDecoder.Auto}|{HardwareDecoder.Software}|NAME",
    };

    private static readonly Option<string?> Damaged = MakeDamaged();

    /// <summary>Adds --stream.</summary>
    public static Command WithStream(this Command command)
    {
        command.Add(Stream);
        return command;
    }

    /// <summary>Adds --stream and --damaged.</summary>
    public static Command WithReading(this Command command)
    {
        command.Add(Stream);
        command.Add(Damaged);
        return command;
    }

    /// <summary>Adds --decoder.</summary>
    public static Command WithDecoder(this Command command)
    {
        command.Add(Decoder);
        return command;
    }

    /// <summary>Lets all that reads videos know.</summary>
    public static void Use(ParseResult parsed)
    {
        HardwareDecoder.Choose(parsed.GetValue(Decoder));
        VideoProbe.Stream = parsed.GetValue(Stream);
        VideoDamage.Policy = parsed.GetValue(Damaged) switch
        {
            Keep => DamagePolicy.Keep,
            Skip => DamagePolicy.Skip,
            Fail => DamagePolicy.Fail,
            _ => DamagePolicy.KeepSlight,
        };
    }

    private static Option<string?> MakeDamaged()
    {
        var option = new Option<string?>("--damaged")
        {
            Description = string.Create(CultureInfo.InvariantCulture,
                $"Videos of which frames are lost or broken: take them as they are, leave them out, or refuse them [default: keep those " +
                $"that lost up to {100 * VideoDamage.Tolerable:0} % of their frames, refuse others]"),
            HelpName = $"{Keep}|{Skip}|{Fail}",
        };
        option.AcceptOnlyFromAmong(Keep, Skip, Fail);
        return option;
    }
}
