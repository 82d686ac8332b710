namespace VideoLstm.Cli;

/// <summary>What a person is told besides the results, on standard error, a line each.</summary>
internal static class Report
{
    /// <summary>Things worth knowing.</summary>
    public static void Remarks(IEnumerable<string> remarks) => Write("note", remarks);

    /// <summary>Inputs that could not be used.</summary>
    public static void Failures(IEnumerable<string> failures) => Write("failed", failures);

    private static void Write(string kind, IEnumerable<string> lines)
    {
        foreach (string line in lines)
            Console.Error.WriteLine($"{kind}: {line.ReplaceLineEndings(" ")}");
    }
}
