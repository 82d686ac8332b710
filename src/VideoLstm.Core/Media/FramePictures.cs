using System.Globalization;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Media;

/// <summary>
/// The frames of a clip as JPEG files beside it: <c>&lt;name&gt;-0001.jpg</c>, <c>&lt;name&gt;-0002.jpg</c>, ...
/// They are extracted into a <see cref="PartialFolder"/> and moved into place when ffmpeg has ended well. While they are moved there is a
/// hidden folder <c>.&lt;name&gt;.partial</c>, with which the clip is not done: a run that is killed at any moment is begun again by the
/// next one. Two that extract one clip at once move the same pictures to the same places, and who has moved all takes the mark away.
/// </summary>
internal static class FramePictures
{
    /// <summary>ffmpeg's scale from 2 (best) to 31.</summary>
    private const string Quality = "2";

    // JPEG knows one matrix and full range only (ITU-T T.871). Without this, frames of HD video would have other colours than the video
    // itself.
    internal const string ToJpegColours =
        "scale=out_color_matrix=bt601:out_range=full:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact";

    /// <summary>Extracts all frames of a clip.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="folder">Where the pictures go.</param>
    /// <param name="name">What their names begin with.</param>
    /// <param name="onRemark">Told in one line of damage that is tolerated.</param>
    /// <param name="ct">Stops the extraction; nothing stays.</param>
    /// <returns>Number of frames.</returns>
    /// <exception cref="InputException">The clip cannot be read or is too damaged, or the folder cannot be written.</exception>
    public static long Extract(string clip, string folder, string name, Action<Finding>? onRemark = null, CancellationToken ct = default)
    {
        try
        {
            VideoInfo video = VideoProbe.Read(clip, ct);
            using var partial = PartialFolder.Create(folder, Fit(name));
            long frames = Decode(video, partial.Path, onRemark, ct);
            MoveIntoPlace(partial.Path, frames, folder, name);
            return frames;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string message = $"{clip}: its frames cannot be written: {e.Message}";
            throw StoreFault.IsFull(e) ? new StoreFullException(message, e) : new InputException(message, e);
        }
    }

    /// <summary>Clears away what killed runs left in a folder.</summary>
    internal static void Sweep(string folder) => PartialFolder.Sweep(folder);

    /// <summary>
    /// The pictures of a clip, in order, as far as they go without a gap; empty if there is none, or if some are still on their way.
    /// </summary>
    public static IReadOnlyList<string> Find(string folder, string name)
    {
        var files = new List<string>();
        while (File.Exists(PathOf(folder, name, files.Count + 1)))
            files.Add(PathOf(folder, name, files.Count + 1));
        return files.Count > 0 && !IsUnfinished(folder, name) ? files : [];
    }

    /// <summary>Whether pictures were being moved into place, and not all are there yet.</summary>
    internal static bool IsUnfinished(string folder, string name) => Directory.Exists(Mark(folder, name));

    /// <summary>Whether the first picture of a clip is in a folder.</summary>
    internal static bool HasFirst(string folder, string name) => File.Exists(PathOf(folder, name, 1));

    /// <summary>
    /// Whether all frames of a clip are there: as many as expected, none empty, none older than the clip, none on its way.
    /// </summary>
    public static bool IsDone(string clip, string folder, string name, long expected)
    {
        // Most clips without pictures have not even the first.
        if (expected < 1 || !File.Exists(PathOf(folder, name, expected)))
            return false;
        IReadOnlyList<string> files = Find(folder, name);
        DateTime clipWritten = File.GetLastWriteTimeUtc(clip);
        return files.Count == expected
            && files.All(f => new FileInfo(f) is { Length: > 0 } info && info.LastWriteTimeUtc >= clipWritten);
    }

    private static long Decode(VideoInfo video, string folder, Action<Finding>? onRemark, CancellationToken ct)
    {
        // In its own folder, so that no name needs escaping in the pattern.
        using var process = new MediaProcess(
            "ffmpeg",
            [.. Ffmpeg.Start(), .. Ffmpeg.Input(video.Path), "-map", video.Map, "-vf",
                $"{Ffmpeg.ToneMapping(video)}{ToJpegColours},{Ffmpeg.RisingTimes}", .. Ffmpeg.Passthrough, .. Ffmpeg.SourceTimeBase, "-q:v",
                Quality, "-progress", "pipe:1", "-f", "image2", "%04d.jpg"],
            folder: Path.GetFullPath(folder), ct: ct);
        process.Input.Close();
        process.ReadProgress();
        int exitCode = process.Wait();
        long frames = Directory.EnumerateFiles(folder, "*.jpg").LongCount();
        if (exitCode != 0 && StoreFault.IsFull(process.Complaint))
            throw new StoreFullException($"{video.Path}: its frames cannot be written ({process.Complaint})");
        if (frames == 0)
            throw new InputException($"{video.Path}: no frame can be decoded{VideoProbe.Because(process.Complaint)}; replace the file");
        if (exitCode != 0)
            throw new InputException($"{video.Path}: its frames cannot be written ({process.FaultOf(exitCode)}); {frames} came through");
        if (process.Complaint is { } complaint && VideoDamage.Find(video.Path, complaint, ct)?.Accept() is { } remark)
            onRemark?.Invoke(remark);
        return frames;
    }

    private static void MoveIntoPlace(string partial, long frames, string folder, string name)
    {
        Directory.CreateDirectory(Mark(folder, name));
        for (long number = 1; number <= frames; number++)
            StoreFault.Move(Path.Combine(partial, Number(number) + ".jpg"), PathOf(folder, name, number));
        // Left over from a longer clip that had this name before. The last goes first, so that a run killed here leaves no gap
        // that would hide the rest from the next.
        long last = frames;
        while (File.Exists(PathOf(folder, name, last + 1)))
            last++;
        for (; last > frames; last--)
            File.Delete(PathOf(folder, name, last));
        // With what an older version left in it.
        FolderRemoval.Remove(Mark(folder, name));
    }

    private static string Mark(string folder, string name) => Path.Combine(folder, $".{Fit(name)}{AtomicFile.PartialSuffix}");

    internal static string PathOf(string folder, string name, long number) => Path.Combine(folder, $"{Fit(name)}-{Number(number)}.jpg");

    // A file's name has at most 255 bytes.
    internal static string Fit(string name) => FolderName.Fit(name, 240);

    private static string Number(long number) => number.ToString("D4", CultureInfo.InvariantCulture);
}
