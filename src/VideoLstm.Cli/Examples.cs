using System.CommandLine;
using System.Runtime.CompilerServices;

namespace VideoLstm.Cli;

/// <summary>The examples that `--help` shows under a verb.</summary>
internal static class Examples
{
    private static readonly ConditionalWeakTable<Command, string[]> ByCommand = [];

    /// <summary>Gives a verb its examples.</summary>
    public static void WithExamples(this Command command, params string[] examples) => ByCommand.Add(command, examples);

    /// <summary>The examples of a verb.</summary>
    public static IReadOnlyList<string> Of(Command command) => ByCommand.TryGetValue(command, out string[]? examples) ? examples : [];
}
