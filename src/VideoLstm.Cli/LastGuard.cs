using System.Diagnostics;

namespace VideoLstm.Cli;

/// <summary>
/// The end of every error that nobody caught, on any thread: one line that says that the fault is ours and where to report it, and
/// <see cref="ExitCode.Internal"/>. The stack trace comes under <c>VLSTM_DEBUG=1</c>.
/// </summary>
internal static class LastGuard
{
    private static int _hasFailed;

    /// <summary>Runs the program.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(Func<Task<int>> program)
    {
        AppDomain.CurrentDomain.UnhandledException += (_, e) => Environment.Exit(Fail(e.ExceptionObject as Exception));
        try
        {
            return await program();
        }
        catch (Exception e)
        {
            return Fail(e);
        }
    }

    /// <summary>What is said of an error, in one line.</summary>
    public static string Describe(Exception? error)
    {
        while (error is AggregateException or System.Reflection.TargetInvocationException or TypeInitializationException
            && error.InnerException is { } inner)
            error = inner;
        // Where in our own code, whatever that called.
        string where = error is null ? "" : new StackTrace(error).GetFrames().Select(f => f.GetMethod())
            .Where(m => m?.DeclaringType?.Namespace?.StartsWith(nameof(VideoLstm), StringComparison.Ordinal) == true)
            .Select(m => $" in {m!.DeclaringType!.Name}.{m.Name}").FirstOrDefault("");
        string what = error is null ? "unknown" : $"{error.GetType().Name}{where}: {error.Message.ReplaceLineEndings(" ")}";
        return $"internal error, {what.TrimEnd('.')}; this is a fault of vlstm: please report it with the command line (README, " +
            $"\"Reporting a fault\"); VLSTM_DEBUG=1 shows where it happened";
    }

    private static int Fail(Exception? error)
    {
        // One is enough, and the one that came first.
        if (Interlocked.Exchange(ref _hasFailed, 1) != 0)
            return ExitCode.Internal;
        Console.Error.WriteLine($"vlstm: {Describe(error)}");
        if (Environment.GetEnvironmentVariable("VLSTM_DEBUG") == "1")
            Array.ForEach($"{error}".ReplaceLineEndings("\n").Split('\n'), Console.Error.WriteLine);
        return ExitCode.Internal;
    }
}
