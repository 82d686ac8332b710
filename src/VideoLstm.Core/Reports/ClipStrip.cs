using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Reports;

/// <summary>A few frames of a clip side by side, as one small JPEG.</summary>
internal static class ClipStrip
{
    /// <summary>Frames in a strip; fewer of shorter clips.</summary>
    public const int Frames = 3;

    private const int FrameHeight = 96;
    private const int WidestFrame = 240;

    // ffmpeg's scale from 2 (best) to 31.
    private const string Quality = "5";

    /// <summary>Draws the strip of a clip, from its JPEG frames where they exist, else from the clip.</summary>
    /// <exception cref="InputException">Its frames cannot be read.</exception>
    public static byte[] Draw(DataFolder data, Clip clip, CancellationToken ct)
    {
        SequenceSource source = SequenceSource.Find(data, clip);
        VideoInfo video = VideoProbe.Read(source.Files[0], ct);
        int width = (int)Math.Clamp(Math.Round((double)FrameHeight * video.Width / video.Height), 16, WidestFrame);
        long[] chosen = FrameSampler.Indices(clip.Frames, (int)Math.Min(Frames, clip.Frames), FrameSampling.Even);
        byte[] strip = new byte[FrameHeight * width * chosen.Length * 3], frame = new byte[FrameHeight * width * 3];
        using (FrameReader reader = source.Open(chosen, FrameHeight, width, FrameFit.Resize, threads: 0, ct))
        {
            for (int i = 0; i < chosen.Length; i++)
            {
                if (!reader.Read(frame, out _))
                    throw new InputException($"{clip.Label}: ended before frame {chosen[i]} of {clip.Frames}", Remedy.ExtractFilesAgain);
                for (int y = 0; y < FrameHeight; y++)
                    frame.AsSpan(y * width * 3, width * 3).CopyTo(strip.AsSpan((y * chosen.Length + i) * width * 3));
            }
        }
        return Encode(strip, FrameHeight, width * chosen.Length, clip, ct);
    }

    private static byte[] Encode(byte[] rgb, int height, int width, Clip clip, CancellationToken ct)
    {
        string size = Invariant($"{width}x{height}");
        using var process = new MediaProcess(
            "ffmpeg",
            [.. Ffmpeg.Start(), "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-i", "pipe:0", "-vf", FramePictures.ToJpegColours,
                "-c:v", "mjpeg", "-q:v", Quality, "-f", "image2pipe", "pipe:1"],
            ct: ct);
        using (Stream input = process.Input)
            input.Write(rgb);
        byte[] jpeg = process.ReadBytes();
        return process.Wait() == 0 && jpeg.Length > 0
            ? jpeg
            : throw new InputException($"{clip.Label}: no picture can be made of it{VideoProbe.Because(process.Complaint)}");
    }
}
