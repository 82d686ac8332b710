using System.Globalization;
using Spectre.Console;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Training;

namespace VideoLstm.Cli;

/// <summary>A confusion matrix on a terminal.</summary>
internal static class ConfusionDisplay
{
    public static void Write(ConfusionMatrix confusion)
    {
        string[] names = [.. confusion.Classes.Select(name => Markup.Escape(Printable.Escape(name)))];
        var table = new Table().Border(TableBorder.Ascii).AddColumn("clips of");
        foreach (string name in names)
            table.AddColumn(new TableColumn("as " + name).RightAligned());
        for (int truth = 0; truth < confusion.Classes.Count; truth++)
            table.AddRow([names[truth], .. Enumerable.Range(0, confusion.Classes.Count)
                .Select(answer => confusion[truth, answer].ToString(CultureInfo.InvariantCulture))]);
        AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(Console.Out) }).Write(table);
    }
}
