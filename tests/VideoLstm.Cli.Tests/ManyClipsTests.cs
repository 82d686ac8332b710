using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>A hundred thousand clips, all of which are done.</summary>
public sealed partial class ManyClipsTests : IDisposable
{
    private const int Clips = 100_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_run_in_which_nothing_is_to_be_done_is_short_and_small()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "looks at processes in /proc, and makes hard links");
        string[] files = ["extract-files", "mp4", "--no-images"], features = ["extract-features", "1", "2", "75", "75", "--inception", "random:1"];
        string[] names = ["train/A/a", "train/B/b", "test/A/c", "test/B/d"];
        foreach (string name in names)
            Tool.Draw(_folder.File(["data", .. (name + ".mp4").Split('/')]), $"cellauto=s=64x48:r=10:rule=30:random_seed={name[^1] - 'a'}", 2);
        Tool.Succeed(_folder.Path, files);
        Tool.Succeed(_folder.Path, features);
        Multiply(_folder.File("data"), names);

        Measure($"{Clips} were done, 0 failed", files);
        Measure($"{Clips} were done, 0 failed", features);
    }

    // The clip, its rows and its sequence, many times under other names.
    private static void Multiply(string data, string[] names)
    {
        var lists = new Dictionary<string, (StringBuilder Rows, string[] Old)>();
        foreach (string list in (string[])["data_file.csv", "clip_files.csv"])
            lists[list] = (new StringBuilder(), File.ReadAllLines(Path.Combine(data, list)));
        foreach (string name in names)
        {
            string[] parts = name.Split('/');
            for (int i = 0; i < Clips / names.Length; i++)
            {
                string other = $"{parts[2]}{i:D5}";
                Link(Path.Combine(data, name + ".mp4"), Path.Combine(data, parts[0], parts[1], other + ".mp4"));
                Link(Path.Combine(data, "sequences", parts[2] + "-1-features.npy"), Path.Combine(data, "sequences", other + "-1-features.npy"));
                foreach ((StringBuilder rows, string[] old) in lists.Values)
                    rows.Append(old.Single(r => r.StartsWith($"{parts[0]},{parts[1]},{parts[2]},", StringComparison.Ordinal)).Replace($",{parts[2]},", $",{other},", StringComparison.Ordinal).Replace(name + ".mp4", $"{parts[0]}/{parts[1]}/{other}.mp4", StringComparison.Ordinal)).Append("\r\n");
            }
            File.Delete(Path.Combine(data, name + ".mp4"));
        }
        foreach ((string list, (StringBuilder rows, _)) in lists)
            File.WriteAllText(Path.Combine(data, list), rows.ToString());
    }

    // Seconds are those of the processor: how busy the machine is otherwise does not matter.
    private void Measure(string expected, string[] arguments)
    {
        using Process process = Tool.Start(_folder.Path, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        (double seconds, long megabytes) = (0, 0);
        while (!process.WaitForExit(50))
        {
            try
            {
                seconds = Math.Max(seconds, process.TotalProcessorTime.TotalSeconds);
                string peak = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) ?? "0 0 kB";
                megabytes = Math.Max(megabytes, long.Parse(peak.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) >> 10);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or FormatException)
            {
                // It has just ended.
            }
        }
        Assert.True(process.ExitCode == 0, errors.Result);
        Assert.Contains(expected, output.Result, StringComparison.Ordinal);
        Assert.InRange(megabytes, 1, 500);
        Assert.InRange(seconds, 0.1, 20);
    }

    private static void Link(string from, string to) => Assert.Equal(0, MakeLink(from, to));

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeLink(string from, string to);
}
