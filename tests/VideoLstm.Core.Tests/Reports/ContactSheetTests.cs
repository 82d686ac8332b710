using VideoLstm.Core.Media;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Reports;

public sealed class ContactSheetTests : IDisposable
{
    private const int Height = 200, Width = 300;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PicturesStandInRowsInTheirOwnColours()
    {
        (int R, int G, int B)[] colours = [(200, 30, 40), (20, 180, 60), (50, 60, 220), (128, 128, 0)];
        var sheet = new ContactSheet("A title {with} \\N \"signs\" 視頻", ["one", "two"], Height, Width);
        sheet.Add("First", "a", [], [Plain(colours[0]), Plain(colours[1])]);
        sheet.Add("Second", new string('w', 300), ["detail", "another"], [Plain(colours[2]), Plain(colours[3])]);
        string path = _folder.File("sheet.png");

        sheet.Write(path);

        VideoInfo info = VideoProbe.Read(path);
        byte[] rgb;
        using (var reader = new FrameReader(path, info.Height, info.Width))
            rgb = MadeClip.ReadAll(reader, info.Height, info.Width)[0].Rgb;
        // Each picture is a rectangle of 128 x 192 pixels of one colour, and nothing is written into it.
        var boxes = colours.Select(c => Box(rgb, info.Width, c)).ToArray();
        Assert.All(boxes, box => Assert.Equal((192, 128, 192 * 128), (box.Right - box.Left + 1, box.Bottom - box.Top + 1, box.Count)));
        Assert.Equal((boxes[0].Top, boxes[2].Top, boxes[0].Left, boxes[1].Left), (boxes[1].Top, boxes[3].Top, boxes[2].Left, boxes[3].Left));
        Assert.True(boxes[0].Right < boxes[1].Left && boxes[0].Bottom < boxes[2].Top);
        // Text stands beside them.
        Assert.Contains(Enumerable.Range(0, boxes[0].Left), x => Enumerable.Range(boxes[2].Top, 40).Any(y => rgb[(y * info.Width + x) * 3] < 100));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void AThumbnailIsTheMeanOfWhatItStandsFor()
    {
        byte[] board = new byte[256 * 256 * 3];
        for (int i = 0; i < 256 * 256; i++)
            board[i * 3 + ((i + i / 256) % 2)] = 255;
        var sheet = new ContactSheet("", ["x"], 256, 256);
        sheet.Add("c", "n", [], [board]);
        string path = _folder.File("sheet.png");

        sheet.Write(path);

        VideoInfo info = VideoProbe.Read(path);
        using var reader = new FrameReader(path, info.Height, info.Width);
        Assert.Equal(128 * 128, Box(MadeClip.ReadAll(reader, info.Height, info.Width)[0].Rgb, info.Width, (128, 128, 0)).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => sheet.Add("c", "n", [], [board, board]));
        Assert.Throws<ArgumentOutOfRangeException>(() => sheet.Add("c", "n", [], [new byte[3]]));
    }

    [Fact]
    public void AGifHoldsEachFrameInItsColours()
    {
        string path = _folder.File("a.gif");
        byte[][] frames = [.. Enumerable.Range(0, 5).Select(i => Plain((40 * i, 255 - 40 * i, 100)))];

        PictureFile.WriteGif(path, frames, Height, Width, 10, [new PictureText("text", 4, 4, 20, 100)]);

        using var reader = new FrameReader(path, Height, Width);
        List<(byte[] Rgb, double Seconds)> found = MadeClip.ReadAll(reader, Height, Width);
        Assert.Equal([0, 0.1, 0.2, 0.3, 0.4], found.Select(f => Math.Round(f.Seconds, 6)));
        Assert.All(found.Zip(frames), f => Assert.All(f.First.Rgb[^3..].Zip(f.Second[^3..]), v => Assert.InRange(v.First, v.Second - 4, v.Second + 4)));
    }

    [Fact]
    public void AFileThatCannotBeWrittenIsNamed()
    {
        string path = _folder.File("folder", "x");
        Directory.CreateDirectory(path);

        InputException e = Assert.Throws<InputException>(() => PictureFile.WritePng(path, Plain((1, 2, 3)), Height, Width, []));

        Assert.StartsWith(path + ": is a folder", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    private static byte[] Plain((int R, int G, int B) colour) =>
        [.. Enumerable.Range(0, Height * Width).SelectMany(_ => new[] { (byte)colour.R, (byte)colour.G, (byte)colour.B })];

    private static (int Left, int Top, int Right, int Bottom, int Count) Box(byte[] rgb, int width, (int R, int G, int B) colour)
    {
        int[] pixels = [.. Enumerable.Range(0, rgb.Length / 3).Where(i => (rgb[i * 3], rgb[i * 3 + 1], rgb[i * 3 + 2]) == ((byte)colour.R, (byte)colour.G, (byte)colour.B))];
        return (pixels.Min(i => i % width), pixels.Min() / width, pixels.Max(i => i % width), pixels.Max() / width, pixels.Length);
    }
}
