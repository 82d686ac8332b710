using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

public class TerminalTests
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Clears the screen, names the window, C1, turns the direction of writing, breaks a line, half a pair; and what may stay.
    private const string Foreign = "a\u001b[2J\u001b]0;x\u0007\u009b31m\u202eb\u2066\u200e\u061c\u2028\u0085\r\nc\uD800 \tä日本😀";

    [Fact]
    public void No_control_character_of_a_file_reaches_the_terminal_and_a_line_stays_a_line()
    {
        using var screen = new StringWriter { NewLine = "\n" };
        using var guarded = TextWriter.Synchronized(new PrintableWriter(screen));

        guarded.WriteLine(Foreign);
        guarded.Write("1\n2\n");
        guarded.Write("{0}\u001b", "x");
        guarded.Write('\u001b');
        guarded.Write("😀"[0]);
        guarded.Write("😀"[1]);
        guarded.WriteLine("\u001b|\n".ToCharArray());

        Assert.Equal(
            """a\u001b[2J\u001b]0;x\u0007\u009b31m\u202eb\u2066\u200e\u061c\u2028\u0085\r\nc""" + "\uFFFD \tä日本😀\n1\n2\nx" + """\u001b\u001b😀\u001b|\n""" + "\n", screen.ToString());
    }

    [Fact]
    public void Json_on_standard_output_stays_json_and_says_the_same()
    {
        using var screen = new StringWriter();
        using var guarded = new PrintableWriter(screen);
        string name = Foreign.Replace("\uD800", "", StringComparison.Ordinal);

        guarded.WriteLine(JsonSerializer.Serialize(new[] { name }, Readable));

        Assert.DoesNotContain(screen.ToString().Trim(), c => char.IsControl(c) || c is '\u202e' or '\u2066');
        Assert.Equal(name, Assert.Single(JsonSerializer.Deserialize<string[]>(screen.ToString())!));
    }

    [Theory]
    [InlineData("info", "no\u001b[31msuch\nfile")]
    [InlineData("in\u001b[31mfo", "x")]
    [InlineData("info", "--\u202ex")]
    [InlineData("train", "--epochs", "\u001b[31m")]
    [InlineData("help\u001b[31m")]
    public void Control_characters_in_names_and_arguments_come_back_printable(params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        (int exitCode, string output, string errors) = Tool.Run(folder.Path, arguments);

        Assert.Equal(2, exitCode);
        Assert.DoesNotContain(output + errors.TrimEnd(), c => char.IsControl(c) || c is '\u202e');
    }

    [Fact]
    public async Task A_fault_of_the_program_is_one_line_that_says_where_to_report_it()
    {
        Assert.Equal(ExitCode.Internal, await LastGuard.RunAsync(() => throw new InvalidOperationException("first\nsecond")));
        Assert.Equal(3, await LastGuard.RunAsync(() => Task.FromResult(3)));

        string said = LastGuard.Describe(new AggregateException(Caught()));

        Assert.Contains("ArgumentOutOfRangeException in TerminalTests.Caught: ", said, StringComparison.Ordinal);
        Assert.Contains("Reporting a fault", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
    }

    private static Exception Caught()
    {
        try
        {
            _ = "x"[2..];
            return new InvalidOperationException();
        }
        catch (ArgumentOutOfRangeException e)
        {
            return e;
        }
    }
}
