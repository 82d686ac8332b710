using System.Text;
using Spectre.Console;
using VideoLstm.Core.Formats;

namespace VideoLstm.Cli;

/// <summary>
/// Keeps what files say from reaching a terminal as commands: all text of the program goes through here, and is made
/// <see cref="Printable"/>. A call of WriteLine is one line; line ends inside are part of what it shows.
/// </summary>
internal static class Terminal
{
    /// <summary>The terminal itself, for the bars that draw on it.</summary>
    public static IAnsiConsoleOutput Bars { get; private set; } = new AnsiConsoleOutput(Console.Error);

    /// <summary>Standard output without the guard, for what is all our own.</summary>
    public static TextWriter Own { get; private set; } = Console.Out;

    /// <summary>Puts the guard before standard output and standard error.</summary>
    public static void Guard()
    {
        Own = Console.Out;
        Bars = new RawError(Console.Error);
        Console.SetOut(new PrintableWriter(Console.Out));
        Console.SetError(new PrintableWriter(Console.Error));
    }

    private sealed class RawError(TextWriter error) : IAnsiConsoleOutput
    {
        public TextWriter Writer => error;

        public bool IsTerminal => !Console.IsErrorRedirected;

        public int Width => Measure(() => Console.BufferWidth, 80);

        public int Height => Measure(() => Console.WindowHeight, 24);

        public void SetEncoding(Encoding encoding)
        {
            // As the writer has it.
        }

        private static int Measure(Func<int> size, int missing)
        {
            try
            {
                return size() is > 0 and var known ? known : missing;
            }
            catch (IOException)
            {
                return missing;
            }
        }
    }
}
