using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace VideoLstm.Core.Reports;

/// <summary>
/// A page, grown by interpolated strings: what stands in braces is escaped for text and for quoted attributes, unless it is
/// <see cref="Markup"/>; numbers are written with a point. So no name from a file can become markup.
/// </summary>
internal sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _text = new();

    /// <summary>Adds markup with values in it.</summary>
    public Html Add([InterpolatedStringHandlerArgument("")] Values markup)
    {
        _ = markup;
        _text.Append('\n');
        return this;
    }

    /// <summary>The head of a table.</summary>
    public static Markup Head(params IEnumerable<string> columns) =>
        new($"<thead><tr>{string.Concat(columns.Select(c => $"<th scope=\"col\">{Encoder.Encode(c)}</th>"))}</tr></thead>");

    /// <summary>What has been added, as markup.</summary>
    public Markup ToMarkup() => new(_text.ToString());

    /// <summary>Writes literal parts as they are and the values escaped.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Values
    {
        private readonly StringBuilder _text;

        public Values(int literalLength, int formattedCount, Html page)
        {
            _text = page._text;
            _text.EnsureCapacity(_text.Length + literalLength + 16 * formattedCount);
        }

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(Markup markup) => _text.Append(markup.Text);

        public void AppendFormatted(string? text) => _text.Append(Encoder.Encode(text ?? ""));

        public void AppendFormatted<T>(T value, string? format = null) where T : IFormattable =>
            AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));
    }
}
