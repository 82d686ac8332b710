using System.Text;

namespace VideoLstm.Cli.Tests;

/// <summary>A line of a POSIX shell, read as far as documentation needs it: quotes, comments, pipes, redirections, command substitution.</summary>
internal static class ShellLine
{
    /// <summary>The words of each command in the line, those inside <c>$(...)</c> too.</summary>
    public static IReadOnlyList<string[]> Commands(string line)
    {
        var commands = new List<string[]>();
        var words = new List<string>();
        StringBuilder? word = null;
        bool isRedirection = false;
        int i = 0;
        for (; i < line.Length && !(line[i] == '#' && word is null); i++)
        {
            char c = line[i];
            if (c is ' ' or '\t')
                EndWord();
            else if (c is '>' or '<')
                Redirect();
            else if (c is '|' or '&' or ';')
                EndCommand();
            else if (c == '\'')
                Quote();
            else if (c == '"')
                DoubleQuote();
            else
                Plain();
        }
        EndCommand();
        return commands;

        void Append(char c) => (word ??= new StringBuilder()).Append(c);

        void Plain()
        {
            if (line[i] == '\\' && i + 1 < line.Length)
                i++;
            else if (line[i..].StartsWith("$(", StringComparison.Ordinal))
                Substitute();
            Append(line[i]);
        }

        void Quote()
        {
            word ??= new StringBuilder();
            while (++i < line.Length && line[i] != '\'')
                Append(line[i]);
        }

        void DoubleQuote()
        {
            word ??= new StringBuilder();
            while (++i < line.Length && line[i] != '"')
                Plain();
        }

        void Substitute()
        {
            int end = line.IndexOf(')', i);
            Assert.True(end > 0, $"no end of $( in: {line}");
            commands.AddRange(Commands(line[(i + 2)..end]));
            i = end;
        }

        void Redirect()
        {
            // A number before it is no word, but what is redirected.
            if (word is not null && word.ToString().All(char.IsAsciiDigit))
                word = null;
            EndWord();
            isRedirection = true;
        }

        void EndWord()
        {
            if (word is null)
                return;
            if (!isRedirection)
                words.Add(word.ToString());
            word = null;
            isRedirection = false;
        }

        void EndCommand()
        {
            EndWord();
            if (words.Count > 0)
                commands.Add([.. words]);
            words.Clear();
        }
    }
}
