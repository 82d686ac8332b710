namespace VideoLstm.Cli;

/// <summary>What a shell script learns from the exit code.</summary>
internal static class ExitCode
{
    /// <summary>All well.</summary>
    public const int Success = 0;

    /// <summary>Some inputs failed, the rest is done.</summary>
    public const int SomeFailed = 1;

    /// <summary>Wrong arguments or unusable input: nothing could be done.</summary>
    public const int Unusable = 2;

    /// <summary>A fault of this program: sysexits' EX_SOFTWARE.</summary>
    public const int Internal = 70;

    /// <summary>Interrupted: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
