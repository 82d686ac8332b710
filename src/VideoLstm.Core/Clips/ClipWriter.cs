using System.Globalization;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Clips;

/// <summary>
/// Writes a clip frame by frame: H.264 (MPEG-4 part 2 where ffmpeg has no x264) of high quality in MP4, without audio. It is there, whole,
/// or it is not.
/// </summary>
internal sealed class ClipWriter : IDisposable
{
    // Fine enough for any frame, and MPEG-4 part 2 counts time in 16 bits.
    private const int ClockRate = 60_000;
    private const long LargestMpeg4TimeBase = 65_535;

    // ffmpeg takes the times as one argument, which may be 128 KiB long.
    private const int MostTimes = 3000;

    private readonly string _path;
    private readonly PartialFile _partial;
    private readonly MediaProcess _process;

    /// <summary>Begins a clip.</summary>
    /// <param name="path">The file.</param>
    /// <param name="height">Height of the frames, pixels, even.</param>
    /// <param name="width">Their width, pixels, even.</param>
    /// <param name="matrix">That by which their colours are stored; empty if nobody has said.</param>
    /// <param name="rate">Their rate.</param>
    /// <param name="times">Their times from the start of the clip, seconds, rising; null if the rate is constant.</param>
    /// <param name="ct">Ends the writing; nothing stays.</param>
    /// <exception cref="InputException">There are too many times, or no ffmpeg.</exception>
    public ClipWriter(string path, int height, int width, string matrix, Rational rate, IReadOnlyList<double>? times, CancellationToken ct)
    {
        if (times?.Count > MostTimes)
            throw new InputException($"{path}: would have {times.Count} frames, of a variable rate at most {MostTimes} can be written",
                Remedy.ShortenClips);
        _path = path;
        string toTimes = "null";
        if (times is not null)
        {
            double[] numbers = [.. Enumerable.Range(1, times.Count - 1).Select(i => (double)i)];
            string time = Ffmpeg.ExpressionTree("N", numbers, i => Invariant($"{Math.Round(times[i] * ClockRate):F0}"));
            toTimes = $"settb=1/{ClockRate},setpts='{time}',{Ffmpeg.RisingTimes}";
        }
        bool hasX264 = Ffmpeg.HasEncoder(Ffmpeg.H264Encoder);
        if (!hasX264)
            rate = rate.Limit(LargestMpeg4TimeBase);
        _partial = PartialFile.Create(path);
        _process = new MediaProcess(
            "ffmpeg",
            [
                .. Ffmpeg.Start(), "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", Invariant($"{width}x{height}"), "-framerate",
                rate.ToString(), "-i", "pipe:0",
                "-vf", toTimes,
                .. Ffmpeg.Passthrough, "-enc_time_base", times is null ? "-1" : $"1/{ClockRate}", "-color_range", "tv",
                .. matrix.Length > 0 ? (string[])["-colorspace", matrix] : [],
                .. hasX264 ? (string[])["-c:v", Ffmpeg.H264Encoder, "-preset", "veryfast", "-crf", "16"] : ["-c:v", "mpeg4", "-q:v", "2"],
                "-fflags", "+bitexact", "-f", Container.Mp4.Format, "-y", "file:" + _partial.Path,
            ], ct: ct);
    }

    /// <summary>Adds the next frame.</summary>
    /// <param name="frame">As <see cref="FrameReader.OpenStored"/> gives it.</param>
    /// <exception cref="InputException">The clip cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> frame)
    {
        try
        {
            _process.Input.Write(frame);
        }
        catch (IOException e)
        {
            _process.Wait();
            throw Broken(e);
        }
    }

    /// <summary>Ends the clip and puts it in its place.</summary>
    /// <exception cref="InputException">The clip cannot be written.</exception>
    public void Finish()
    {
        try
        {
            _process.Input.Close();
            if (_process.Wait() != 0)
                throw Broken(null);
            WrittenVideo.ThrowIfBroken(_process);
            _partial.Commit();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _process.Wait();
            throw Broken(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        _partial.Dispose();
    }

    private InputException Broken(Exception? inner) =>
        new($"{_path}: cannot be written{VideoProbe.Because(_process.Complaint ?? inner?.Message)}", inner);
}
