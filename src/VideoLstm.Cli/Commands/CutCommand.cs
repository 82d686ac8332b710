using System.CommandLine;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Cutting;
using VideoLstm.Core.Media;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm cut`: a video without what is not wanted.</summary>
internal static class CutCommand
{
    public static Command Create()
    {
        var video = new Argument<string>("video") { Description = "The video to cut; it is not changed" };
        var timeline = new Argument<string>("timeline") { Description =
            $"What is when in it, as `vlstm classify --timeline` writes it ({TimelineFile.Extensions})" };
        var keep = new Option<string[]>("--keep") { Description = "Classes to keep, and nothing else", HelpName = "CLASS",
            AllowMultipleArgumentsPerToken = true };
        var drop = new Option<string[]>("--drop") { Description = "Classes to leave out; all the rest is kept, also what the timeline " +
            "does not name", HelpName = "CLASS", AllowMultipleArgumentsPerToken = true };
        var output = new Option<string?>("--output") { Description = "The video to write; the extension says the container [default: " +
            "<name>-cut with the extension of the video, in this folder]", HelpName = "FILE" };
        var exact = new Option<bool>("--exact") { Description =
            "Cut to the frame: H.264 is re-encoded only around the cuts where that can be done, the audio wholly (default)" };
        var fast = new Option<bool>("--fast") { Description =
            "Re-encode nothing: cuts fall on key frames, and it is said how far off they are" };
        Option<int?> track = TrackOption.Create();
        Option<string?> tier = TierOption.Create();
        var split = new Option<bool>("--split") { Description = "A file for each segment that is kept: <name>-<number>-<Class>" };
        var command = new Command("cut", "Writes a video without the classes that are not wanted, audio in step.") { video, timeline,
            keep, drop, output, exact, fast, split, track, tier };
        command.Validators.Add(result =>
        {
            if (result.GetResult(keep) is null == result.GetResult(drop) is null)
                result.AddError("Give either --keep with the classes to keep or --drop with those to leave out.");
            if (result.GetValue(exact) && result.GetValue(fast))
                result.AddError("--exact and --fast exclude each other.");
        });
        command.WithExamples(
            "vlstm cut match.mp4 match.json --drop Commercial", "vlstm cut match.mp4 match.csv --keep Football Interview --output best.mkv",
            "vlstm cut match.ts match.edl --drop skip --fast", "vlstm cut match.mp4 match.otio --tier markers --drop Commercial",
            "vlstm cut match.mp4 match.json --keep Goal --split");
        command.SetAction((parsed, ct) =>
        {
            string source = parsed.GetValue(video)!;
            string name = parsed.GetValue(output) ?? Path.GetFileNameWithoutExtension(source) + (parsed.GetValue(split) ? ""
                : "-cut") + VideoCutter.ExtensionFor(source, ct);
            List<Segment> segments = Choose(source, parsed.GetValue(timeline)!, parsed.GetValue(keep) ?? [], parsed.GetValue(drop)
                ?? [], (parsed.GetValue(track), parsed.GetValue(tier)), ct);
            IReadOnlyList<CutOutput> outputs = parsed.GetValue(split) ? Split(name, segments)
                : [new CutOutput(name, [.. segments.Select(s => new Stretch(s.Start, s.End))])];
            return Task.FromResult(Run(source, outputs, !parsed.GetValue(fast), parsed.GetValue(output) is null, ct));
        });
        return command;
    }

    private static List<Segment> Choose(string video, string path, string[] keep, string[] drop, (int? Track, string? Tier) part,
        CancellationToken ct)
    {
        VideoInfo info = VideoProbe.Read(video, ct);
        if (info.Remark is { } several)
            Report.Remarks([several]);
        Timeline timeline = TimelineFile.Read(
            path, info.FrameRate.Value, info.DurationSeconds ?? double.PositiveInfinity, part.Track, part.Tier, video);
        Report.Remarks(timeline.Notes);
        IReadOnlyList<Segment> segments = timeline.Segments;
        string[] known = [.. segments.Select(s => s.Class).Distinct(StringComparer.Ordinal)];
        if (keep.Concat(drop).Except(known, StringComparer.Ordinal).FirstOrDefault() is { } stranger)
            throw new InputException(
                $"{path}: knows no class `{stranger}`{(known.Length > 0 ? $", only {string.Join(", ", known)}" : ", it is empty")}");
        if (keep.Length > 0)
            return [.. segments.Where(s => keep.Contains(s.Class, StringComparer.Ordinal))];

        var rest = new List<Segment>();
        double end = 0;
        foreach (Segment segment in segments.Append(new Segment(double.PositiveInfinity, double.PositiveInfinity, Segment.Unknown)))
        {
            if (segment.Start > end)
                rest.Add(new Segment(end, segment.Start, Segment.Unknown));
            if (double.IsFinite(segment.Start) && !drop.Contains(segment.Class, StringComparer.Ordinal))
                rest.Add(segment);
            end = Math.Max(end, segment.End);
        }
        return rest;
    }

    private static CutOutput[] Split(string name, List<Segment> segments)
    {
        string stem = Path.Combine(Path.GetDirectoryName(name) ?? "", Path.GetFileNameWithoutExtension(name)),
            extension = Path.GetExtension(name);
        int digits = Math.Max(2, segments.Count.ToString(CultureInfo.InvariantCulture).Length);
        return [.. segments.Select((s, i) =>
            new CutOutput($"{stem}-{(i + 1).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0')}-{Plain(s.Class)}{extension}",
            [new Stretch(s.Start, s.End)]))];
    }

    // A class may be called anything, a file may not.
    private static string Plain(string name)
    {
        string plain = string.Concat(name.Select(c => char.IsControl(c) || "/\\:*?\"<>|".Contains(c, StringComparison.Ordinal) ? '_' : c))
            .Trim(' ', '.');
        return plain.Length is > 0 and <= 60 ? plain : plain.Length == 0 ? "_" : plain[..60];
    }

    private static int Run(string video, IReadOnlyList<CutOutput> outputs, bool exactly, bool isNamedByUs, CancellationToken ct)
    {
        if (isNamedByUs && !Path.GetExtension(video).Equals(Path.GetExtension(outputs[0].Path), StringComparison.Ordinal))
            Report.Remarks([$"{video}: such a file is not written here, but {Path.GetExtension(outputs[0].Path)}; --output takes another " +
                $"name"]);
        IReadOnlyList<CutResult> results = WorkDisplay.Run("cut", "frames", progress =>
            VideoCutter.Cut(video, outputs, exactly, remark => Report.Remarks([remark]), progress, ct));
        foreach (CutResult result in results)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.Path}: {result.Frames} {(result.Frames == 1 ? "frame" : "frames")}, " +
                    $"{TimeSpan.FromSeconds(result.Seconds):hh\\:mm\\:ss\\.fff}, {result.Stretches} " +
                    $"{(result.Stretches == 1 ? "stretch" : "stretches")}; {result.How}"));
        }
        return ExitCode.Success;
    }
}
