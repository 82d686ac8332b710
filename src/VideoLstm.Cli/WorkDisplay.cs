using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using VideoLstm.Core;
using VideoLstm.Core.Formats;

namespace VideoLstm.Cli;

/// <summary>
/// Progress of long work on standard error: a bar with rate and time left on a terminal, a plain line now and then elsewhere.
/// Results go to standard output and are not touched.
/// </summary>
internal static class WorkDisplay
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(15);

    /// <summary>Runs <paramref name="work"/> under a bar.</summary>
    /// <param name="title">What is done, e.g. <c>features</c>.</param>
    /// <param name="unit">What is counted, e.g. <c>frames</c>.</param>
    /// <param name="work">The work; it reports how far it is.</param>
    public static T Run<T>(string title, string unit, Func<IProgress<WorkProgress>, T> work) =>
        Console.IsErrorRedirected ? work(new PlainLines(title, unit)) : Bars(unit).Start(context => work(Add(context, title)));

    /// <inheritdoc cref="Run"/>
    public static Task<T> RunAsync<T>(string title, string unit, Func<IProgress<WorkProgress>, Task<T>> work) =>
        Console.IsErrorRedirected ? work(new PlainLines(title, unit)) : Bars(unit).StartAsync(context => work(Add(context, title)));

    private static Progress Bars(string unit) => AnsiConsole.Create(new AnsiConsoleSettings { Out = Terminal.Bars }).Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(unit),
            new RemainingTimeColumn());

    private static Bar Add(ProgressContext context, string title) =>
        new(context.AddTask(Markup.Escape(Printable.Escape(title)), maxValue: 1));

    /// <summary>How fast work is, in the shortest unit of time in which it is at least 1, hours at most: "5.1 frames/s", "1.4
    /// epochs/min"; empty where it is not known or nothing was done.</summary>
    /// <param name="perSecond">Units a second.</param>
    /// <param name="unit">What is counted; may be empty.</param>
    public static string Rate(double? perSecond, string unit)
    {
        if (perSecond is not { } rate || !(rate > 0))
            return "";
        (double count, string time) = rate >= 1 ? (rate, "s") : rate * 60 >= 1 ? (rate * 60, "min") : (rate * 3600, "h");
        return string.Create(CultureInfo.InvariantCulture, $"{count:0.0}{(unit == "" ? "" : " ")}{unit}/{time}");
    }

    /// <summary>A line of where the output is no terminal.</summary>
    /// <param name="title">What is done, e.g. <c>features</c>.</param>
    /// <param name="unit">What is counted, e.g. <c>frames</c>.</param>
    /// <param name="from">Where the work began: a run that goes on has done much before.</param>
    /// <param name="now">Where it is.</param>
    /// <param name="elapsed">Time between the two.</param>
    public static string Line(string title, string unit, WorkProgress from, WorkProgress now, TimeSpan elapsed)
    {
        string line = $"{title}: {now.Done} {unit}";
        if (now.Total <= 0)
            return line;
        line += $" of {now.Total}";
        double rate = (now.Done - from.Done) / elapsed.TotalSeconds;
        if (!(rate > 0) || !double.IsFinite(rate))
            return line;
        long left = (long)Math.Min(Math.Max(0, now.Total - now.Done) / rate, TimeSpan.MaxValue.TotalSeconds);
        return string.Create(CultureInfo.InvariantCulture,
            $"{line}, {Rate(rate, unit)}, {left / 3600:00}:{left / 60 % 60:00}:{left % 60:00} left");
    }

    private sealed class Bar(ProgressTask task) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            task.IsIndeterminate = value.Total <= 0;
            task.MaxValue = Math.Max(value.Total, 1);
            task.Value = value.Done;
        }
    }

    private sealed class RateColumn(string unit) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(Rate(task.Speed, unit));
    }

    private sealed class PlainLines(string title, string unit) : IProgress<WorkProgress>
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private TimeSpan _next = PlainInterval;
        private (WorkProgress Value, TimeSpan At)? _first;

        public void Report(WorkProgress value)
        {
            lock (_clock)
            {
                TimeSpan now = _clock.Elapsed;
                _first ??= (value, now);
                if (now < _next)
                    return;
                _next = now + PlainInterval;
                Console.Error.WriteLine(Line(title, unit, _first.Value.Value, value, now - _first.Value.At));
            }
        }
    }
}
