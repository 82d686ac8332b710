using VideoLstm.Core.Media;
using VideoLstm.Core.Tests.Media;

namespace VideoLstm.Core.Tests.Clips;

/// <summary>Videos whose frames show their numbers: 12 bits as black and white columns, which no encoder blurs.</summary>
internal static class NumberedVideo
{
    private const int Bits = 12, Column = 8;

    public const int Width = Bits * Column, Height = 32;

    /// <summary>Draws frames 0 to <paramref name="frames"/> - 1, and keeps those that a filter lets through.</summary>
    public static string Make(string path, string rate, int frames, string filter = "null", params string[] options) => MadeClip.Make(
        path, $"nullsrc=s={Width}x{Height}:r={rate},geq=lum='if(mod(floor(N/pow(2\\,floor(X/{Column})))\\,2)\\,220\\,30)':cb=128:cr=128,trim=end_frame={frames},{filter}",
        options.Length > 0 ? options : ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2"]);

    /// <summary>The numbers that the frames of a video show, and when, seconds.</summary>
    public static List<(int Number, double Seconds)> Read(string path)
    {
        using var reader = new FrameReader(path, Height, Width);
        return [.. MadeClip.ReadAll(reader, Height, Width).Select(f => (NumberOf(f.Rgb), f.Seconds))];
    }

    private static int NumberOf(byte[] rgb)
    {
        int number = 0;
        for (int bit = 0; bit < Bits; bit++)
        {
            int grey = rgb[(Height / 2 * Width + bit * Column + Column / 2) * 3 + 1];
            Assert.True(grey is < 60 or > 190, $"a column of grey {grey}");
            number |= grey > 125 ? 1 << bit : 0;
        }
        return number;
    }
}
