using System.Collections.Concurrent;
using System.Globalization;
using VideoLstm.Core.Media;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Reports;

/// <summary>Small JPEG pictures of where segments start.</summary>
internal static class Thumbnails
{
    // Pixels of the longer side.
    private const int Side = 160;

    // ffmpeg's scale from 2 (best) to 31.
    private const string Quality = "5";

    // Times may have been rounded to hundredths, seconds.
    private const double Tolerance = 0.006;

    // A picture this much after the start is still of the start, seconds.
    private const double Latest = 1;

    // Where ffmpeg lands too late, as in containers without an index, it is sent to so long before, seconds.
    private static readonly double[] Leads = [0, 20];

    /// <summary>
    /// Takes pictures, each by a seek of its own: time goes by their number, not by the length of the video, and only the pictures
    /// from the key frame before are decoded.
    /// </summary>
    /// <param name="video">The video.</param>
    /// <param name="segments">The segments whose first frames are wanted.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>JPEG files by segment; there is none of a segment whose start cannot be decoded.</returns>
    public static IReadOnlyDictionary<Segment, byte[]> Take(VideoInfo video, IEnumerable<Segment> segments, CancellationToken ct)
    {
        double scale = (double)Side / Math.Max(video.Width, video.Height);
        string size = Invariant($"{Math.Max(1, Math.Round(video.Width * scale))}:{Math.Max(1, Math.Round(video.Height * scale))}");
        // Scaled first: what follows works on few pixels.
        string filters = $"scale={size}:flags=area,setsar=1,{Ffmpeg.ToneMapping(video)}{FramePictures.ToJpegColours}";
        var pictures = new ConcurrentDictionary<Segment, byte[]>(ReferenceEqualityComparer.Instance);
        Parallel.ForEach(segments, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct },
            segment =>
        {
            foreach (double lead in Leads)
            {
                if (Take(video, segment, lead, filters, ct) is { Length: > 0 } picture)
                {
                    pictures[segment] = picture;
                    return;
                }
            }
        });
        return pictures;
    }

    private static byte[] Take(VideoInfo video, Segment segment, double lead, string filters, CancellationToken ct)
    {
        double from = Math.Max(0, segment.Start - lead), earliest = segment.Start - Tolerance,
            end = Math.Min(segment.End, segment.Start + Latest) - Tolerance;
        string select = Invariant($"select='between(t,{earliest:0.000000},{end:0.000000})',");
        using var process = new MediaProcess(
            "ffmpeg",
            [
                .. Ffmpeg.Start(), "-threads", "1", "-noaccurate_seek", "-ss", Seconds(from), "-t", Seconds(end - from + Latest), "-copyts",
                "-start_at_zero", .. Ffmpeg.Input(video.Path),
                "-map", video.Map, "-vf", select + filters, .. Ffmpeg.Passthrough, "-frames:v", "1", "-c:v", "mjpeg", "-q:v", Quality, "-f",
                "image2pipe", "pipe:1",
            ],
            ct: ct);
        process.Input.Close();
        byte[] picture = process.ReadBytes();
        process.Wait();
        return picture;
    }

    private static string Seconds(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);
}
