using System.CommandLine;
using VideoLstm.Core.Reports;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm doctor`: what is missing or slow on this machine.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor",
            "Says what this machine lacks for vlstm, what is slow on it, and how to mend it. Exit code 1: something needed is missing.");
        command.WithExamples("vlstm doctor");
        command.SetAction(_ =>
        {
            bool isWell = true;
            foreach (Check check in Diagnostics.Run(Environment.CurrentDirectory))
            {
                isWell &= check.Severity != Severity.Missing;
                Console.WriteLine($"{check.Severity switch { Severity.Well => "ok", Severity.Lacking => "note", _ => "MISSING" },-8} " +
                    $"{check.Name + ":",-20} {check.Found}");
                if ((check.Fix ?? Remedies.Words(check.Remedy)) is { } fix)
                    Console.WriteLine($"{"",-8} {"",-20} -> {fix}");
            }
            return isWell ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }
}
