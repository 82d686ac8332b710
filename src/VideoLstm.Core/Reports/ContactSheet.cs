using System.Globalization;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Reports;

/// <summary>Pictures of clips in rows, under the names of their classes, with text beside: one picture that shows them all.</summary>
public sealed class ContactSheet
{
    private const int Margin = 20, Gap = 4, RowGap = 10, ClassGap = 18, TextWidth = 190;
    private const int TitleSize = 20, ClassSize = 26, NameSize = 16, SmallSize = 14;
    private const int LargestThumbnail = 128, WidestRow = 1200;
    private const byte Paper = 250;

    private readonly string _title;
    private readonly int _height, _width;
    private readonly int _thumbnailHeight, _thumbnailWidth;
    private readonly IReadOnlyList<string> _columns;
    private readonly List<Row> _rows = [];

    /// <summary>An empty sheet.</summary>
    /// <param name="title">What stands above all.</param>
    /// <param name="columns">What stands above each column.</param>
    /// <param name="height">Height of the pictures, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    public ContactSheet(string title, IReadOnlyList<string> columns, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        (_title, _columns, _height, _width) = (title, columns, height, width);
        _thumbnailHeight = Math.Max(1, Math.Min(LargestThumbnail, WidestRow / columns.Count * height / width));
        _thumbnailWidth = Math.Max(1, (int)Math.Round((double)_thumbnailHeight * width / height));
    }

    /// <summary>How many rows there are.</summary>
    public int Rows => _rows.Count;

    /// <summary>Adds a row; the picture is kept small, so a sheet takes little memory.</summary>
    /// <param name="className">Name of the class; rows of one class come one after the other.</param>
    /// <param name="name">What the row shows.</param>
    /// <param name="details">More on it, one line under the other.</param>
    /// <param name="pictures">RGB <c>[height, width, 3]</c>, one for each column.</param>
    public void Add(string className, string name, IReadOnlyList<string> details, IReadOnlyList<byte[]> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfNotEqual(pictures.Count, _columns.Count, nameof(pictures));
        _rows.Add(new Row(className, name, details, [.. pictures.Select(Shrink)]));
    }

    /// <summary>Writes the sheet as PNG, whole or not at all.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Write(string output, CancellationToken ct = default)
    {
        List<PictureText> texts = [];
        List<(byte[] Pixels, int X, int Y)> pictures = [];
        int left = Margin + TextWidth, full = left + _columns.Count * (_thumbnailWidth + Gap) - Gap + Margin;
        texts.Add(new PictureText(_title, Margin, Margin, TitleSize, full - 2 * Margin));
        int y = Margin + TitleSize + RowGap;
        for (int i = 0; i < _columns.Count; i++)
            texts.Add(new PictureText(_columns[i], left + i * (_thumbnailWidth + Gap), y, SmallSize, _thumbnailWidth, Faint: true));
        y += SmallSize + Gap;
        string? className = null;
        foreach (Row row in _rows)
        {
            if (row.ClassName != className)
            {
                y += className is null ? 0 : ClassGap;
                texts.Add(new PictureText(className = row.ClassName, Margin, y, ClassSize, full - 2 * Margin, Bold: true));
                y += ClassSize + Gap;
            }
            texts.Add(new PictureText(Shorten(row.Name), Margin, y, NameSize, TextWidth - Gap));
            texts.AddRange(row.Details.Select((line, i) =>
                new PictureText(line, Margin, y + NameSize + 2 + i * SmallSize, SmallSize, TextWidth - Gap, Faint: true)));
            pictures.AddRange(row.Thumbnails.Select((pixels, i) => (pixels, left + i * (_thumbnailWidth + Gap), y)));
            y += Math.Max(_thumbnailHeight, NameSize + 2 + row.Details.Count * SmallSize) + RowGap;
        }
        int height = y - RowGap + Margin;

        byte[] canvas = new byte[height * full * 3];
        canvas.AsSpan().Fill(Paper);
        foreach ((byte[] pixels, int x, int top) in pictures)
        {
            for (int line = 0; line < _thumbnailHeight; line++)
                pixels.AsSpan(line * _thumbnailWidth * 3, _thumbnailWidth * 3).CopyTo(canvas.AsSpan(((top + line) * full + x) * 3));
        }
        PictureFile.WritePng(output, canvas, height, full, texts, ct);
    }

    // Beginning and end tell names apart best.
    private static string Shorten(string name)
    {
        const int longest = 24;
        var text = new StringInfo(name);
        return text.LengthInTextElements <= longest
            ? name
            : text.SubstringByTextElements(0, longest / 2) + "…"
                + text.SubstringByTextElements(text.LengthInTextElements - longest / 2 + 1);
    }

    // Each pixel is the mean of those that it stands for; where there are fewer than pixels, one is repeated and seen as it is.
    private byte[] Shrink(byte[] picture)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(picture.Length, _height * _width * 3, nameof(picture));
        var result = new byte[_thumbnailHeight * _thumbnailWidth * 3];
        for (int y = 0; y < _thumbnailHeight; y++)
        {
            int top = y * _height / _thumbnailHeight, bottom = Math.Max(top + 1, (y + 1) * _height / _thumbnailHeight);
            for (int x = 0; x < _thumbnailWidth; x++)
            {
                int left = x * _width / _thumbnailWidth, right = Math.Max(left + 1, (x + 1) * _width / _thumbnailWidth);
                int count = (bottom - top) * (right - left);
                for (int c = 0; c < 3; c++)
                {
                    int sum = count / 2;
                    for (int i = top; i < bottom; i++)
                    {
                        for (int j = left; j < right; j++)
                            sum += picture[(i * _width + j) * 3 + c];
                    }
                    result[(y * _thumbnailWidth + x) * 3 + c] = (byte)(sum / count);
                }
            }
        }
        return result;
    }

    private sealed record Row(string ClassName, string Name, IReadOnlyList<string> Details, byte[][] Thumbnails);
}
