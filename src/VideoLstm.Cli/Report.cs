using VideoLstm.Core;

namespace VideoLstm.Cli;

/// <summary>What a person is told besides the results, on standard error, a line each.</summary>
internal static class Report
{
    /// <summary>Things worth knowing.</summary>
    public static void Remarks(IEnumerable<string> remarks) => Write("note", remarks);

    /// <inheritdoc cref="Remarks(IEnumerable{string})"/>
    public static void Remarks(IEnumerable<Finding> remarks) => Write("note", remarks.Select(Remedies.Line));

    /// <summary>Inputs that could not be used.</summary>
    public static void Failures(IEnumerable<Finding> failures) => Write("failed", failures.Select(Remedies.Line));

    private static void Write(string kind, IEnumerable<string> lines)
    {
        foreach (string line in lines)
            Console.Error.WriteLine($"{kind}: {line.ReplaceLineEndings(" ")}");
    }
}
