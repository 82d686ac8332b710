using System.CommandLine;

namespace VideoLstm.Cli;

/// <summary><c>--track</c>, of verbs that read a timeline.</summary>
internal static class TrackOption
{
    /// <summary>The option; null stands for all tracks.</summary>
    public static Option<int?> Create() => CommonOptions.Between(
        new Option<int?>("--track") { Description =
            "Which of several label tracks that Audacity exported into one file [default: all together]", HelpName = "N" }, 1, 1000);
}
