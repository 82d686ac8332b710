using System.Globalization;

namespace VideoLstm.Core.Media;

/// <summary>How labels look that are drawn into a video.</summary>
/// <param name="Size">Height of a line as a share of the smaller side of the picture.</param>
/// <param name="Pixels">Height of a line, pixels; null: by <paramref name="Size"/>.</param>
/// <param name="IsRight">On the right or on the left.</param>
/// <param name="IsBottom">At the bottom or at the top.</param>
/// <param name="HasBars">Whether a bar shows each probability.</param>
public sealed record LabelStyle(
    double Size = LabelStyle.Medium, int? Pixels = null, bool IsRight = false, bool IsBottom = false, bool HasBars = false)
{
    /// <summary>What <see cref="Parse"/> understands.</summary>
    public const string Words = "size=small|medium|large|PIXELS,corner=top-left|top-right|bottom-left|bottom-right,bars";

    private const double Small = 1.0 / 24, Medium = 1.0 / 16, Large = 1.0 / 10;

    private const int SmallestPixels = 4, LargestPixels = 1000;

    /// <summary>Parses words with commas between, e.g. <c>size=large,corner=bottom-right,bars</c>.</summary>
    /// <exception cref="InputException">There is a word that means nothing here.</exception>
    public static LabelStyle Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var style = new LabelStyle();
        foreach (string word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            style = word switch
            {
                "size=small" => style with { Size = Small },
                "size=medium" => style with { Size = Medium },
                "size=large" => style with { Size = Large },
                "corner=top-left" => style with { IsRight = false, IsBottom = false },
                "corner=top-right" => style with { IsRight = true, IsBottom = false },
                "corner=bottom-left" => style with { IsRight = false, IsBottom = true },
                "corner=bottom-right" => style with { IsRight = true, IsBottom = true },
                "bars" => style with { HasBars = true },
                _ when word.StartsWith("size=", StringComparison.Ordinal)
                    && int.TryParse(word.AsSpan("size=".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int pixels)
                    && pixels is >= SmallestPixels and <= LargestPixels => style with { Pixels = pixels },
                _ => throw new InputException($"label style {text}: `{word}` means nothing here; expected {Words}"),
            };
        }
        return style;
    }
}
