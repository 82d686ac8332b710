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
            CheckPrinter.Print(Diagnostics.Run(Environment.CurrentDirectory)) ? ExitCode.Success : ExitCode.SomeFailed);
        return command;
    }
}
