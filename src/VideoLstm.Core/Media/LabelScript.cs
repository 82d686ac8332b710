namespace VideoLstm.Core.Media;

/// <summary>
/// Labels as an ASS subtitle script (Sub Station Alpha v4.00+), which ffmpeg's ass filter draws: white, thin dark outline.
/// </summary>
internal static class LabelScript
{
    /// <summary>
    /// ASS counts in hundredths of a second, too coarse to say which of two frames. So the filter graph slows the video down
    /// by this factor before the labels are drawn, and restores it after.
    /// </summary>
    public const int TimeScale = 100;

    private const int SmallestText = 8;
    private const double BarWidth = 5, BarHeight = 0.7;
    private const double LastsForever = 9_000_000;

    private const string StyleFields =
        "Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, "
            + "Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding";

    /// <summary>Writes the script.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="labels">The labels, in order, without gaps.</param>
    /// <param name="timing">Times of the frames: a border between labels lies a little before the frame that begins the next.</param>
    /// <param name="video">The video, for the size of the text.</param>
    /// <param name="style">How they look.</param>
    public static void Write(TextWriter writer, IEnumerable<FrameLabel> labels, FrameTiming timing, VideoInfo video, LabelStyle style)
    {
        double margin = double.IsFinite(timing.ShortestStep) ? Math.Clamp(timing.ShortestStep / 2, 0.0002, 0.02) : 0;
        int size = style.Pixels ?? Math.Max(SmallestText, (int)(Math.Min(video.Height, video.Width) * style.Size));
        int corner = (style.IsBottom ? 1 : 7) + (style.IsRight ? 2 : 0);
        int outline = Math.Max(1, size / 14), edge = Math.Max(2, size / 2);
        WriteHead(writer, video.Width, video.Height,
            $"{size},&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,{outline},0,{corner},{edge},{edge},{edge},1");
        foreach (FrameLabel label in labels)
        {
            double start = label.FirstFrame == 0 ? 0 : label.StartSeconds - margin;
            double end = label.EndFrame >= timing.Frames ? LastsForever / TimeScale : label.EndSeconds - margin;
            string text = string.Join("\\N", label.Lines.Select((line, i) => Line(style, size, Escape(line), label.Bars?[i])));
            writer.WriteLine($"Dialogue: 0,{Time(start)},{Time(end)},Label,,0,0,0,,{text}");
        }
    }

    // A drawing stands in the text like a letter: what the probability fills, and the rest, nearly clear.
    private static string Line(LabelStyle style, int size, string text, double? share)
    {
        if (!style.HasBars || share is not { } part)
            return text;
        int whole = (int)(BarWidth * size), height = (int)Math.Max(2, BarHeight * size),
            filled = (int)Math.Round(whole * Math.Clamp(part, 0, 1));
        string bar = $"{{\\p1}}{Box(filled)}{{\\1a&HC0&}}{Box(whole - filled)}{{\\1a&H00&\\p0}}";
        // Next to the edge, so that they stand below each other.
        return style.IsRight ? $"{text}\\h{bar}" : $"{bar}\\h{text}";

        string Box(int width) => width == 0 ? "" : Invariant($"m 0 0 l {width} 0 {width} {height} 0 {height} ");
    }

    /// <summary>Writes what comes before the lines of text.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="width">Width of the picture, pixels.</param>
    /// <param name="height">Its height, pixels.</param>
    /// <param name="style">The fields of the style <c>Label</c> from the size of the font on.</param>
    public static void WriteHead(TextWriter writer, int width, int height, string style) => writer.WriteLine($"""
        [Script Info]
        ScriptType: v4.00+
        PlayResX: {width}
        PlayResY: {height}
        WrapStyle: 2
        ScaledBorderAndShadow: yes

        [V4+ Styles]
        Format: Name, Fontname, {StyleFields}
        Style: Label,DejaVu Sans,{style}

        [Events]
        Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
        """);

    private static string Time(double seconds) => Hundredths(seconds * TimeScale * 100);

    /// <summary>A time as it stands in a script.</summary>
    /// <param name="count">Hundredths of a second.</param>
    public static string Hundredths(double count)
    {
        long hundredths = (long)Math.Round(Math.Max(count, 0));
        return Invariant($"{hundredths / 360000}:{hundredths / 6000 % 60:00}:{hundredths / 100 % 60:00}.{hundredths % 100:00}");
    }

    /// <summary>
    /// Text that is shown as it is. Braces begin commands and a backslash may: a word joiner, which is not seen, takes the backslash its
    /// meaning.
    /// </summary>
    public static string Escape(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c))
        .Replace("\\", "\\\u2060", StringComparison.Ordinal).Replace("{", "\\{", StringComparison.Ordinal)
        .Replace("}", "\\}", StringComparison.Ordinal);
}
