using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Media;

/// <summary>
/// What is in a video that ffmpeg has just written. Its exit code does not tell: it is 0 when the end of the file did not fit on the disk,
/// and the frames that it counts are those that it coded. So the file is opened and its packets are counted, which decodes nothing.
/// </summary>
/// <param name="Frames">Packets of pictures.</param>
/// <param name="AudioPackets">Packets of audio; null if there is no audio track.</param>
internal sealed record WrittenVideo(long Frames, long? AudioPackets)
{
    /// <summary>Counts.</summary>
    /// <param name="process">The run of ffmpeg that wrote it; it has ended.</param>
    /// <param name="path">The file, still under its partial name.</param>
    /// <param name="ct">Stops the counting.</param>
    /// <exception cref="IOException">The file could not be written, or cannot be opened.</exception>
    public static WrittenVideo Read(MediaProcess process, string path, CancellationToken ct)
    {
        ThrowIfBroken(process);
        try
        {
            return VideoProbe.Ask(path, (root, complaint) => Describe(root, complaint), ["-count_packets"], ct);
        }
        catch (InputException e)
        {
            throw new IOException("what was written cannot be opened", e);
        }
    }

    /// <summary>Throws if ffmpeg complained of what it writes.</summary>
    /// <exception cref="IOException">It did, whatever its exit code.</exception>
    public static void ThrowIfBroken(MediaProcess process)
    {
        if (process.OutputComplaint is { } complaint)
            throw new IOException(complaint);
    }

    private static WrittenVideo Describe(JsonElement root, string? complaint)
    {
        long? Packets(string kind) => root.Items("streams").Where(s => s.Text("codec_type") == kind)
            .Select(s => (long?)(s.Whole("nb_read_packets") ?? 0)).FirstOrDefault();
        return new WrittenVideo(
            Packets("video") ?? throw new IOException($"what was written holds no video{VideoProbe.Because(complaint)}"), Packets("audio"));
    }
}
