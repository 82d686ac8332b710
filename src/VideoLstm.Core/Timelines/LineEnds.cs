namespace VideoLstm.Core.Timelines;

/// <summary>Line ends.</summary>
internal static class LineEnds
{
    /// <summary>Makes every line end a line feed.</summary>
    public static string ReplaceCarriageReturns(this string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
