using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Media;

/// <summary>
/// Finds where a video is silent, by ffmpeg's filter silencedetect on its audio, while its frames go by: it begins at once, and ends with
/// who wants to know.
/// </summary>
internal sealed partial class SilenceDetector : IDisposable
{
    // Below what a listener takes for a pause in a broadcast, and as long as those between its parts at least.
    private const string Filter = "silencedetect=noise=-50dB:duration=0.1";

    private readonly CancellationTokenSource _stop;
    private readonly Task<IReadOnlyList<(double Start, double End)>> _work;

    /// <summary>Begins.</summary>
    /// <param name="video">The video.</param>
    /// <param name="ct">Stops the work.</param>
    public SilenceDetector(VideoInfo video, CancellationToken ct)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        CancellationToken stopped = _stop.Token;
        _work = Task.Run<IReadOnlyList<(double, double)>>(() => Find(video, stopped), CancellationToken.None);
    }

    /// <summary>When each silence begins and ends, seconds from the start of the file, rising; nothing of a video without audio. Waits for
    /// the end of the video.</summary>
    /// <exception cref="InputException">ffmpeg does nothing for too long.</exception>
    public IReadOnlyList<(double Start, double End)> Find() => _work.GetAwaiter().GetResult();

    /// <summary>Ends ffmpeg, if it is not yet done.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        // What became of it is of no interest any more.
        Task.WhenAny(_work).Wait(CancellationToken.None);
        _stop.Dispose();
    }

    private static List<(double Start, double End)> Find(VideoInfo video, CancellationToken ct)
    {
        if (!video.HasAudio)
            return [];
        var found = new List<(double Start, double End)>();
        double? start = null;
        using var process = new MediaProcess(
            "ffmpeg",
            [
                .. Ffmpeg.Start("info"), .. Ffmpeg.Input(video.Path), "-map", Invariant($"0:{video.AudioIndex}"), "-af", Filter, "-f", "null", "-",
            ],
            onMessage: OnMessage, ct: ct);
        process.Input.Close();
        // What cannot be decoded is no silence, and the labels do not need it.
        process.Wait();
        // It ends with the video.
        if (start is { } last)
            found.Add((last, double.PositiveInfinity));
        return found;

        void OnMessage(string line)
        {
            if (Event().Match(line) is not { Success: true } match)
                return;
            double seconds = double.Parse(match.Groups["seconds"].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
            if (match.Groups["event"].Value == "start")
            {
                start = seconds;
                return;
            }
            if (start is { } begun)
                found.Add((begun, seconds));
            start = null;
        }
    }

    [GeneratedRegex(@"^\[silencedetect @ [0-9a-fA-Fx]+\] \[info\] silence_(?<event>start|end): (?<seconds>-?\d+(\.\d+)?(e[-+]?\d+)?)",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Event();
}
