using System.CommandLine;

namespace VideoLstm.Cli;

/// <summary><c>--tier</c>, of verbs that read a timeline.</summary>
internal static class TierOption
{
    /// <summary>The option; null stands for all tiers.</summary>
    public static Option<string?> Create() => new("--tier") { Description =
        "Which of several tiers, by its name: of ELAN, a subject of BORIS, a control of Label Studio, a label of CVAT, a track or the " +
        "markers of an edit; in a file of several videos also the video [default: all together, as long as they do not overlap]",
        HelpName = "NAME" };
}
