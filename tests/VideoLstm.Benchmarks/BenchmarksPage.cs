namespace VideoLstm.Benchmarks;

/// <summary>docs/benchmarks.md: a part on a processor and one on a card, each of its own run.</summary>
internal static class BenchmarksPage
{
    private const string Title = "# Benchmarks\n\n", Card = "## On a card\n\n";

    private const string NoCard =
        "No figures of a card exist yet: `scripts/bench.sh gpu --write` writes them here on a machine with one.\n";

    /// <summary>Replaces the part on a processor.</summary>
    public static void WriteProcessor(string file, string text) => Write(file, text, Part(file) ?? NoCard);

    /// <summary>Replaces the part on a card.</summary>
    public static void WriteCard(string file, string text)
    {
        string page = File.ReadAllText(file);
        int start = page.IndexOf(Card, StringComparison.Ordinal);
        Write(file, page[Title.Length..(start < 0 ? page.Length : start)], text);
    }

    private static void Write(string file, string processor, string card) =>
        File.WriteAllText(file, $"{Title}{processor.Trim()}\n\n{Card}{card.TrimEnd()}\n");

    private static string? Part(string file)
    {
        string page = File.Exists(file) ? File.ReadAllText(file) : "";
        int start = page.IndexOf(Card, StringComparison.Ordinal);
        return start < 0 ? null : page[(start + Card.Length)..];
    }
}
