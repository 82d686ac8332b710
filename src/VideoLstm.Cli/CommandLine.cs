using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using VideoLstm.Cli.Commands;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Samples;

namespace VideoLstm.Cli;

/// <summary>The whole command line: the verbs, and what happens to errors and interrupts of all of them.</summary>
internal static partial class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <param name="args">The words.</param>
    /// <param name="backend">What computes whatever the command line says; null: what it says.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, IBackend? backend = null)
    {
        using var interrupt = new CancellationTokenSource();
        // The first interrupt ends the work in good order; the next one ends the process.
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
        }
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);

        ParseResult parsed = CreateRoot(backend).Parse(args);
        if (Complaint(parsed, args) is { } complaint)
            return Fail($"{complaint} See `{CommandPath(parsed.CommandResult.Command)} --help`.", ExitCode.Unusable);
        try
        {
            ReadingOptions.Use(parsed);
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            // All suggestions of a shell's completion come in one call.
            if (args is [['[', ..], ..])
                configuration.Output = Terminal.Own;
            return await parsed.InvokeAsync(configuration, interrupt.Token);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return Fail("interrupted; what is done stays done, run the same command again to go on", ExitCode.Interrupted);
        }
        catch (Exception e) when (Explain(e) is { } message)
        {
            return Fail(message, ExitCode.Unusable);
        }
    }

    /// <summary>The verbs.</summary>
    /// <param name="backend">What computes whatever the command line says; null: what it says.</param>
    public static RootCommand CreateRoot(IBackend? backend = null)
    {
        var device = new DeviceOption(backend);
        var root = new RootCommand("Trains a video classifier on short labelled clips and labels long videos with it.")
        {
            ClipsCommand.Create().WithStream(),
            ExtractFilesCommand.Create().WithReading(),
            PreviewCommand.Create().WithReading(),
            ExtractFeaturesCommand.Create(device).WithReading().WithDecoder(),
            TrainCommand.Create(device).WithReading().WithDecoder(),
            EvaluateCommand.Create(device).WithReading().WithDecoder(),
            ClassifyCommand.Create(device).WithReading().WithDecoder(),
            ReviewCommand.Create().WithStream().WithDecoder(),
            ScoreCommand.Create(),
            StatusCommand.Create(),
            CutCommand.Create().WithStream(),
            InfoCommand.Create().WithStream(),
            ExtractorsCommand.Create(device),
            WeightsCommand.Create(),
            AcceleratorCommand.Create(),
            DoctorCommand.Create(),
            CompletionCommand.Create(),
            ExportCommand.Create(),
        };
        root.WithExamples(
            "vlstm extract-files mp4                                   # 1. frames and data/data_file.csv",
            "vlstm extract-features 75 2                               # 2. features of 75 frames a clip, first 2 classes",
            "vlstm train 75 2 299 299                                  # 3. data/checkpoints/*.bin",
            "vlstm classify 75 2 data/checkpoints/BEST.bin match.mp4   # 4. result.avi");
        Array.ForEach([.. root.Subcommands.SelectMany(c => c.Options)], SuggestLowerCase);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    /// <summary>What is wrong with a command line, before anything is done; null: nothing.</summary>
    public static string? Complaint(ParseResult parsed, string[] args) =>
        parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples ? Explain(parsed)
        : UnknownOption(parsed, args) is { } unknown
            ? $"`{unknown}` is no option here; a file of this name is given as .{Path.DirectorySeparatorChar}{unknown}."
        : null;

    // Values of enumerations are typed in lower case.
    private static void SuggestLowerCase(Option option)
    {
        Type type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        if (!type.IsEnum)
            return;
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. Enum.GetNames(type).Select(name =>
            type == typeof(FrameInput) ? CommonOptions.Word(name) : name.ToLowerInvariant())]);
    }

    // What the user can do something about; null: nothing, the fault is ours. Work on several threads wraps what one of them met.
    private static string? Explain(Exception error) => error switch
    {
        InputException refused => Remedies.Line(refused.Finding),
        InvalidDataException or IOException or UnauthorizedAccessException or PlatformNotSupportedException or FormatException =>
            error.Message,
        OutOfMemoryException => "not enough memory; take a smaller height and width, --batch-size or --threads",
        TypeInitializationException or AggregateException when error.InnerException is { } inner => Explain(inner),
        _ => null,
    };

    // An argument that takes several values takes also what looks like an option.
    private static string? UnknownOption(ParseResult parsed, string[] args)
    {
        string[] values = [.. parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value)];
        return args.TakeWhile(a => a != "--").FirstOrDefault(a => a is ['-', not (>= '0' and <= '9'), ..]
            && values.Contains(a, StringComparer.Ordinal) && !File.Exists(a));
    }

    // Of several errors the one that names a word of the user's says most.
    private static string Explain(ParseResult parsed)
    {
        string message = parsed.UnmatchedTokens.Count > 0
            ? $"`{parsed.UnmatchedTokens[0]}` is no verb, argument or option here."
            : parsed.Errors[0].Message;
        return TypeName().Replace(message, type => type.Groups["name"].Value switch
        {
            var name when name.Contains("Int32", StringComparison.Ordinal) => "a whole number",
            var name when name.Contains("Double", StringComparison.Ordinal) => "a number",
            var name when name.Contains(nameof(FrameSampling), StringComparison.Ordinal) => "even, stride, head or sliding",
            _ => "one of its values (see --help)",
        });
    }

    [GeneratedRegex(@"type '(?<name>[^']*)'", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeName();

    private static int Fail(string message, int exitCode)
    {
        Console.Error.WriteLine($"vlstm: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }

    private static string CommandPath(Command command) =>
        string.Join(' ', command.Parents.OfType<Command>().Reverse().Append(command).Select(c => c is RootCommand ? "vlstm" : c.Name));

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int result = help.Invoke(parseResult);
            IReadOnlyList<string> examples = Examples.Of(parseResult.CommandResult.Command);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            if (examples.Count > 0)
                output.WriteLine("Examples:");
            foreach (string example in examples)
                output.WriteLine($"  {example}");
            return result;
        }
    }
}
