using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Cutting;

/// <summary>
/// A copy of a broadcast recording with times that only rise: those by which every reader goes, since ffmpeg takes a step of the clock in
/// such a stream (ISO/IEC 13818-1, 2.7.1: discontinuities) for no time at all. Nothing is re-encoded. It is deleted when disposed.
/// </summary>
internal sealed class SteadyTimes : IDisposable
{
    // ffmpeg's dts_delta_threshold ahead, and the tenth of a second behind that it lets pass, seconds.
    private const double Leap = 10, Back = 0.1;

    private readonly PartialFile _file;

    private SteadyTimes(PartialFile file) => _file = file;

    /// <summary>Where it is.</summary>
    public string Path => _file.Path;

    /// <summary>Whether times begin anew or leap between two packets that follow each other in the file.</summary>
    /// <param name="previous">Decoding time of the first, units of time; null if there is none.</param>
    /// <param name="next">That of the second.</param>
    /// <param name="unit">Seconds per unit.</param>
    public static bool IsRestart(long? previous, long next, double unit) => (next - previous) * unit is < -Back or > Leap;

    /// <summary>Writes the copy.</summary>
    /// <param name="video">The recording.</param>
    /// <param name="beside">A file in the folder where there is room for it.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static SteadyTimes Write(VideoInfo video, string beside, CancellationToken ct)
    {
        PartialFile file = PartialFile.Create(beside + ".steady");
        try
        {
            // All streams, that their numbers stay; those before the first key frame too.
            using var process = new MediaProcess(
                "ffmpeg",
                [
                    .. Ffmpeg.Start(), .. Ffmpeg.Input(video.Path), "-map", "0", "-copy_unknown", "-c", "copy", "-copyinkf",
                    "-max_muxing_queue_size", "4096",
                    "-progress", "pipe:1", "-f", video.Container == "mpeg" ? "vob" : "mpegts", "-y", "file:" + file.Path,
                ],
                ct: ct);
            process.Input.Close();
            process.ReadProgress();
            int exitCode = process.Wait();
            WrittenVideo.ThrowIfBroken(process);
            if (exitCode != 0)
                throw new IOException(process.FaultOf(exitCode));
            return new SteadyTimes(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();
}
