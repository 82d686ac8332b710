using System.Globalization;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Video;

/// <summary>A video to write, and the stretches of the source that are to be in it.</summary>
/// <param name="Path">Where to; the extension says the container.</param>
/// <param name="Stretches">In order of time; they do not overlap.</param>
public sealed record CutOutput(string Path, IReadOnlyList<Stretch> Stretches);

/// <summary>A video that was written.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Stretches">Number of stretches; those that touch are one.</param>
/// <param name="Frames">Number of its frames.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="How">How it was made, in words.</param>
public sealed record CutResult(string Path, int Stretches, long Frames, double Seconds, string How);

/// <summary>Cuts stretches out of a video, pictures and sound in step.</summary>
public static class VideoCutter
{
    /// <summary>Container of an output, by its extension.</summary>
    /// <exception cref="InputException">The extension is none that can be written.</exception>
    public static string FormatOf(string output) => TryFormatOf(output)
        ?? throw new InputException($"{output}: expected a name that ends with .mp4, .m4v, .mov, .mkv, .webm, .avi or .ts");

    /// <summary>The extension of what is cut from a video: its own, if that can be written, else that of a container that can hold the same.</summary>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    public static string ExtensionFor(string source, CancellationToken ct = default)
    {
        string container = VideoProbe.Read(source, ct).Container;
        return TryFormatOf(source) is not null ? Path.GetExtension(source)
            : container.Contains("mp4", StringComparison.Ordinal) ? ".mp4"
            : container switch { "avi" => ".avi", "mpegts" => ".ts", _ => ".mkv" };
    }

    /// <summary>Cuts stretches out of a video.</summary>
    /// <param name="source">The video.</param>
    /// <param name="outputs">What to write, in order of time; each is written whole or not at all.</param>
    /// <param name="exactly">
    /// Whether to cut to the frame: borders fall where the nearest frame begins, sound is cut to the sample. H.264 is coded anew only
    /// around the cuts where that can be done, other pictures and all sound wholly. Else nothing is coded anew, and cuts fall on key frames.
    /// </param>
    /// <param name="remark">Told what is worth knowing, a line each.</param>
    /// <param name="progress">Told the number of frames written.</param>
    /// <param name="ct">Stops the work; outputs that are done stay.</param>
    /// <returns>The outputs; without those that hold no frame.</returns>
    /// <exception cref="InputException">It cannot be done: one line says why.</exception>
    public static IReadOnlyList<CutResult> Cut(
        string source, IReadOnlyList<CutOutput> outputs, bool exactly, Action<string> remark, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        foreach (CutOutput output in outputs)
        {
            FormatOf(output.Path);
            if (LabelledVideo.Target(source) == LabelledVideo.Target(output.Path))
                throw new InputException($"{output.Path}: is the video itself; give another name with --output");
        }
        CutSource video = CutSource.Read(source, ct);
        using ICut cut = exactly ? new ExactCut(video, remark, ct) : new KeyFrameCut(video, remark, ct);
        // All are looked at before one is written.
        long total = outputs.Sum(o => CutPlan.Snap(cut.Index, o.Stretches, video).Sum(r => (long)r.Count)), done = 0;
        if (total == 0)
            throw new InputException($"{source}: nothing is kept, not a single frame begins in the stretches");
        if (video.Others is not null)
            remark($"{source}: {video.Others} left out; pictures and sound are kept");
        var results = new List<CutResult>();
        foreach (CutOutput output in outputs)
        {
            ct.ThrowIfCancellationRequested();
            IReadOnlyList<FrameRange> ranges = CutPlan.Snap(cut.Index, output.Stretches, video);
            if (ranges.Count == 0)
            {
                remark(string.Create(CultureInfo.InvariantCulture, $"{output.Path}: not written, no frame begins from {output.Stretches[0].Start:0.###} s to {(double.IsFinite(output.Stretches[^1].End) ? $"{output.Stretches[^1].End:0.###} s" : "the end")}"));
                continue;
            }
            results.Add(WriteAside(output.Path, partial => cut.Write(output, partial, frames => progress?.Report(new WorkProgress(Math.Min(done + frames, total), total)))));
            done += ranges.Sum(r => (long)r.Count);
        }
        return results;
    }

    private static string? TryFormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".mp4" or ".m4v" => "mp4",
        ".mov" => "mov",
        ".mkv" => "matroska",
        ".webm" => "webm",
        ".avi" => "avi",
        ".ts" or ".m2ts" or ".mts" => "mpegts",
        _ => null,
    };

    private static CutResult WriteAside(string output, Func<string, CutResult> write)
    {
        try
        {
            using PartialFile partial = PartialFile.Create(output);
            CutResult result = write(partial.Path);
            partial.Commit();
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{output}: cannot be written ({e.Message})", e);
        }
    }
}

/// <summary>A way to cut.</summary>
internal interface ICut : IDisposable
{
    /// <summary>The video's frames.</summary>
    FrameIndex Index { get; }

    /// <summary>Writes an output.</summary>
    /// <param name="output">What is to be in it; at least one frame.</param>
    /// <param name="partial">The file to write.</param>
    /// <param name="progress">Told the number of frames written.</param>
    /// <exception cref="InputException">It cannot be written.</exception>
    CutResult Write(CutOutput output, string partial, Action<long> progress);
}
