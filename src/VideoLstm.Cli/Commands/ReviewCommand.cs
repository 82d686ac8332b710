using System.CommandLine;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm review`: a page on which a person labels a video, or sets right what labels it has.</summary>
internal static class ReviewCommand
{
    private const string Cuts = "cuts";

    public static Command Create()
    {
        var video = new Argument<string>("video") { Description = "The video" };
        var labels = new Argument<string?>("timeline")
        {
            Description = $"What is when in it, to be set right: a file that ends with {TimelineFile.Extensions} [default: nothing]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var classes = new Option<string?>("--classes") { Description = "Names of classes to label with, in the order of their keys; " +
            "those of the timeline follow, and more can be added in the page", HelpName = "A,B,..." };
        var snap = new Option<string>("--snap") { Description = "Whether borders that are dragged fall on cuts nearby, for which all " +
            "frames are decoded once, unless the timeline knows the shots", HelpName = "cuts|none", DefaultValueFactory = _ => Cuts };
        snap.AcceptOnlyFromAmong(Cuts, "none");
        Option<int?> track = TrackOption.Create();
        Option<string?> tier = TierOption.Create();
        var output = new Option<string?>("--output") { Description = "The page [default: the video's name with -review.html, in this " +
            "folder]", HelpName = "FILE.html" };
        var command = new Command("review",
            "Writes a page for the browser, on which a video is labelled or labels are set right, and saved as a timeline for clips, cut " +
            "and score. It takes no classifier.")
        {
            video, labels, classes, snap, track, tier, output,
        };
        command.Validators.Add(result =>
        {
            if (((Option[])[track, tier]).FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } option
                && result.GetValue(labels) is null)
                result.AddError($"{option.Name} goes with a timeline.");
        });
        command.WithExamples(
            "vlstm review match.mp4 --classes Football,Commercial    # nothing is labelled yet",
            "vlstm review match.mp4 match.json                       # what vlstm classify --timeline wrote",
            "vlstm review match.mp4 match.srt --snap none --output pages/match.html");
        command.SetAction((parsed, ct) =>
        {
            string path = parsed.GetValue(video)!,
                page = parsed.GetValue(output) ?? $"{Path.GetFileNameWithoutExtension(path)}-review.html";
            if (Path.GetExtension(page).ToLowerInvariant() is not (".html" or ".htm"))
                throw new InputException($"{page}: expected the name of a page, which ends with .html");
            var request = new ReviewRequest
            {
                Video = path,
                Timeline = parsed.GetValue(labels),
                Track = parsed.GetValue(track),
                Tier = parsed.GetValue(tier),
                Classes = Names(parsed.GetValue(classes)),
                FollowsShots = parsed.GetValue(snap) == Cuts,
                Page = page,
            };
            ReviewResult result = new ReviewJob(request, new JobReport()).Run(ct);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{page}: {result.Segments} segments, {result.Classes.Count} classes, {result.Shots} shots, {result.Seconds:0.##} s; " +
                $"open it in a browser"));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static string[] Names(string? given)
    {
        string[] names = given is null ? [] : [.. given.Split(',').Select(name => name.Trim())];
        if (names.Any(name => name.Length == 0))
            throw new InputException($"--classes {given}: a name is empty; give them as A,B,...");
        return names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new InputException($"--classes {given}: {twice.Key} stands there twice; name each class once")
            : names;
    }
}
