using VideoLstm.Core.Reports;

namespace VideoLstm.Cli;

/// <summary>Prints what was looked at on this machine.</summary>
internal static class CheckPrinter
{
    /// <summary>A line each, and one below it for what mends it.</summary>
    /// <returns>Whether nothing that is needed is missing.</returns>
    public static bool Print(IEnumerable<Check> checks)
    {
        bool isWell = true;
        foreach (Check check in checks)
        {
            isWell &= check.Severity != Severity.Missing;
            Console.WriteLine($"{check.Severity switch { Severity.Well => "ok", Severity.Lacking => "note", _ => "MISSING" },-8} " +
                $"{check.Name + ":",-20} {check.Found}");
            if ((check.Fix ?? Remedies.Words(check.Remedy)) is { } fix)
                Console.WriteLine($"{"",-8} {"",-20} -> {fix}");
        }
        return isWell;
    }
}
