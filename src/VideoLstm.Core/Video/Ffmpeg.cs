using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Video;

/// <summary>What all command lines of ffmpeg have in common, and what the installed ffmpeg can do.</summary>
internal static partial class Ffmpeg
{
    private static readonly Lazy<string> Version = new(() => Ask("-version"));
    private static readonly Lazy<string> Filters = new(() => Ask("-filters"));
    private static readonly Lazy<string> Encoders = new(() => Ask("-encoders"));

    /// <summary>Every frame once, none repeated, none dropped.</summary>
    public static string[] Passthrough => [FrameModeOption, "passthrough"];

    /// <summary>Frames at a constant rate, repeated where one is missing.</summary>
    public static string[] ConstantRate => [FrameModeOption, "cfr"];

    // Called -vsync before 5.1, and no longer so in the newest; builds from git have no number and are new.
    private static string FrameModeOption
    {
        get
        {
            Match match = VersionNumber().Match(Version.Value);
            return match.Success && decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is var version && (int)version < 5
                || match.Success && match.Groups[1].Value == "5.0" ? "-vsync" : "-fps_mode";
        }
    }

    /// <summary>Starts ffmpeg's arguments.</summary>
    /// <param name="level">How much it says.</param>
    public static string[] Start(string level = "error") => ["-nostdin", "-hide_banner", "-nostats", "-loglevel", $"level+{level}"];

    /// <summary>
    /// The arguments that open a file and nothing else: a playlist in a hostile file reaches no network, and a name that looks
    /// like an option, a pattern or a URL is only a name.
    /// </summary>
    public static string[] Input(string path) => ["-protocol_whitelist", "file,pipe", "-i", "file:" + Path.GetFullPath(path)];

    /// <summary>Whether the installed ffmpeg has a filter.</summary>
    public static bool HasFilter(string name) => Filters.Value.Contains($" {name} ", StringComparison.Ordinal);

    /// <summary>Whether the installed ffmpeg has an encoder.</summary>
    public static bool HasEncoder(string name) => Encoders.Value.Contains($" {name} ", StringComparison.Ordinal);

    /// <summary>
    /// Filters that bring pictures of high dynamic range to the standard one (Hable's tone mapping), with a comma behind; empty for others.
    /// </summary>
    /// <exception cref="InputException">The installed ffmpeg lacks the filters.</exception>
    public static string ToneMapping(VideoInfo video)
    {
        if (!video.IsHighDynamicRange)
            return "";
        if (!HasFilter("zscale") || !HasFilter("tonemap"))
            throw new InputException($"{video.Path}: is of high dynamic range ({video.Transfer}), which this ffmpeg cannot convert (no zscale and tonemap filters); install a full build of ffmpeg");
        return $"zscale=tin={video.Transfer}:pin=2020:min=2020_ncl:t=linear:npl=100,format=gbrpf32le,zscale=p=709,tonemap=hable:desat=0,zscale=t=709:m=709:r=full,format=gbrp,";
    }

    private static string Ask(string question)
    {
        using var process = new MediaProcess("ffmpeg", ["-nostdin", "-hide_banner", question]);
        string answer = process.ReadText();
        process.Wait();
        return answer;
    }

    [GeneratedRegex(@"^ffmpeg version n?(\d+\.\d+)")]
    private static partial Regex VersionNumber();
}
