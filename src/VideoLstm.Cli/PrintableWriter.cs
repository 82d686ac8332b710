using System.Text;
using Spectre.Console;
using VideoLstm.Core.Formats;

namespace VideoLstm.Cli;

/// <summary>Passes text on as it can be shown.</summary>
internal sealed class PrintableWriter(TextWriter to) : TextWriter(System.Globalization.CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => to.Encoding;

    // Half a pair may come by itself: its other half is the next one.
    public override void Write(char value)
    {
        if (char.IsSurrogate(value))
            to.Write(value);
        else
            Write(value.ToString());
    }

    public override void Write(string? value) => to.Write(Printable.Escape(value ?? "", keepsLines: true));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    public override void WriteLine() => to.WriteLine();

    public override void WriteLine(string? value) => to.WriteLine(Printable.Escape(value ?? ""));

    public override void WriteLine(char[]? buffer) => WriteLine(new string(buffer));

    public override void WriteLine(char[] buffer, int index, int count) => WriteLine(new string(buffer, index, count));

    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(new string(buffer));

    public override void Flush() => to.Flush();
}
