using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Cutting;

/// <summary>Cuts stretches out of a video, pictures and audio in step.</summary>
public static class VideoCutter
{
    // Times the length of the video: audio, containers and people go on a little after the pictures, a timeline of another video far.
    private const double LongestTimeline = 1.5;

    /// <summary>Container of an output, by its extension.</summary>
    /// <exception cref="InputException">The extension is none that can be written.</exception>
    public static Container ContainerOf(string output) => Container.Of(output)
        ?? throw new InputException($"{output}: expected a name that ends with .mp4, .m4v, .mov, .mkv, .webm, .avi or .ts");

    /// <summary>
    /// The extension of what is cut from a video: its own, if that can be written, else that of a container that can hold the same.
    /// </summary>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    public static string ExtensionFor(string source, CancellationToken ct = default)
    {
        Container like = Container.LikeThatOf(VideoProbe.Read(source, ct).Container);
        return Container.Of(source) is null ? like.Extensions[0] : Path.GetExtension(source);
    }

    /// <summary>Cuts stretches out of a video.</summary>
    /// <param name="source">The video.</param>
    /// <param name="outputs">What to write, in order of time; each is written whole or not at all.</param>
    /// <param name="exactly">
    /// Whether to cut to the frame: borders fall where the nearest frame begins, audio is cut to the sample. H.264 is re-encoded only
    /// around the cuts where that can be done, other pictures and all audio wholly. Else nothing is re-encoded, and cuts fall on key
    /// frames.
    /// </param>
    /// <param name="remark">Told what is worth knowing, a line each.</param>
    /// <param name="progress">Told the number of frames written.</param>
    /// <param name="ct">Stops the work; outputs that are done stay.</param>
    /// <returns>The outputs; without those that hold no frame.</returns>
    /// <exception cref="InputException">It cannot be done: one line says why.</exception>
    public static IReadOnlyList<CutResult> Cut(
        string source, IReadOnlyList<CutOutput> outputs, bool exactly, Action<Finding> remark, IProgress<WorkProgress>? progress = null,
            CancellationToken ct = default)
    {
        foreach (CutOutput output in outputs)
        {
            ContainerOf(output.Path);
            if (RealPath.Of(source) == RealPath.Of(output.Path))
                throw new InputException($"{output.Path}: is the video itself", Remedy.RenameOutput);
        }
        try
        {
            return Cut(source, source, outputs, exactly, remark, progress, ct);
        }
        catch (RestartingTimesException e)
        {
            using SteadyTimes steady = WriteSteady(source, outputs[0].Path, ct);
            remark($"{e.Message}, as where recordings were joined; they are taken as one after the other");
            string Named(string line) => line.Replace(steady.Path, source, StringComparison.Ordinal);
            try
            {
                return Cut(steady.Path, source, outputs, exactly, line => remark(line with { Fact = Named(line.Fact) }), progress, ct);
            }
            catch (InputException inner) when (inner.Message.Contains(steady.Path, StringComparison.Ordinal))
            {
                throw new InputException(Named(inner.Message), inner.Remedy, inner);
            }
        }
    }

    private static SteadyTimes WriteSteady(string source, string beside, CancellationToken ct)
    {
        try
        {
            return SteadyTimes.Write(VideoProbe.Read(source, ct), beside, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{source}: its times begin anew, and a copy with times that rise cannot be written beside {beside} ({e.Message})", e);
        }
    }

    private static List<CutResult> Cut(
        string path, string source, IReadOnlyList<CutOutput> outputs, bool exactly, Action<Finding> remark,
            IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        CutSource video = CutSource.Read(path, ct);
        using var extras = new CutExtras(video, ct);
        using ICut cut = exactly ? new ExactCut(video, extras, remark, ct) : new KeyFrameCut(video, extras, remark, ct);
        // All are looked at before one is written.
        long total = outputs.Sum(o => CutPlan.Snap(cut.Index, o.Stretches).Sum(r => (long)r.Count)), done = 0;
        if (total == 0)
            throw new InputException(Invariant(
                $"{source}: nothing is kept, no frame begins in the segments to keep; the video ends at {End(cut.Index):0.###} s"));
        double last = outputs.SelectMany(o => o.Stretches).Max(s => double.IsPositiveInfinity(s.End) ? s.Start : s.End);
        if (last > LongestTimeline * End(cut.Index))
            throw new InputException(Invariant(
                $"{source}: ends at {End(cut.Index):0.###} s, but the timeline goes to {last:0.###} s; give the timeline of this video"));
        if (last > End(cut.Index) + 1)
            remark(Invariant($"{source}: the labels go on to {last:0.###} s, the video ends at {End(cut.Index):0.###} s"));
        var results = new List<CutResult>();
        foreach (CutOutput output in outputs)
        {
            ct.ThrowIfCancellationRequested();
            double end = output.Stretches[^1].End;
            string to = double.IsFinite(end) ? Invariant($"{end:0.###} s") : "the end";
            string stretch = Invariant($"from {output.Stretches[0].Start:0.###} s to {to}");
            IReadOnlyList<FrameRange> ranges = CutPlan.Snap(cut.Index, output.Stretches);
            if (ranges.Count == 0)
                remark($"{output.Path}: not written, no frame begins {stretch}");
            else if (Write(cut, extras, output,
                frames => progress?.Report(new WorkProgress(Math.Min(done + frames, total), total))) is { } result)
                results.Add(result);
            else
                remark($"{output.Path}: not written, no frame can be decoded {stretch}");
            done += ranges.Sum(r => (long)r.Count);
        }
        foreach ((string extension, string missing)
            in results.Where(r => r.Missing.Length > 0).Select(r => (Path.GetExtension(r.Path), r.Missing)).Distinct())
            remark($"{source}: left out in {extension}: {missing}");
        if (results.Count == 0)
            throw new InputException($"{source}: nothing is kept, no frame of the segments to keep can be decoded");
        return results;
    }

    private static double End(FrameIndex index) => index.Seconds(index.Count);

    private static CutResult? Write(ICut cut, CutExtras extras, CutOutput output, Action<long> progress) =>
        PartialFile.Use(output.Path, partial =>
    {
        CutResult? result;
        try
        {
            result = cut.Write(output, partial.Path, progress);
        }
        catch (InputException) when (!extras.AreLeftOut)
        {
            // Pictures and audio come first; what is missing then is said.
            extras.AreLeftOut = true;
            result = cut.Write(output, partial.Path, progress);
        }
        if (result is not null)
            partial.Commit();
        return result;
    });
}
