using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Video;

/// <summary>
/// One run of ffmpeg or ffprobe. Its messages are read all the time, so that it never waits for us to read them; it is
/// killed when it makes no progress, when the work is cancelled, and at the latest by Dispose.
/// </summary>
internal sealed partial class MediaProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Thread _messages;
    private readonly Timer _watchdog;
    private readonly CancellationTokenRegistration _cancelled;
    private readonly CancellationToken _ct;
    private readonly TimeSpan _patience;
    private volatile bool _stalled;

    /// <summary>Starts a program.</summary>
    /// <param name="program"><c>ffmpeg</c> or <c>ffprobe</c>.</param>
    /// <param name="arguments">Passed one by one, never through a shell.</param>
    /// <param name="onMessage">Told each line on standard error that is no complaint, on a thread of its own.</param>
    /// <param name="folder">Working folder.</param>
    /// <param name="inheritInput">Whether its standard input is ours, and not <see cref="Input"/>.</param>
    /// <param name="ct">Kills the program.</param>
    /// <exception cref="InputException">The program is not installed.</exception>
    public MediaProcess(
        string program, IEnumerable<string> arguments, Action<string>? onMessage = null, string? folder = null, bool inheritInput = false, CancellationToken ct = default)
    {
        _ct = ct;
        // Whoever writes to our standard input may pause as long as he likes.
        _patience = inheritInput ? Timeout.InfiniteTimeSpan : Patience;
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = !inheritInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = folder ?? "",
        };
        start.Environment["AV_LOG_FORCE_NOCOLOR"] = "1";
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InputException($"{program} cannot be started ({e.Message.Split('\n')[0]}); install ffmpeg, e.g. `apt-get install ffmpeg`, and see that it is on the PATH", e);
        }
        _watchdog = new Timer(_ => OnStalled());
        _messages = new Thread(() => ReadMessages(onMessage)) { IsBackground = true, Name = program };
        _messages.Start();
        _cancelled = ct.Register(Kill);
    }

    /// <summary>What the program reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>Ends what the program reads, whether it still reads or not.</summary>
    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It has ended before it read all; or all was written and closed before.
        }
    }

    /// <summary>The first complaint on standard error, one line; null if there was none.</summary>
    public string? Complaint { get; private set; }

    /// <summary>The last complaint: of what goes on for long, rather that which ended it.</summary>
    public string? LastComplaint { get; private set; }

    /// <summary>Whether libass found no font at all; it then draws nothing and goes on.</summary>
    public bool LacksFonts { get; private set; }

    /// <summary>Reads until the buffer is full or the output ends.</summary>
    /// <returns>Number of bytes read.</returns>
    public int Read(Span<byte> buffer)
    {
        int total = 0;
        try
        {
            while (total < buffer.Length)
            {
                _watchdog.Change(_patience, Timeout.InfiniteTimeSpan);
                int read = _process.StandardOutput.BaseStream.Read(buffer[total..]);
                if (read == 0)
                    break;
                total += read;
            }
        }
        finally
        {
            _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        _ct.ThrowIfCancellationRequested();
        return total;
    }

    /// <summary>Reads all output, up to a limit that no sane answer reaches.</summary>
    public byte[] ReadBytes(int limit = 16 << 20)
    {
        byte[] buffer = new byte[1 << 16];
        using var output = new MemoryStream();
        int read;
        while ((read = Read(buffer)) > 0 && output.Length < limit)
            output.Write(buffer, 0, read);
        return output.ToArray();
    }

    /// <summary>Reads all output as text, up to the limit of <see cref="ReadBytes"/>.</summary>
    public string ReadText() => System.Text.Encoding.UTF8.GetString(ReadBytes());

    /// <summary>Reads output line by line and hands it on; the program counts as alive while it writes.</summary>
    public void ReadLines(Action<string> onLine)
    {
        byte[] buffer = new byte[4096];
        var line = new System.Text.StringBuilder();
        while (true)
        {
            _watchdog.Change(Patience, Timeout.InfiniteTimeSpan);
            int read = _process.StandardOutput.BaseStream.Read(buffer);
            _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _ct.ThrowIfCancellationRequested();
            if (read == 0)
                return;
            foreach (char c in System.Text.Encoding.UTF8.GetString(buffer, 0, read))
            {
                if (c != '\n')
                {
                    line.Append(c);
                    continue;
                }
                onLine(line.ToString());
                line.Clear();
            }
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public int Wait()
    {
        if (!_process.WaitForExit(Patience))
            OnStalled();
        _process.WaitForExit();
        _messages.Join();
        _ct.ThrowIfCancellationRequested();
        if (_stalled)
            Complaint ??= $"no progress in {Patience.TotalSeconds} seconds";
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _cancelled.Dispose();
        _watchdog.Dispose();
        Kill();
        // Reaped here, so that no zombie stays.
        _process.WaitForExit();
        _messages.Join();
        // Whoever has touched a stream must close it; the process does not.
        _process.StandardOutput.Dispose();
        _process.StandardError.Dispose();
        if (_process.StartInfo.RedirectStandardInput)
            CloseInput();
        _process.Dispose();
    }

    private void OnStalled()
    {
        _stalled = true;
        Kill();
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }

    private void ReadMessages(Action<string>? onMessage)
    {
        try
        {
            while (_process.StandardError.ReadLine() is { } line)
            {
                Match match = Level().Match(line);
                bool isComplaint = match.Success && match.Groups["level"].Value is "error" or "fatal" or "panic";
                if (isComplaint)
                {
                    LastComplaint = Shorten(line[(match.Index + match.Length)..]);
                    Complaint ??= LastComplaint;
                }
                // Glyph 0 is asked of every font; any other is only a character that no font has.
                LacksFonts |= line.Contains("failed to find any fallback with glyph 0x0 ", StringComparison.Ordinal)
                    || line.Contains("can't find selected font provider", StringComparison.Ordinal);
                if (!isComplaint)
                    onMessage?.Invoke(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Killed while we read.
        }
    }

    private static string Shorten(string line)
    {
        const int longest = 160;
        line = string.Concat(line.Trim().TrimEnd('.').Select(c => char.IsControl(c) ? '?' : c));
        return line.Length <= longest ? line : line[..longest] + "...";
    }

    [GeneratedRegex(@"^(\[[^\]]* @ [^\]]*\] )*\[(?<level>panic|fatal|error|warning|info|verbose|debug|trace)\] ", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Level();
}
