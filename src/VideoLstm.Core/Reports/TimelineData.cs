using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Reports;

/// <summary>What the script of a <see cref="TimelinePage"/> works on, as JSON.</summary>
/// <param name="Video">The name of the video.</param>
/// <param name="Classes">The names of the classes, in the order of their colours.</param>
/// <param name="Timeline">What is when; its cuts are where shots begin.</param>
/// <param name="Seconds">The end of the video.</param>
internal sealed record TimelineData(string Video, IReadOnlyList<string> Classes, Timeline Timeline, double Seconds)
{
    // Bytes at both ends of a video that tell it from others.
    private const int Looked = 1 << 16;

    // Digits of digests: browsers keep corrections by them.
    private const int Digits = 32;

    /// <summary>The JSON, which may stand in a page: nothing in it can be markup.</summary>
    /// <param name="path">The video, if it is a file.</param>
    public Markup ToMarkup(string path)
    {
        IReadOnlyList<Segment> segments = Timeline.Segments;
        double frame = 1 / (Timeline.Fps ?? 25), first = segments.Count > 0 ? segments[0].Start : 0;
        // Where the first frame is, which need not be at 0.
        double begin = first < 1.5 * frame ? first : 0;
        var numbers = Classes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        string labels = JsonSerializer.Serialize(new
        {
            video = Video,
            fps = Timeline.Fps,
            frames = Timeline.Frames,
            begin = Micro(begin),
            end = Micro(Seconds),
            classes = Classes,
            segments = segments.Select(s => new object?[] { Micro(s.Start), Micro(s.End), numbers[s.Class], s.Probability }),
            cuts = Timeline.Shots.Select(s => Micro(s.Start)).Where(c => c > Micro(begin) && c < Micro(Seconds)),
        });
        return new Markup($"{labels[..^1]},\"identity\":\"{IdentityOf(path)}\",\"version\":\"{Digest(Encoding.UTF8.GetBytes(labels))}\"}}");
    }

    // Which video it is, wherever it lies and whatever was said of it.
    private string IdentityOf(string path)
    {
        using var content = new MemoryStream();
        content.Write(Encoding.UTF8.GetBytes(Video));
        if (File.Exists(path))
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[Looked];
            content.Write(BitConverter.GetBytes(file.Length));
            content.Write(bytes, 0, file.ReadAtLeast(bytes, Looked, throwOnEndOfStream: false));
            file.Position = Math.Max(0, file.Length - Looked);
            content.Write(bytes, 0, file.ReadAtLeast(bytes, Looked, throwOnEndOfStream: false));
        }
        return Digest(content.ToArray());
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..Digits];

    private static double Micro(double seconds) => Math.Round(seconds, 6);
}
