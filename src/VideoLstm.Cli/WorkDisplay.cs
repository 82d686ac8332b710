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

    private static string Rate(double? perSecond, string unit) =>
        perSecond is { } rate and > 0 ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.0} {unit}/s") : "";

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

        public void Report(WorkProgress value)
        {
            lock (_clock)
            {
                if (_clock.Elapsed < _next)
                    return;
                _next = _clock.Elapsed + PlainInterval;
                double rate = value.Done / _clock.Elapsed.TotalSeconds;
                string left = value.Total > 0 && rate > 0
                    ? string.Create(CultureInfo.InvariantCulture,
                        $" of {value.Total}, {Rate(rate, unit)}, {TimeSpan.FromSeconds((value.Total - value.Done) / rate):hh\\:mm\\:ss} " +
                        $"left")
                    : "";
                Console.Error.WriteLine($"{title}: {value.Done} {unit}{left}");
            }
        }
    }
}
