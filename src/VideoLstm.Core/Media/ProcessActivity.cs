using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace VideoLstm.Core.Media;

/// <summary>
/// What a program has done so far: processor time it took and bytes it read and wrote, to files and pipes alike. On Linux those of what it
/// started are in it, since it may be a script; on macOS the system tells of processor time only.
/// </summary>
/// <param name="Processor">Processor time.</param>
/// <param name="Bytes">Bytes moved.</param>
internal readonly partial record struct ProcessActivity(TimeSpan Processor, long Bytes)
{
    // USER_HZ, the unit in /proc: the same on all processors that .NET runs on.
    private const int TicksPerSecond = 100;

    // A program that only waits, asking now and then whether it must still, takes less.
    private const double LeastShare = 0.01;

    /// <summary>Looks at a program; zero if it has ended.</summary>
    public static ProcessActivity Of(Process process)
    {
        try
        {
            if (OperatingSystem.IsLinux())
                return OfTree(process.Id, 0);
            process.Refresh();
            long bytes = OperatingSystem.IsWindows() && GetProcessIoCounters(process.Handle, out Counters counters)
                ? unchecked((long)(counters.BytesRead + counters.BytesWritten + counters.OtherBytes)) : 0;
            return new ProcessActivity(process.TotalProcessorTime, bytes);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return default;
        }
    }

    /// <summary>Whether something was done since.</summary>
    /// <param name="before">What was done before.</param>
    /// <param name="interval">How long that is ago.</param>
    public bool IsMoreThan(ProcessActivity before, TimeSpan interval) =>
        Bytes != before.Bytes || (Processor - before.Processor).Duration() >= LeastShare * interval;

    private static ProcessActivity OfTree(int id, int depth)
    {
        const int deepest = 8;
        TimeSpan processor = default;
        long bytes = 0;
        try
        {
            // proc(5): behind the name, which may hold anything, the state is field 3; 14 to 17 are the times, also of children that have
            // ended.
            string stat = File.ReadAllText(Invariant($"/proc/{id}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            processor = TimeSpan.FromSeconds(fields[11..15].Sum(f => long.Parse(f, CultureInfo.InvariantCulture)) / (double)TicksPerSecond);
            bytes = File.ReadLines(Invariant($"/proc/{id}/io"))
                .Where(l => l.StartsWith("rchar:", StringComparison.Ordinal) || l.StartsWith("wchar:", StringComparison.Ordinal)
                    || l.StartsWith("read_bytes:", StringComparison.Ordinal))
                .Sum(l => long.Parse(l.AsSpan(l.IndexOf(' ', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture));
            foreach (string thread in depth < deepest ? Directory.EnumerateDirectories(Invariant($"/proc/{id}/task")) : [])
            {
                foreach (string child in File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    ProcessActivity theirs = OfTree(int.Parse(child, CultureInfo.InvariantCulture), depth + 1);
                    processor += theirs.Processor;
                    bytes += theirs.Bytes;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended, or the system does not tell this much.
        }
        return new ProcessActivity(processor, bytes);
    }

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetProcessIoCounters(nint process, out Counters counters);

    /// <summary>IO_COUNTERS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Counters
    {
        public ulong Reads, Writes, Others, BytesRead, BytesWritten, OtherBytes;
    }
}
