using System.Globalization;
using k8s;
using k8s.Models;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>What is in examples/cluster/, as it is run.</summary>
public sealed class ClusterTests : IDisposable
{
    private static readonly string Folder = Path.Combine(TestAssets.Repository, "examples", "cluster");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Slurm_runs_all_of_it_and_a_task_that_is_killed_and_requeued_changes_nothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && SlurmCluster.IsInstalled, "Slurm is not installed (slurmctld, slurmd, munge)");
        Draw("whole", 16);
        foreach (string name in (string[])["one", "two", "three", "four"])
            Tool.Draw(_folder.File("whole", "recordings", name + ".mp4"), $"testsrc=s=64x48:r=10,hue=h={name.Length}", 30);
        FileTree.Copy(_folder.File("whole"), _folder.File("shared"));
        string[] training = ["--model", "mlp", "--units", "16", "--epochs", "20", "--patience", "0", "--learning-rate", "1e-4"], network = ["--inception", "random:1"];
        using var slurm = new SlurmCluster();

        (int exitCode, string output, string errors) = Tool.Bash(_folder.Path, [Path.Combine(Folder, "slurm.sh"), "shared/data", "4", "2", "75", "75", "shared/recordings", "8"],
            ("SLURM_CONF", slurm.Configuration), ("EXTRACT", string.Join(' ', network)), ("TRAIN", string.Join(' ', training)), ("VLSTM_DEVICE", "cpu"));
        Assert.True(exitCode == 0, errors);
        Assert.Matches(@"^list \d+, join \d+, features \d+, train \d+, classify \d+, finish \d+\n$", output);
        Dictionary<string, string> jobs = output.Trim().Split(", ").Select(j => j.Split(' ')).ToDictionary(j => j[0], j => j[1]);

        // In the middle of its work: it has said that it is at work, and has not ended.
        string task = jobs["features"] + "_3";
        Await(slurm, jobs, () => File.Exists(_folder.File("shared", "data", "shards", "extract-features.3-of-8.json")) || HasEnded(slurm, task));
        bool isRequeued = !HasEnded(slurm, task);
        slurm.Ask("scontrol", "requeue", task);
        slurm.Ask("scontrol", "update", $"JobId={task}", "StartTime=now");
        Assert.True(isRequeued, "the task was over before it could be killed");

        Await(slurm, jobs, () => HasEnded(slurm, jobs["finish"]));
        foreach ((string name, string job) in jobs)
            Assert.True(States(slurm, job).All(s => s == "COMPLETED"), $"{name}: {string.Join(", ", States(slurm, job))}: {Logs()}");
        Assert.Contains("Restarts=1", slurm.Ask("scontrol", "show", "job", task), StringComparison.Ordinal);

        string[] sequences = ["4", "2", "75", "75", .. network, "--data", "whole/data"];
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images", "--data", "whole/data");
        Tool.Succeed(_folder.Path, ["extract-features", .. sequences]);
        Tool.Succeed(_folder.Path, ["train", .. sequences, .. training]);
        Tool.Succeed(_folder.Path, "classify", "4", "2", "best", "whole/recordings", "--data", "whole/data", "--no-video", "--timeline", "{folder}/{name}.csv");
        string[] ofTheMoment = ["data/logs"];
        FileTree.AssertSame(Results("whole", ofTheMoment), Results("shared", ofTheMoment));

        SortedDictionary<string, string> Results(string data, string[] without) => FileTree.Of(_folder.File(data), without);
    }

    [SkippableFact]
    public void A_handful_of_machines_share_a_verb_over_ssh()
    {
        Skip.IfNot(File.Exists("/bin/bash"), "no bash here");
        Draw("whole", 6);
        FileTree.Copy(_folder.File("whole"), _folder.File("shared"));
        // The machines are this one. Each says which it is.
        string ssh = _folder.File("bin", "ssh");
        File.WriteAllText(ssh, $"#!/bin/bash\n[[ $1 == -o && $2 == BatchMode=yes ]] && echo \"$3\" >>'{_folder.File("hosts")}' && cd / && exec bash -c \"$4\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(ssh, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string script = Path.Combine(Folder, "parallel.sh");

        (int exitCode, string output, string errors) = Tool.Bash(_folder.Path, [script, "node1 node2 :", "extract-files", "mp4", "--no-images", "--data", "shared/data"]);

        Assert.True(exitCode == 0, errors);
        Assert.Equal(["node1", "node2"], File.ReadAllLines(_folder.File("hosts")).Order(StringComparer.Ordinal));
        Assert.EndsWith("0 clips counted, 6 were done, 0 failed; 48 frames of 6 clips in shared/data/data_file.csv\n", output, StringComparison.Ordinal);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images", "--data", "whole/data");
        FileTree.AssertSame(FileTree.Of(_folder.File("whole")), FileTree.Of(_folder.File("shared")));

        // One machine fails, and what it left is done here.
        File.Delete(ssh);
        (exitCode, output, errors) = Tool.Bash(_folder.Path, [script, "nowhere.invalid :", "extract-features", "4", "2", "75", "75", "--inception", "random:1", "--data", "shared/data"]);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("parallel: nowhere.invalid ended with", errors, StringComparison.Ordinal);
        Assert.Contains("note: the shards had left ", errors, StringComparison.Ordinal);
        Assert.Equal(6, Directory.GetFiles(_folder.File("shared", "data", "sequences")).Length);
    }

    [SkippableTheory]
    [InlineData("slurm.sh")]
    [InlineData("parallel.sh")]
    public void A_script_without_arguments_prints_its_usage(string script)
    {
        Skip.IfNot(File.Exists("/bin/bash"), "no bash here");
        (int exitCode, string output, string errors) = Tool.Bash(_folder.Path, [Path.Combine(Folder, script)]);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains($"# U{errors.TrimEnd('\n')[1..]}", File.ReadAllLines(Path.Combine(Folder, script)));
    }

    [Fact]
    public void The_Jobs_of_Kubernetes_are_what_its_API_takes()
    {
        // Fields that the API does not have are refused.
        List<object> objects = KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(Folder, "kubernetes.yaml")), strict: true);
        V1PersistentVolumeClaim claim = Assert.Single(objects.OfType<V1PersistentVolumeClaim>());
        Assert.Equal(["ReadWriteMany"], claim.Spec.AccessModes);
        V1Job[] jobs = [.. objects.OfType<V1Job>()];
        Assert.Equal(["vlstm-list", "vlstm-join", "vlstm-features", "vlstm-train", "vlstm-classify"], jobs.Select(j => j.Metadata.Name));
        Assert.Equal(objects.Count, jobs.Length + 1);
        Assert.All(jobs, job =>
        {
            V1PodSpec pod = job.Spec.Template.Spec;
            V1Container container = Assert.Single(pod.Containers);
            string[] command = [.. container.Args];
            Assert.Null(CommandLine.Complaint(CommandLine.CreateRoot().Parse(command), command));
            Assert.Equal(["sh", "-c", "vlstm \"$@\" || [ $? = 1 ]", "vlstm"], container.Command);
            // What the API says of Jobs: a pod policy and limits for each index go with pods that are not restarted, the latter with indexes.
            Assert.Equal("Never", pod.RestartPolicy);
            bool isShared = command.Contains("--shard");
            Assert.Equal(isShared ? "Indexed" : null, job.Spec.CompletionMode);
            Assert.Equal(isShared, job.Spec.BackoffLimitPerIndex is > 0 && job.Spec.PodFailurePolicy is not null && job.Spec.MaxFailedIndexes <= job.Spec.Completions);
            Assert.Equal(isShared, job.Spec.BackoffLimit is null);
            if (isShared)
                Assert.Equal(job.Spec.Completions, int.Parse(container.Env.Single(e => e.Name == "JOB_COMPLETIONS").Value, CultureInfo.InvariantCulture));
            Assert.Equal(claim.Metadata.Name, pod.Volumes.Single(v => v.PersistentVolumeClaim is not null).PersistentVolumeClaim.ClaimName);
            Assert.All(container.VolumeMounts, mount => Assert.Contains(pod.Volumes, v => v.Name == mount.Name));
        });
    }

    // To build the image takes an engine and the network; that the file is sound is seen without.
    [Fact]
    public void The_Dockerfile_is_one_image_with_and_one_without_a_card()
    {
        string text = File.ReadAllText(Path.Combine(Folder, "Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal);
        string[][] lines = [.. text.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.All(lines, line => Assert.Contains(line[0], (string[])["ARG", "FROM", "RUN", "COPY", "ENV", "USER", "WORKDIR", "ENTRYPOINT", "CMD"]));
        string[][] stages = [.. lines.Where(l => l[0] == "FROM")];
        string[] names = [.. stages.Select(s => s[^1])];
        Assert.Equal(["base", "without-cuda", "with-cuda", "final"], names);
        Assert.Equal(["debian:12-slim", "base", "base", "${CUDA}-cuda"], stages.Select(s => s[1]));
        Assert.Equal(["ARG", "CUDA=without"], lines[0]);
        string install = string.Join(' ', Assert.Single(lines, l => l[0] == "RUN" && l.Contains("apt-get")));
        foreach (string part in (string[])["apt-get update", "--no-install-recommends -y", " ffmpeg ", "rm -rf /var/lib/apt/lists/*"])
            Assert.Contains(part, install, StringComparison.Ordinal);
        // The last user is not root, and the program is what runs.
        Assert.Equal("vlstm", lines.Last(l => l[0] == "USER")[1]);
        Assert.Equal("[\"vlstm\"]", lines.Single(l => l[0] == "ENTRYPOINT")[1]);
        // What is copied is what scripts/publish.sh and the accelerator leave there.
        Assert.Equal(["dist/vlstm-*-linux-x64/", "dist/cache/accelerators/"], lines.Where(l => l[0] == "COPY").Select(l => l[^2]));
        Assert.Contains("dist/vlstm-<version>-<system>", File.ReadAllText(Path.Combine(TestAssets.Repository, "scripts", "publish.sh")), StringComparison.Ordinal);
    }

    private void Draw(string folder, int clips)
    {
        for (int i = 0; i < clips; i++)
            Tool.Draw(_folder.File(folder, "data", i % 3 == 0 ? "test" : "train", i % 2 == 0 ? "Bars" : "Noise", $"clip{i}.mp4"), i % 2 == 0 ? $"testsrc=s=64x48:r=10,hue=h={20 * i}" : $"cellauto=s=64x48:r=10:rule=30:random_seed={i}", 8);
    }

    private static bool HasEnded(SlurmCluster slurm, string job) => States(slurm, job) is { Length: > 0 } states && states.All(s => s is not ("PENDING" or "RUNNING" or "COMPLETING" or "REQUEUED" or "CONFIGURING"));

    private static string[] States(SlurmCluster slurm, string job) => [.. slurm.Ask("squeue", "--noheader", "--states=all", "--format=%T", $"--jobs={job}").Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    private void Await(SlurmCluster slurm, Dictionary<string, string> jobs, Func<bool> isSo) =>
        Assert.True(SpinWait.SpinUntil(() =>
        {
            Thread.Sleep(100);
            return isSo();
        }, TimeSpan.FromMinutes(5)), $"{string.Join(", ", jobs.Select(j => $"{j.Key} {string.Join('/', States(slurm, j.Value))}"))}: {slurm.Ask("squeue")}{Logs()}");

    private string Logs() => string.Join('\n', Directory.GetFiles(_folder.Path, "slurm-*.out").Select(f => $"{Path.GetFileName(f)}: {File.ReadAllText(f)}"));
}
