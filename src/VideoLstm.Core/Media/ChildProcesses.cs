using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace VideoLstm.Core.Media;

/// <summary>
/// Ends the programs that we started when we are killed and cannot do it ourselves. Where there is a POSIX shell, one reads from a pipe
/// which of them run; when the pipe closes, as it does with our end, it kills those and what they started. On Windows a job object does.
/// See docs/decisions/0001-children-end-with-us.md.
/// </summary>
internal static partial class ChildProcesses
{
    // Signals of the terminal go to all of its programs; this one must outlast us.
    private const string Watcher = """
        exec >/dev/null 2>&1
        trap '' INT TERM HUP QUIT
        PATH=$PATH:/usr/bin:/bin
        running=' '
        while read -r change id; do
          case $change in
            +) running="$running$id " ;;
            -) case $running in *" $id "*) running="${running%%" $id "*} ${running#*" $id "}" ;; esac ;;
          esac
        done
        all=
        set -- $running
        while [ $# -gt 0 ]; do
          kill -STOP "$@"
          all="$all $*"
          if [ -d /proc/self/task ]; then
            set -- $(for id; do cat /proc/"$id"/task/*/children; done)
          else
            set -- $(pgrep -P "$(IFS=,; echo "$*")")
          fi
        done
        [ -z "$all" ] || kill -KILL $all
        """;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Running = [];
    private static Process? watcher;
    private static bool canWatch = !OperatingSystem.IsWindows() && File.Exists("/bin/sh");

    /// <summary>A program runs.</summary>
    public static void Add(Process process)
    {
        if (OperatingSystem.IsWindows())
        {
            Job.Add(process);
            return;
        }
        lock (Gate)
        {
            Running.Add(process.Id);
            Tell('+', process.Id);
        }
    }

    /// <summary>It has ended: its number may be another's soon.</summary>
    public static void Remove(int id)
    {
        lock (Gate)
        {
            if (Running.Remove(id))
                Tell('-', id);
        }
    }

    private static void Tell(char change, int id)
    {
        if (!canWatch)
            return;
        if (watcher is not null && TryWrite(Invariant($"{change}{' '}{id}\n")))
            return;
        watcher?.Dispose();
        watcher = null;
        try
        {
            // All three, so that it is no program that the terminal has to be shared with.
            watcher = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Watcher, "vlstm-watcher"])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
                WorkingDirectory = "/",
            });
            canWatch = watcher is not null && TryWrite(string.Concat(Running.Select(r => Invariant($"+ {r}\n"))));
        }
        catch (Win32Exception)
        {
            canWatch = false;
        }
    }

    private static bool TryWrite(string lines)
    {
        try
        {
            watcher!.StandardInput.BaseStream.Write(System.Text.Encoding.ASCII.GetBytes(lines));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    [SupportedOSPlatform("windows")]
    private static partial class Job
    {
        private const int ExtendedLimits = 9;
        private const uint KillOnClose = 0x2000;

        // Closed by the system with our last handle, that is, with us.
        private static readonly nint Handle = Create();

        public static void Add(Process process)
        {
            try
            {
                if (Handle != 0)
                    AssignProcessToJobObject(Handle, process.Handle);
            }
            catch (InvalidOperationException)
            {
                // It has ended already.
            }
        }

        private static nint Create()
        {
            nint job = CreateJobObject(0, 0);
            var limits = new Limits { Flags = KillOnClose };
            return job != 0 && SetInformationJobObject(job, ExtendedLimits, in limits, (uint)Marshal.SizeOf<Limits>()) ? job : 0;
        }

        [LibraryImport("kernel32.dll", EntryPoint = "CreateJobObjectW")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static partial nint CreateJobObject(nint attributes, nint name);

        [LibraryImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static partial bool SetInformationJobObject(nint job, int kind, in Limits limits, uint size);

        [LibraryImport("kernel32.dll")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static partial bool AssignProcessToJobObject(nint job, nint process);

        /// <summary>JOBOBJECT_EXTENDED_LIMIT_INFORMATION.</summary>
        [StructLayout(LayoutKind.Sequential)]
        private struct Limits
        {
            public long ProcessTime, JobTime;
            public uint Flags;
            public nuint SmallestWorkingSet, LargestWorkingSet;
            public uint Processes;
            public nuint Affinity;
            public uint Priority, Scheduling;
            public ulong Reads, Writes, Others, BytesRead, BytesWritten, OtherBytes;
            public nuint ProcessMemory, JobMemory, PeakProcessMemory, PeakJobMemory;
        }
    }
}
