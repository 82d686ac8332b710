using System.Globalization;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Media;

/// <summary>Writes pictures with text on them, by ffmpeg.</summary>
public static class PictureFile
{
    // Colours in ASS are blue, green, red.
    private const string Ink = "&H202020&", FaintInk = "&H808080&";

    /// <summary>Writes a PNG file, whole or not at all.</summary>
    /// <param name="output">The file.</param>
    /// <param name="rgb">The picture, <c>[height, width, 3]</c>.</param>
    /// <param name="height">Its height, pixels.</param>
    /// <param name="width">Its width, pixels.</param>
    /// <param name="texts">What is written on it.</param>
    /// <param name="ct">Stops the writing; nothing stays.</param>
    /// <exception cref="InputException">It cannot be written, or no font is installed.</exception>
    public static void WritePng(string output, byte[] rgb, int height, int width, IEnumerable<PictureText> texts,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(rgb);
        Write(output, [rgb], height, width, "1", texts, ["-vf", "ass=texts.ass", "-c:v", "png", "-f", "image2pipe"], ct);
    }

    /// <summary>Writes a GIF file that plays on and on, whole or not at all.</summary>
    /// <param name="output">The file.</param>
    /// <param name="frames">The pictures, <c>[height, width, 3]</c> each.</param>
    /// <param name="height">Their height, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="rate">Pictures a second; where texts are on some of them alone, a whole part of 100.</param>
    /// <param name="texts">What is written on them.</param>
    /// <param name="ct">Stops the writing; nothing stays.</param>
    /// <exception cref="InputException">It cannot be written, or no font is installed.</exception>
    public static void WriteGif(string output, IReadOnlyList<byte[]> frames, int height, int width, double rate,
        IEnumerable<PictureText> texts, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(frames);
        // Colours are chosen for these pictures, so all of them are looked at first.
        const string filters = "ass=texts.ass,split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=sierra2_4a";
        Write(output, frames, height, width, Invariant($"{rate:0.###}"), texts, ["-vf", filters, "-loop", "0", "-f", "gif"], ct);
    }

    private static void Write(string output, IReadOnlyList<byte[]> frames, int height, int width, string rate,
        IEnumerable<PictureText> texts, string[] format, CancellationToken ct)
    {
        PartialFile.Use(output, partial =>
        {
            using var folder = new ScratchFolder();
            using (StreamWriter writer = File.CreateText(folder.File("texts.ass")))
                WriteScript(writer, height, width, double.Parse(rate, CultureInfo.InvariantCulture), texts);
            string size = Invariant($"{width}x{height}");
            string[] input = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", rate, "-i", "pipe:0"];
            Run(output, [.. Ffmpeg.Start("warning"), .. input, .. format, "pipe:1"], folder.Path, frames, partial.Stream, ct);
            partial.Commit();
            return true;
        });
    }

    private static void Run(string output, string[] arguments, string folder, IReadOnlyList<byte[]> frames, Stream stream,
        CancellationToken ct)
    {
        using var process = new MediaProcess("ffmpeg", arguments, folder: folder, ct: ct);
        var feeder = new Thread(() => Feed(process, frames)) { IsBackground = true, Name = "pictures" };
        feeder.Start();
        byte[] buffer = new byte[1 << 16];
        int read;
        while ((read = process.Read(buffer)) > 0)
            stream.Write(buffer, 0, read);
        int exitCode = process.Wait();
        feeder.Join();
        if (process.LacksFonts)
            throw new InputException(
                $"{output}: no text can be drawn, no font is installed; install one, e.g. `apt-get install fonts-dejavu-core`");
        if (process.FaultOf(exitCode) is { } fault)
            throw new InputException($"{output}: cannot be written: {fault}");
    }

    private static void Feed(MediaProcess process, IReadOnlyList<byte[]> frames)
    {
        try
        {
            using Stream input = process.Input;
            foreach (byte[] frame in frames)
                input.Write(frame);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // ffmpeg has ended before it read all; its exit code says so.
        }
    }

    private static void WriteScript(TextWriter writer, int height, int width, double rate, IEnumerable<PictureText> texts)
    {
        LabelScript.WriteHead(writer, width, height, "16,&H00202020,&H00202020,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,0,0,7,0,0,0,1");
        foreach (PictureText text in texts)
        {
            string place = $"\\pos({text.X},{text.Y})\\clip({text.X},{text.Y},{text.X + text.Width},{text.Y + 2 * text.Size})";
            string look = $"{place}\\fs{text.Size}\\b{(text.Bold ? 1 : 0)}\\c{(text.Faint ? FaintInk : Ink)}";
            (string start, string end) = text.Pictures is var (first, next)
                ? (LabelScript.Hundredths(100 * first / rate), LabelScript.Hundredths(100 * next / rate)) : ("0:00:00.00", "9:59:59.99");
            writer.WriteLine($"Dialogue: 0,{start},{end},Label,,0,0,0,,{{{look}}}{LabelScript.Escape(text.Text)}");
        }
    }
}
