using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Media;

/// <summary>What all command lines of ffmpeg have in common, and what the installed ffmpeg can do.</summary>
internal static partial class Ffmpeg
{
    private static readonly Lazy<string> Banner = new(() => Ask("-version"));
    private static readonly Lazy<string> Filters = new(() => Ask("-filters"));
    private static readonly Lazy<string> Encoders = new(() => Ask("-encoders"));
    private static readonly Lazy<string> Decoders = new(() => Ask("-decoders"));
    private static readonly Lazy<string> Accelerators = new(() => Ask("-hwaccels"));
    private static readonly Lazy<string> Protocols = new(() => Ask("-protocols"));

    // What takes no file takes no time, even on a slow machine.
    internal static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(15);

    /// <summary>Every frame once, none repeated, none dropped.</summary>
    public static string[] Passthrough => [FrameModeOption, "passthrough"];

    /// <summary>
    /// Times as fine as the source's: rounded to frames, two frames of a variable rate would meet on one and the output refuse the second.
    /// </summary>
    public static string[] SourceTimeBase => ["-enc_time_base", "-1"];

    /// <summary>A filter that moves a frame on whose time is not after that of the frame before, as no output takes it.</summary>
    public const string RisingTimes = "setpts='if(isnan(PREV_OUTPTS),PTS,max(PTS,PREV_OUTPTS+1))'";

    /// <summary>Frames at a constant rate, repeated where one is missing.</summary>
    public static string[] ConstantRate => [FrameModeOption, "cfr"];

    // Called -vsync before 5.1, and no longer so in the newest.
    private static string FrameModeOption => IsOlderThan(5, 1) ? "-vsync" : "-fps_mode";

    /// <summary>The option that reads the filters of the pictures from a file.</summary>
    public static string FilterFileOption => IsOlderThan(7, 0) ? "-filter_script:v" : "-/filter:v";

    /// <summary>Whether the installed ffmpeg is known to be older than a release; builds from git have no number and are new.</summary>
    public static bool IsOlderThan(int major, int minor) =>
        VersionNumber().Match(Banner.Value) is { Success: true } match && Version.Parse(match.Groups[1].Value) < new Version(major, minor);

    /// <summary>The installed ffmpeg, e.g. <c>5.1.8-0+deb12u1</c>.</summary>
    /// <exception cref="MissingToolException">There is none.</exception>
    public static string InstalledVersion => Banner.Value.Split(' ') is ["ffmpeg", "version", var version, ..] ? version : "unknown";

    /// <summary>Starts ffmpeg's arguments.</summary>
    /// <param name="level">How much it says.</param>
    public static string[] Start(string level = "error") => ["-nostdin", "-hide_banner", "-nostats", "-loglevel", $"level+{level}"];

    /// <summary>Starts ffprobe's arguments.</summary>
    public static string[] ProbeStart => ["-hide_banner", "-loglevel", "level+error"];

    /// <summary>
    /// The arguments that open a file and nothing else: a playlist in a hostile file reaches no network, and a name that looks
    /// like an option, a pattern or a URL is only a name.
    /// </summary>
    public static string[] Input(string path) =>
        ["-protocol_whitelist", "file,pipe", "-format_whitelist", Demuxers.Whitelist, .. Demuxers.ForPatternName(path), "-i",
            "file:" + Path.GetFullPath(path)];

    /// <summary>The arguments that read a video from the standard input, and open nothing else.</summary>
    public static string[] StandardInput() => ["-protocol_whitelist", "pipe", "-format_whitelist", Demuxers.Whitelist, "-i", "pipe:0"];

    /// <summary>Whether the installed ffmpeg can read by a protocol.</summary>
    public static bool HasProtocol(string name) => Protocols.Value.Split("Output:")[0].Split('\n').Any(line => line.Trim() == name);

    /// <summary>Whether labels can be drawn: libass finds a font.</summary>
    public static bool HasFonts()
    {
        using var folder = new Storage.ScratchFolder();
        File.WriteAllText(folder.File("a.ass"),
            "[Script Info]\nScriptType: v4.00+\n[Events]\nFormat: Start, End, Text\nDialogue: 0:00:00.00,0:00:09.00,label\n");
        using var process = new MediaProcess("ffmpeg",
            [.. Start("warning"), "-f", "lavfi", "-i", "color=s=64x64", "-vf", "ass=a.ass", "-frames:v", "1", "-f", "null", "-"],
            folder: folder.Path);
        process.Input.Close();
        return process.Wait() == 0 && !process.LacksFonts;
    }

    /// <summary>The encoder of H.264, which not every build of ffmpeg has.</summary>
    public const string H264Encoder = "libx264";

    /// <summary>Whether the installed ffmpeg has a filter.</summary>
    public static bool HasFilter(string name) => Filters.Value.Contains($" {name} ", StringComparison.Ordinal);

    /// <summary>Whether the installed ffmpeg has an encoder.</summary>
    public static bool HasEncoder(string name) => Encoders.Value.Contains($" {name} ", StringComparison.Ordinal);

    /// <summary>Whether the installed ffmpeg has a decoder.</summary>
    public static bool HasDecoder(string name) => Decoders.Value.Contains($" {name} ", StringComparison.Ordinal);

    /// <summary>The decoders of hardware that the installed ffmpeg was built for, whether this machine has them or not.</summary>
    public static IReadOnlyList<string> HardwareDecoders =>
        [.. Accelerators.Value.Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0)];

    /// <summary>
    /// Filters that bring pictures of high dynamic range to the standard one (Hable's tone mapping), with a comma behind; empty for others.
    /// </summary>
    /// <exception cref="InputException">The installed ffmpeg lacks the filters.</exception>
    public static string ToneMapping(VideoInfo video)
    {
        if (!video.IsHighDynamicRange)
            return "";
        if (!HasFilter("zscale") || !HasFilter("tonemap"))
            throw new InputException(
                $"{video.Path}: is of high dynamic range ({video.Transfer}), which this ffmpeg cannot convert (no zscale and tonemap "
                    + "filters); install a full build of ffmpeg");
        // Without subsampling, which zscale does not take at odd sizes.
        return $"format=yuv444p10,zscale=tin={video.Transfer}:pin=2020:min=2020_ncl:t=linear:npl=100,format=gbrpf32le,zscale=p=709,"
            + "tonemap=hable:desat=0,zscale=t=709:m=709:r=full,format=gbrp,";
    }

    /// <summary>
    /// An expression of ffmpeg's that has one value before the first border, another between the first and the second, and so on: a
    /// search tree, since expressions are at most a hundred deep.
    /// </summary>
    /// <param name="variable">What is compared with the borders.</param>
    /// <param name="borders">Rising.</param>
    /// <param name="value">The value after so many borders.</param>
    public static string ExpressionTree(string variable, IReadOnlyList<double> borders, Func<int, string> value)
    {
        var text = new System.Text.StringBuilder();
        Add(0, borders.Count);
        return text.ToString();

        void Add(int first, int last)
        {
            if (first == last)
            {
                text.Append(value(first));
                return;
            }
            int middle = (first + last) / 2;
            text.Append(CultureInfo.InvariantCulture, $"if(lt({variable},{borders[middle]:0.#######}),");
            Add(first, middle);
            text.Append(',');
            Add(middle + 1, last);
            text.Append(')');
        }
    }

    private static string Ask(string question)
    {
        try
        {
            using var process = new MediaProcess("ffmpeg", ["-nostdin", "-hide_banner", question], patience: AnswerPatience);
            process.CloseInput();
            string answer = process.ReadText();
            return process.Wait() == 0 && answer.Length > 0
                ? answer
                : throw new MissingToolException(
                    $"ffmpeg {question} says nothing{VideoProbe.Because(process.Complaint)}; see that the ffmpeg on the PATH works, or "
                        + "install another");
        }
        catch (InputException e)
        {
            throw new MissingToolException(
                $"ffmpeg does not answer: it did nothing for {AnswerPatience.TotalSeconds:0} seconds; see that the ffmpeg on the PATH "
                    + "works, or install another",
                e);
        }
    }

    [GeneratedRegex(@"^ffmpeg version n?(\d+\.\d+)")]
    private static partial Regex VersionNumber();
}
