using System.Globalization;
using Spectre.Console;
using VideoLstm.Core.Training;

namespace VideoLstm.Cli;

/// <summary>A confusion table on a terminal.</summary>
internal static class ConfusionDisplay
{
    public static void Write(ConfusionTable confusion)
    {
        var table = new Table().Border(TableBorder.Ascii).AddColumn("clips of");
        foreach (string name in confusion.Classes)
            table.AddColumn(new TableColumn("as " + Markup.Escape(name)).RightAligned());
        for (int truth = 0; truth < confusion.Classes.Count; truth++)
            table.AddRow([Markup.Escape(confusion.Classes[truth]), .. Enumerable.Range(0, confusion.Classes.Count).Select(answer => confusion[truth, answer].ToString(CultureInfo.InvariantCulture))]);
        AnsiConsole.Write(table);
    }
}
