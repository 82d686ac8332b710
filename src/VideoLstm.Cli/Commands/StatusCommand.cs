using System.CommandLine;
using System.Globalization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Formats;
using static System.FormattableString;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm status`: how far workers are that share the work.</summary>
internal static class StatusCommand
{
    // Workers speak every few seconds while clips come and go; one long clip, or one of a slow machine, takes its time.
    private static readonly TimeSpan LongSilence = TimeSpan.FromMinutes(5);

    private const int ShownShards = 32;

    public static Command Create()
    {
        Option<string> data = CommonOptions.Data();
        Option<string?> work = CommonOptions.Work();
        var watch = new Option<bool>("--watch") { Description = "Looks again every few seconds until all shards have ended" };
        Option<double> every = CommonOptions.Between(new Option<double>("--every") { Description = "With --watch: how often",
            HelpName = "SECONDS", DefaultValueFactory = _ => 5 }, 0.1, 3600);
        var failed = new Option<string?>("--failed") { Description = "Writes what failed, with the reasons, as the list that " +
            "`vlstm extract-features --only` takes", HelpName = "FILE" };
        var all = new Option<bool>("--all") { Description = $"Shows every shard, also where there are more than {ShownShards}" };
        var command = new Command("status",
            "Shows how far workers are that share the work (--shard): clips, done, failed, rate, time left, read from data/shards. Exit " +
            "code 1: something has failed.")
        {
            watch, every, failed, all, data, work,
        };
        command.WithExamples(
            "vlstm status",
            "vlstm status --watch --data football",
            "vlstm status --failed failed.txt                          # then vlstm extract-features 75 2 --only failed.txt");
        command.SetAction(async (parsed, ct) =>
        {
            DataFolder folder = CommonOptions.Folder(parsed, data, work);
            while (true)
            {
                IReadOnlyList<(ShardReport Report, TimeSpan Silence)> shards = ShardReports.Read(folder);
                if (parsed.GetValue(watch) && !Console.IsOutputRedirected)
                    Console.Write("\u001b[H\u001b[2J\u001b[3J");
                foreach (string line in Lines(folder, shards, parsed.GetValue(all)))
                    Console.WriteLine(line);
                if (parsed.GetValue(watch) && !IsOver(shards))
                {
                    await Task.Delay(TimeSpan.FromSeconds(parsed.GetValue(every)), ct);
                    continue;
                }
                if (parsed.GetValue(failed) is { } file)
                    FailedList.Write(file, shards.Select(s => s.Report));
                return shards.Any(s => s.Report.Failed.Count > 0) ? ExitCode.SomeFailed : ExitCode.Success;
            }
        });
        return command;
    }

    private static bool IsOver(IReadOnlyList<(ShardReport Report, TimeSpan Silence)> shards) => shards.Count > 0
        && shards.GroupBy(s => s.Report.Verb).All(v => v.Count(s => s.Report.HasEnded) == v.First().Report.Shards);

    private static IEnumerable<string> Lines(
        DataFolder data, IReadOnlyList<(ShardReport Report, TimeSpan Silence)> shards, bool all)
    {
        if (shards.Count == 0)
        {
            yield return $"no shards have been at work in {data.Work}";
            yield break;
        }
        yield return Row("verb", "shard", "host", "clips", "done", "failed", "rate", "left", "state");
        foreach (IGrouping<string, (ShardReport Report, TimeSpan Silence)> verb in shards.GroupBy(s => s.Report.Verb))
        {
            (ShardReport Report, TimeSpan Silence)[] found = [.. verb];
            if (all || found.Length <= ShownShards)
            {
                foreach ((ShardReport r, TimeSpan silence) in found)
                    yield return Row(r.Verb, Invariant($"{r.Shard}/{r.Shards}"), r.Host, Invariant($"{r.Found}"),
                        Invariant($"{r.Before + r.Done}"), Invariant($"{r.Failed.Count}"), Rate(Rate(r)), Left([(r, silence)]),
                        State(r, silence));
            }
            yield return Sum(found);
        }
        foreach (ShardFailure failure in shards.SelectMany(s => s.Report.Failed).DistinctBy(f => f.Input).Take(all ? int.MaxValue : 10))
            yield return $"failed: {Printable.Escape(failure.Input)}: {Printable.Escape(failure.Reason)}";
    }

    private static string Sum((ShardReport Report, TimeSpan Silence)[] shards)
    {
        ShardReport first = shards[0].Report;
        int ended = shards.Count(s => s.Report.HasEnded), silent = shards.Count(s => IsSilent(s.Report, s.Silence)),
            waiting = first.Shards - shards.Length;
        (int Count, string Name)[] states =
            [(shards.Length - ended - silent, "at work"), (ended, "ended"), (silent, "silent"), (waiting, "not begun")];
        return Row(first.Verb, Invariant($"all {first.Shards}"), "", Invariant($"{shards.Sum(s => s.Report.Found ?? 0)}"),
            Invariant($"{shards.Sum(s => s.Report.Before + s.Report.Done)}"), Invariant($"{shards.Sum(s => s.Report.Failed.Count)}"),
            Rate(shards.Where(s => !s.Report.HasEnded && !IsSilent(s.Report, s.Silence)).Sum(s => Rate(s.Report))), Left(shards),
            string.Join(", ", states.Where(s => s.Count > 0).Select(s => Invariant($"{s.Count} {s.Name}"))));
    }

    // Clips a second.
    private static double Rate(ShardReport r) => r.Done / Math.Max(1e-3, (r.Updated - r.Started).TotalSeconds);

    private static string Rate(double rate) => WorkDisplay.Rate(rate, "");

    // The slowest of those at work decides. What has not begun nobody knows.
    private static string Left((ShardReport Report, TimeSpan Silence)[] shards)
    {
        double[] seconds =
        [
            .. shards.Where(s => !s.Report.HasEnded && !IsSilent(s.Report, s.Silence) && Rate(s.Report) > 0)
                .Select(s => ((s.Report.Found ?? 0) - s.Report.Before - s.Report.Done - s.Report.Failed.Count) / Rate(s.Report)),
        ];
        return seconds.Length == 0 ? "" : TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(seconds.Max()), 0, 1e8))
            .ToString("c", CultureInfo.InvariantCulture);
    }

    private static bool IsSilent(ShardReport report, TimeSpan silence) => !report.HasEnded && silence > LongSilence;

    private static string State(ShardReport report, TimeSpan silence) => report.HasEnded ? "ended"
        : IsSilent(report, silence) ? string.Create(CultureInfo.InvariantCulture, $"silent for {silence.TotalMinutes:0} minutes")
        : "at work";

    private static string Row(params string[] cells) => string.Create(CultureInfo.InvariantCulture,
        $"{Printable.Escape(cells[0]),-16}  {cells[1],9}  {Printable.Short(Printable.Escape(cells[2]), 20),-20}  {cells[3],8}  " +
        $"{cells[4],8}  {cells[5],6}  {cells[6],9}  {cells[7],11}  {cells[8]}").TrimEnd();
}
