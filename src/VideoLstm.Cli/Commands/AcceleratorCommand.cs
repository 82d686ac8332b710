using System.CommandLine;
using System.Globalization;
using VideoLstm.Core.Accelerators;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Reports;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm accelerator`: installs what computes on graphics cards.</summary>
internal static class AcceleratorCommand
{
    public static Command Create()
    {
        var command = new Command("accelerator", "Installs, shows and removes libtorch, which computes on graphics cards of NVIDIA.")
        {
            CreateInstall(), CreateStatus(), CreateRemove(),
        };
        command.WithExamples("vlstm accelerator install", "vlstm accelerator status", "vlstm accelerator remove cuda");
        return command;
    }

    private static Argument<string> Package(bool all)
    {
        var argument = new Argument<string>("package")
        {
            Description = string.Join("; ", AcceleratorPackage.All.Select(p => $"{p.Name}: {p.Package}, about {p.Megabytes} MB")),
            DefaultValueFactory = _ => all ? "all" : AcceleratorPackage.Cuda.Name,
        };
        argument.AcceptOnlyFromAmong([.. AcceleratorPackage.All.Select(p => p.Name), .. all ? ["all"] : (string[])[]]);
        return argument;
    }

    private static Command CreateInstall()
    {
        Argument<string> package = Package(all: false);
        var command = new Command(
            "install", "Gets the packages by the .NET SDK from its package source, tries them, and keeps them in the user's cache. Where " +
                "VLSTM_LIBTORCH names a folder of libtorch that is there, only what binds it is got.") { package };
        command.WithExamples("vlstm accelerator install", "vlstm accelerator install cpu      # libtorch without a card, to compare");
        command.SetAction(async (parsed, ct) =>
        {
            LibtorchFolder? asked = LibtorchFolder.Asked();
            AcceleratorPackage chosen = asked is not null ? AcceleratorPackage.Binding
                : AcceleratorPackage.All.First(p => p.Name == parsed.GetValue(package));
            bool isNew = await new AcceleratorInstaller(chosen, asked, new JobReport()).RunAsync(ct);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{chosen.Package} {chosen.PackageVersion}: {(isNew ? "installed" : "is installed already")}, ") +
                string.Create(CultureInfo.InvariantCulture, $"{chosen.InstalledMegabytes:0} MB, in {chosen.Folder}") +
                (asked is null ? "" : $", for libtorch of {asked.Libraries}"));
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateStatus()
    {
        var command = new Command("status", "Says what is installed, which cards and which driver there are, and which devices answer.");
        command.WithExamples("vlstm accelerator status");
        command.SetAction(_ =>
        {
            CheckPrinter.Print(AcceleratorChecks.Run());
            if (AcceleratorLoader.IsAnyThere)
            {
                foreach (ComputeDevice device in AcceleratorLoader.Devices())
                    Console.WriteLine($"{"",-8} --device {device.Name,-11} {device.Description}");
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateRemove()
    {
        Argument<string> package = Package(all: true);
        var command = new Command("remove", "Deletes what was installed, older versions too.") { package };
        command.WithExamples("vlstm accelerator remove", "vlstm accelerator remove cpu");
        command.SetAction(parsed =>
        {
            string chosen = parsed.GetValue(package)!;
            IReadOnlyList<string> removed = AcceleratorPackage.Remove(chosen == "all" ? null : chosen);
            Console.WriteLine(removed.Count == 0 ? "nothing is installed" : $"removed {string.Join(", ", removed)}");
            return ExitCode.Success;
        });
        return command;
    }
}
