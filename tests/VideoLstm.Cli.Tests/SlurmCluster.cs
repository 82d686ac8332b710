using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>
/// Slurm on this machine alone, for one test: its own munged, slurmctld and slurmd, in the foreground, with their files in a folder of their
/// own and as this user. One node that claims eight processors.
/// </summary>
internal sealed class SlurmCluster : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _daemons = [];

    public SlurmCluster()
    {
        string host = Dns.GetHostName().Split('.')[0], user = Environment.UserName, key = _folder.File("munge.key");
        File.WriteAllBytes(key, RandomNumberGenerator.GetBytes(1024));
        Directory.CreateDirectory(_folder.File("spool"));
        Configuration = _folder.File("slurm.conf");
        File.WriteAllText(Configuration, $"""
            ClusterName=test
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser={user}
            SlurmdUser={user}
            SlurmctldPort={FreePort()}
            SlurmdPort={FreePort()}
            AuthType=auth/munge
            CredType=cred/munge
            AuthInfo=socket={_folder.File("munge.sock")},cred_expire=5
            StateSaveLocation={_folder.File("spool")}
            SlurmdSpoolDir={_folder.File("spool")}
            SlurmctldPidFile={_folder.File("slurmctld.pid")}
            SlurmdPidFile={_folder.File("slurmd.pid")}
            ProctrackType=proctrack/pgid
            TaskPlugin=task/none
            MpiDefault=none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SlurmdParameters=config_overrides
            SchedulerParameters=sched_interval=1
            ReturnToService=2
            KillWait=2
            MinJobAge=3600
            NodeName={host} NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
            PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(key, UnixFileMode.UserRead);
        Start("munged", "--foreground", "--force", $"--key-file={key}", $"--socket={_folder.File("munge.sock")}", $"--pid-file={_folder.File("munged.pid")}", $"--seed-file={_folder.File("munge.seed")}");
        Await("munged", () => File.Exists(_folder.File("munge.sock")));
        Start("slurmctld", "-D", "-f", Configuration);
        Start("slurmd", "-D", "-f", Configuration);
        Await("slurmd", () => Ask("sinfo", "--noheader", "--format=%t").Trim() == "idle");
    }

    /// <summary>Whether Slurm is installed.</summary>
    public static bool IsInstalled => ((string[])["munged", "slurmctld", "slurmd"]).All(d => Find(d) is not null)
        && ((string[])["sbatch", "squeue", "scontrol", "sinfo"]).All(t => Find(t) is not null);

    /// <summary>What SLURM_CONF is to name.</summary>
    public string Configuration { get; }

    /// <summary>What a program of Slurm prints.</summary>
    public string Ask(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["SLURM_CONF"] = Configuration;
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    public void Dispose()
    {
        // Not all at once: who is asked for something last ends last.
        foreach (Process daemon in Enumerable.Reverse(_daemons))
        {
            if (!daemon.HasExited)
                daemon.Kill(entireProcessTree: true);
            daemon.WaitForExit();
            daemon.Dispose();
        }
        _folder.Dispose();
    }

    private void Start(string daemon, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(daemon)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.Environment["SLURM_CONF"] = Configuration;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => File.AppendAllText(_folder.File(daemon + ".log"), line.Data + "\n");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _daemons.Add(process);
    }

    private void Await(string daemon, Func<bool> isReady) =>
        Assert.True(SpinWait.SpinUntil(isReady, Patience), $"{daemon} does not answer: {string.Join('\n', Directory.GetFiles(_folder.Path, "*.log").Select(File.ReadAllText))}");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Find(string program) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
