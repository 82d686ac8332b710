using System.Globalization;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Media;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Reports;

/// <summary>
/// A page that shows what is when in a video, and on which a person sets it right: the video above a timeline in colours, the
/// probabilities over time, and a list of the segments with their first frames. It is one HTML file that needs none but the video, and is
/// of use without it.
/// </summary>
public sealed class TimelinePage
{
    // The parts of its script, each with what it needs before it.
    private static readonly string[] Scripts =
    [
        "times.js", "segments.js", "formats.js", "exchange.js", "player.js", "strip.js", "borders.js", "list.js", "keeping.js", "editing.js",
    ];

    // Each takes a seek in the video and some 4 kB of the page.
    private const int MostPictures = 200;

    // Points of one line, and of all of them: a point takes 12 bytes of the page.
    private const int MostPoints = 2000, MostPointsInAll = 120_000;

    // A class that is never likelier than this and has no segment is only named.
    private const float Likely = 0.1f;

    // Colours and patterns that timeline.css has.
    private const int Colours = 7, Patterns = 4;

    // A segment that is narrower than this share of the timeline lies above its neighbours.
    private const double Narrow = 0.004;

    private readonly Html _page;
    private readonly Timeline _timeline;
    private readonly IReadOnlyList<Segment> _segments;
    private readonly IReadOnlyList<ProbabilityStep> _steps;
    private readonly List<string> _classes;
    private readonly int _trained;
    private readonly double _duration;

    private TimelinePage(Html page, IReadOnlyList<string> classes, Timeline timeline, IReadOnlyList<ProbabilityStep> steps, double duration)
    {
        (_page, _timeline, _segments, _steps) = (page, timeline, timeline.Segments, steps);
        (_duration, _trained) = (duration, classes.Count);
        _classes = [.. classes, .. timeline.Segments.Select(s => s.Class).Except(classes, StringComparer.Ordinal)];
    }

    /// <summary>Writes a page, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="video">The video that was labelled; where it is no file, the page has no pictures.</param>
    /// <param name="classes">The names of the classes, in the order of the classifier's outputs; they choose the colours.</param>
    /// <param name="timeline">The segments, and the shots, on whose cuts borders fall that a person moves.</param>
    /// <param name="steps">The probabilities, in order of time; empty if they are not known.</param>
    /// <param name="playable">The video that the page plays, if not <paramref name="video"/>: one with the same times that browsers can
    /// play.</param>
    /// <param name="seconds">Where the video ends, if that is known; else the timeline says it.</param>
    /// <param name="ct">Stops the work; nothing stays.</param>
    /// <exception cref="ArgumentException">A step has not as many probabilities as there are classes.</exception>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public static void Write(
        string path, string video, IReadOnlyList<string> classes, Timeline timeline, IReadOnlyList<ProbabilityStep> steps,
            string? playable = null, double? seconds = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(video);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(timeline);
        ArgumentNullException.ThrowIfNull(steps);
        if (steps.FirstOrDefault(s => s.Probabilities.Count != classes.Count) is { } odd)
            throw new ArgumentException($"{odd.Probabilities.Count} probabilities of {classes.Count} classes", nameof(steps));

        VideoInfo? info = null;
        string? unreadable = null;
        try
        {
            info = VideoProbe.Read(video, ct);
        }
        catch (InputException e)
        {
            unreadable = e.Message;
        }
        double duration = seconds
            ?? Math.Max(timeline.Segments.Select(s => s.End).DefaultIfEmpty().Max(), steps.Count > 0 ? steps[^1].End : 0);
        // Dividing by it should give something in any case.
        duration = duration > 0 ? duration : info?.DurationSeconds ?? 1;
        Segment[] wanted = info is null ? [] : [.. timeline.Segments.OrderByDescending(s => s.End - s.Start).Take(MostPictures)];
        IReadOnlyDictionary<Segment, byte[]> pictures = info is null
            ? new Dictionary<Segment, byte[]>()
            : Thumbnails.Take(info, wanted, ct);

        string name = Path.GetFileName(video) is { Length: > 0 } file ? file : video;
        string? address = Address(path, playable ?? video);
        Page.Write(
            path, name, "timeline.css", Scripts,
            page => new TimelinePage(page, classes, timeline, steps, duration).Add(name, video, address, unreadable, pictures),
            // As a file, a page is no origin to all browsers.
            media: address is null ? null : "'self' file:");
    }

    private void Add(
        string name, string video, string? address, string? unreadable, IReadOnlyDictionary<Segment, byte[]> pictures)
    {
        string[] found = [.. _segments.Select(s => s.Class).Distinct(StringComparer.Ordinal)];
        _page.Add($"""
            <header>
            <h1><bdi>{name}</bdi></h1>
            <p class="quiet" id="counts">{Counted(_segments.Count, "segment")} of {Counted(found.Length, "class", "classes")}
            in {Time(_duration)}</p>
            </header>
            <main>
            <div class="watch">
            """);
        AddVideo(name, address);
        AddTimeline();
        _page.Add($"""{TimelineControls.Editor}</div><div class="read">""");
        AddClasses();
        AddSegments(pictures, unreadable);
        Markup data = new TimelineData(name, _classes, _timeline, _duration).ToMarkup(video);
        _page.Add($"""</div></main><script type="application/json" id="given">{data}</script>""");
    }

    private void AddVideo(string name, string? address)
    {
        _page.Add($"""<div class="stage">""");
        if (address is not null)
            _page.Add($"""<video controls preload="metadata" playsinline src="{address}" aria-label="{name}"></video>""");
        string status = address is null ? "The video is not where this page could play it." : "";
        _page.Add($"""<div class="still"{new Markup(address is null ? "" : " hidden")}><img alt="" hidden>"""
            + $"""<p role="status">{status}</p></div></div>""");
    }

    private void AddTimeline()
    {
        _page.Add($"""
            <section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
            {TimelineControls.Player}
            <div class="tracks"><div class="inner" data-duration="{_duration:0.###}">
            <div class="axis" aria-hidden="true"><span>{Time(0)}</span><span class="end">{Time(_duration)}</span></div>
            <div id="strip" role="img" aria-label="The segments in order of time; they are in the table below."><noscript>
            """);
        foreach (Segment s in _segments)
        {
            double share = (s.End - s.Start) / _duration;
            _page.Add($"""<span class="{Look(s.Class)}{(share < Narrow ? " narrow" : "")}" """
                + $"""style="left:{100 * s.Start / _duration:0.####}%;width:{100 * share:0.####}%" """
                + $"""title="{s.Class}, {Time(s.Start)} to {Time(s.End)}"><bdi>{s.Class}</bdi></span>""");
        }
        _page.Add($"</noscript></div>");
        var unlikely = new List<string>();
        var likely = new List<int>();
        for (int c = 0; c < _trained; c++)
        {
            if (_segments.Any(s => s.Class == _classes[c]) || _steps.Any(s => s.Probabilities[c] > Likely))
                likely.Add(c);
            else
                unlikely.Add(_classes[c]);
        }
        if (_steps.Count > 0)
        {
            foreach (int c in likely)
                AddLane(c, Math.Clamp(MostPointsInAll / likely.Count, 100, MostPoints));
        }
        _page.Add($"{TimelineControls.Sliders}</div></div>");
        if (_steps.Count > 0 && unlikely.Count > 0)
            _page.Add($"""<p class="quiet">Never likelier than {Likely:0%}: <bdi>{string.Join(", ", unlikely)}</bdi>.</p>""");
        _page.Add($"</section>");
    }

    private void AddLane(int label, int most)
    {
        var line = new ProbabilityLine(_steps, label, most);
        ProbabilityStep peak = _steps.MaxBy(s => s.Probabilities[label])!;
        double mean = _steps.Sum(s => (s.End - s.Start) * s.Probabilities[label]) / Math.Max(
            double.Epsilon, _steps.Sum(s => s.End - s.Start));
        string name = _classes[label];
        string description = Invariant($"{mean:0%} in the mean, highest at {Time(peak.Start)} with {peak.Probabilities[label]:0%}");
        _page.Add($"""<div class="lane {Look(name)}"><p><i></i><bdi>{name}</bdi> <span></span></p>""");
        _page.Add($"""<svg viewBox="0 0 {_duration:0.###} 100" preserveAspectRatio="none" role="img" """
            + $"""aria-label="Probability of {name} over time: {description}"><line x1="0" x2="{_duration:0.###}" y1="50" y2="50"/>"""
            + $"""<polyline{new Markup(line.IsThinned ? " data-thinned" : "")} points="{line.ToSvg()}"/></svg></div>""");
    }

    private void AddClasses()
    {
        _page.Add($"""
            <section aria-labelledby="classes"><h2 id="classes">Classes</h2>
            <table class="classes">{Html.Head("class", "segments", "time", "share")}<tbody>
            """);
        foreach (var c
            in _segments.GroupBy(s => s.Class, StringComparer.Ordinal)
                .Select(g => (Name: g.Key, Count: g.Count(), Seconds: g.Sum(s => s.End - s.Start))).OrderByDescending(c => c.Seconds))
            AddRow(Look(c.Name), c.Name, Invariant($"{c.Count}"), c.Seconds);
        double rest = _duration - _segments.Sum(s => s.End - s.Start);
        if (Time(rest) != Time(0))
            AddRow("", "no class", "", rest);
        _page.Add($"</tbody></table>");
        string[] absent = [.. _classes.Except(_segments.Select(s => s.Class), StringComparer.Ordinal)];
        _page.Add($"""<p class="quiet" id="absent"{new Markup(absent.Length > 0 ? "" : " hidden")}>Without a segment: """
            + $"""<bdi>{string.Join(", ", absent)}</bdi>.</p>""");
        _page.Add($"</section>");

        void AddRow(string look, string name, string count, double seconds) => _page.Add(
            $"""<tr><th scope="row"><i class="{look}"></i><bdi>{name}</bdi></th><td>{count}</td><td>{Time(seconds)}</td>"""
                + $"""<td class="bar" style="--share:{seconds / _duration:0.####}">{seconds / _duration:0.0%}</td></tr>""");
    }

    private void AddSegments(IReadOnlyDictionary<Segment, byte[]> pictures, string? unreadable)
    {
        _page.Add($"""<section aria-labelledby="segments"><h2 id="segments">Segments</h2>""");
        if (unreadable is not null)
            _page.Add($"""<p class="quiet">Without pictures: <bdi>{unreadable}</bdi>.</p>""");
        else if (_segments.Count > MostPictures)
            _page.Add($"""<p class="quiet">With pictures of the {MostPictures} longest of {_segments.Count} segments.</p>""");
        _page.Add($"{TimelineControls.Order}");
        bool pictured = pictures.Count > 0, judged = _segments.Any(s => s.Probability is not null);
        string[] first = pictured ? ["frame"] : [], last = judged ? ["probability"] : [];
        // With the script, what is between is only text: a list takes its place.
        _page.Add($"""<div id="list" class="script" role="listbox" tabindex="0" aria-label="Segments" hidden></div>""");
        _page.Add($"""<noscript><table class="segments">{Html.Head([.. first, "class", "start", "end", "length", .. last])}<tbody>""");
        foreach ((int row, Segment s) in _segments.Index())
        {
            _page.Add($"<tr>");
            if (pictures.TryGetValue(s, out byte[]? picture))
                _page.Add($"""<td class="picture"><img data-row="{row}" alt="Frame at {Time(s.Start)}" decoding="async" """
                    + $"""src="data:image/jpeg;base64,{new Markup(Convert.ToBase64String(picture))}"></td>""");
            else if (pictured)
                _page.Add($"""<td class="picture"></td>""");
            _page.Add($"""<th scope="row"><i class="{Look(s.Class)}"></i><bdi>{s.Class}</bdi></th>"""
                + $"<td>{Time(s.Start)}</td><td>{Time(s.End)}</td><td>{Time(s.End - s.Start)}</td>");
            if (judged)
                _page.Add($"<td>{s.Probability?.ToString("0.0%", CultureInfo.InvariantCulture)}</td>");
            _page.Add($"</tr>");
        }
        _page.Add($"</tbody></table></noscript></section>");
    }

    // A colour a class; beyond the colours, the same ones with patterns.
    private string Look(string name)
    {
        int number = _classes.IndexOf(name);
        return name == Segment.Unknown ? "unknown" : Invariant($"c{number % Colours} p{number / Colours % Patterns}");
    }

    private string Time(double seconds)
    {
        long hundredths = (long)Math.Round(100 * Math.Max(0, seconds));
        return _duration < 3600
            ? Invariant($"{hundredths / 6000}:{hundredths / 100 % 60:00}.{hundredths % 100:00}")
            : Invariant($"{hundredths / 360000}:{hundredths / 6000 % 60:00}:{hundredths / 100 % 60:00}.{hundredths % 100:00}");
    }

    private static string Counted(int number, string one, string? many = null) =>
        Invariant($"{number} {(number == 1 ? one : many ?? one + "s")}");

    // Relative, so that page and video may be moved together; null where the video is no file or on another drive.
    private static string? Address(string page, string video)
    {
        if (!File.Exists(video))
            return null;
        string relative = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(page))!, Path.GetFullPath(video));
        if (Path.IsPathRooted(relative))
            return null;
        return string.Join('/', relative.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
    }
}
