using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Media;

/// <summary>
/// One run of ffmpeg or ffprobe. Its messages are read all the time, so that it never waits for us to read them; it is killed when it does
/// nothing for long while we wait for it, when the work is cancelled, at the latest by Dispose, and, if we are killed, with us.
/// </summary>
/// <remarks>
/// Every use of ffmpeg and ffprobe goes through here and is watched alike. What counts is what the program does
/// (<see cref="ProcessActivity"/>, its output and its messages), not what it delivers: `select` over a long stretch, a stream copy, moving
/// a finished file for a fast start or a seek without an index can be silent for many minutes. It is only watched while we wait: a program
/// whose output we are not reading, or that reads what a live source has yet to send, does nothing rightly. `VLSTM_PATIENCE` sets another
/// time, seconds.
/// </remarks>
internal sealed partial class MediaProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(
        double.TryParse(Environment.GetEnvironmentVariable("VLSTM_PATIENCE"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out double seconds) && seconds is > 0 and < 1e6 ? seconds : 300);

    // F_SETPIPE_SZ, and what a user without privileges may have.
    private const int SetPipeSize = 1031, PipeBytes = 1 << 20;

    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);

    // How long after a signal that reached the program the same one may reach us.
    private static readonly TimeSpan SignalDelay = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly int _id;
    private readonly string _subject;
    private readonly Thread _messages;
    private readonly Timer? _watchdog;
    private readonly CancellationTokenRegistration _cancelled;
    private readonly CancellationToken _ct;
    private readonly TimeSpan _patience;
    private readonly TimeSpan _interval;
    private ProcessInput? _input;
    private ProcessActivity _activity;
    private int _readers, _writers, _checks, _silentChecks;
    private volatile bool _hasBeenRead, _heard, _stalled;

    /// <summary>Starts a program.</summary>
    /// <param name="program"><c>ffmpeg</c> or <c>ffprobe</c>.</param>
    /// <param name="arguments">Passed one by one, never through a shell.</param>
    /// <param name="onMessage">Told each line on standard error that is no complaint, on a thread of its own.</param>
    /// <param name="folder">Working folder.</param>
    /// <param name="inheritInput">Whether its standard input is ours, and not <see cref="Input"/>.</param>
    /// <param name="environment">Environment variables that it has besides ours; null: that it must not have.</param>
    /// <param name="patience">How long it may do nothing; null: as long as is right for large files on slow stores.</param>
    /// <param name="ct">Kills the program.</param>
    /// <exception cref="MissingToolException">The program is not installed.</exception>
    public MediaProcess(
        string program, IEnumerable<string> arguments, Action<string>? onMessage = null, string? folder = null, bool inheritInput = false,
        TimeSpan? patience = null, IReadOnlyDictionary<string, string?>? environment = null, CancellationToken ct = default)
    {
        _ct = ct;
        _patience = patience < Patience ? patience.Value : Patience;
        _interval = _patience / 10 < LongestInterval ? _patience / 10 : LongestInterval;
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = !inheritInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = folder ?? "",
        };
        // What it is about: the file that is read, else the program.
        _subject = start.ArgumentList.FirstOrDefault(a => a.StartsWith("file:", StringComparison.Ordinal)) is { } file
            ? file["file:".Length..]
            : program;
        start.Environment["AV_LOG_FORCE_NOCOLOR"] = "1";
        foreach ((string variable, string? value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null)
                start.Environment.Remove(variable);
            else
                start.Environment[variable] = value;
        }
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new MissingToolException(
                $"{program} cannot be started ({e.Message.Split('\n')[0]}); install ffmpeg, e.g. `apt-get install ffmpeg`, and see that "
                    + "it is on the PATH",
                e);
        }
        _id = _process.Id;
        ChildProcesses.Add(_process);
        WidenOutput();
        // Whoever writes to our standard input may pause as long as he likes.
        if (!inheritInput)
            _watchdog = new Timer(_ => Check(), null, _interval, _interval);
        _messages = new Thread(() => ReadMessages(onMessage)) { IsBackground = true, Name = program };
        _messages.Start();
        _cancelled = ct.Register(Kill);
    }

    /// <summary>What the program reads.</summary>
    public Stream Input => _input ??= new ProcessInput(_process.StandardInput.BaseStream, this);

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

    /// <summary>
    /// The first complaint of what it writes, as on a full disk; null if there was none. With such a one a file is not whole, whatever the
    /// exit code.
    /// </summary>
    public string? OutputComplaint { get; private set; }

    /// <summary>Whether libass found no font at all; it then draws nothing and goes on.</summary>
    public bool LacksFonts { get; private set; }

    /// <summary>Reads until the buffer is full or the output ends.</summary>
    /// <returns>Number of bytes read.</returns>
    /// <exception cref="InputException">It did nothing for too long.</exception>
    public int Read(Span<byte> buffer)
    {
        int total = 0;
        while (total < buffer.Length && ReadSome(buffer[total..]) is > 0 and var read)
            total += read;
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

    /// <summary>Reads output line by line and hands it on.</summary>
    /// <exception cref="InputException">It did nothing for too long.</exception>
    public void ReadLines(Action<string> onLine)
    {
        byte[] buffer = new byte[4096];
        var line = new System.Text.StringBuilder();
        int read;
        while ((read = ReadSome(buffer)) > 0)
        {
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

    /// <summary>Reads what <c>-progress pipe:1</c> gives, to its end.</summary>
    /// <param name="onFrames">Told the number of frames written.</param>
    /// <returns>How many there were in the end.</returns>
    /// <exception cref="InputException">It did nothing for too long.</exception>
    public long ReadProgress(Action<long>? onFrames = null)
    {
        const string name = "frame=";
        long frames = 0;
        ReadLines(line =>
        {
            if (!line.StartsWith(name, StringComparison.Ordinal)
                || !long.TryParse(line.AsSpan(name.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                return;
            frames = number;
            onFrames?.Invoke(frames);
        });
        return frames;
    }

    /// <summary>
    /// What is wrong with a run that has ended: what it complained of, or that it says so by its exit code; null: nothing.
    /// </summary>
    public string? FaultOf(int exitCode) =>
        Complaint ?? (exitCode == 0 ? null : Invariant($"ffmpeg ends with {exitCode}"));

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="InputException">It did nothing for too long.</exception>
    public int Wait()
    {
        Interlocked.Increment(ref _readers);
        _process.WaitForExit();
        _messages.Join();
        Interlocked.Decrement(ref _readers);
        ThrowIfEnded();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _cancelled.Dispose();
        _watchdog?.Dispose();
        // To look for what it started means to look at every process of the machine.
        if (!_process.HasExited)
            Kill();
        // Reaped here, so that no zombie stays.
        _process.WaitForExit();
        ChildProcesses.Remove(_id);
        _messages.Join();
        // Whoever has touched a stream must close it; the process does not.
        _process.StandardOutput.Dispose();
        _process.StandardError.Dispose();
        if (_process.StartInfo.RedirectStandardInput)
            CloseInput();
        _process.Dispose();
    }

    internal void BeginWrite() => Interlocked.Increment(ref _writers);

    internal void EndWrite()
    {
        _heard = true;
        Interlocked.Decrement(ref _writers);
    }

    /// <summary>
    /// Throws if the program was ended: because the work is cancelled, also by a signal that has not reached us yet, or because it did
    /// nothing.
    /// </summary>
    internal void ThrowIfEnded()
    {
        // Ctrl-C goes to all programs of a terminal. ffmpeg then ends with 255, others as a shell would say it.
        if (_ct.CanBeCanceled && !_ct.IsCancellationRequested && !_stalled && _process.HasExited
            && _process.ExitCode is 255 or 128 + 2 or 128 + 15)
            _ct.WaitHandle.WaitOne(SignalDelay);
        _ct.ThrowIfCancellationRequested();
        if (_stalled)
            throw new InputException(
                Invariant($"{_subject}: {_process.StartInfo.FileName} did nothing for {_patience.TotalSeconds:0.#} seconds and was ended; ")
                    + "see whether the disk or share answers, or give it more time, e.g. VLSTM_PATIENCE=3600");
    }

    // A frame fits: program and reader need not take turns at every 64 KB. Where it cannot be, all goes on as it is.
    private void WidenOutput()
    {
        if (OperatingSystem.IsLinux() && _process.StandardOutput.BaseStream is PipeStream pipe)
            _ = SetPipe(pipe.SafePipeHandle, SetPipeSize, PipeBytes);
    }

    /// <remarks>fcntl(2), section "Changing the capacity of a pipe".</remarks>
    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetPipe(SafePipeHandle pipe, int command, int bytes);

    private int ReadSome(Span<byte> buffer)
    {
        _hasBeenRead = true;
        Interlocked.Increment(ref _readers);
        int read;
        try
        {
            read = _process.StandardOutput.BaseStream.Read(buffer);
        }
        catch (IOException)
        {
            ThrowIfEnded();
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
        _heard = true;
        // An end that was not its own must not pass for the end of its output.
        if (read == 0 || _ct.IsCancellationRequested)
            ThrowIfEnded();
        return read;
    }

    // One that we write to may wait for us to read, if we ever do.
    private bool IsAwaited => Volatile.Read(ref _readers) > 0 || (Volatile.Read(ref _writers) > 0 && !_hasBeenRead);

    // Counted and not timed: while a computer sleeps, nothing is late.
    private void Check()
    {
        if (Interlocked.Exchange(ref _checks, 1) == 1)
            return;
        ProcessActivity activity = ProcessActivity.Of(_process);
        bool isAlive = _heard || !IsAwaited || activity.IsMoreThan(_activity, _interval);
        (_activity, _heard) = (activity, false);
        _silentChecks = isAlive ? 0 : _silentChecks + 1;
        if (_silentChecks * _interval >= _patience)
        {
            _stalled = true;
            Kill();
        }
        Volatile.Write(ref _checks, 0);
    }

    /// <summary>Ends the program at once.</summary>
    internal void Kill()
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
                    if (OutputTrouble().IsMatch(line))
                        OutputComplaint ??= Shorten(PartialName().Replace(line[(match.Index + match.Length)..], ""));
                }
                _heard = true;
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

    // The list is ours, and long.
    private static string Shorten(string line) => line.StartsWith("Format not on whitelist", StringComparison.Ordinal)
        ? "a list of other files, or of a format that is not read"
        : Printable.Short(line.Trim().TrimEnd('.'), 160);

    [GeneratedRegex(@"^(\[[^\]]* @ [^\]]*\] )*\[(?<level>panic|fatal|error|warning|info|verbose|debug|trace)\] ",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Level();

    // What the muxers and the files under them complain of.
    [GeneratedRegex(
        @"No space left on device|Disk quota exceeded|File too large|Read-only file system|Error writing trailer|"
            + @"av_interleaved_write_frame|Error (muxing|submitting a packet to the muxer|closing file|opening output)|Could not write "
                + @"header|Unable to re-open .* output file|already exists|failed to open segment",
        RegexOptions.ExplicitCapture)]
    private static partial Regex OutputTrouble();

    // Nobody knows it by that name, and it can be so long that the reason is cut off.
    [GeneratedRegex(@"( of)? '?file:.*\.partial'?")]
    private static partial Regex PartialName();
}
