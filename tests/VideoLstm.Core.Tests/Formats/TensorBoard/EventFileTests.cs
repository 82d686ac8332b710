using System.Diagnostics;
using System.Text.Json;
using VideoLstm.Core.Formats.TensorBoard;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Formats.TensorBoard;

public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Begins_as_TensorFlows_own_files_do()
    {
        byte[] file = File.ReadAllBytes(Write(0));
        // Length 24 and its checksum, as in every file of TensorFlow; then the time, and the version.
        Assert.Equal(Convert.FromHexString("1800000000000000A37F4B22"), file[..12]);
        Assert.Equal(0x09, file[12]);
        double seconds = BitConverter.ToDouble(file, 13);
        Assert.InRange((DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds - seconds, -1, 600);
        Assert.Equal("\u001a\rbrain.Event:2"u8, file.AsSpan(21, 15));
        Assert.Equal(40, file.Length);
    }

    [Fact]
    public void Files_are_named_as_TensorBoard_looks_for_them() =>
        Assert.Matches(@"^events\.out\.tfevents\.\d{10}\.[A-Za-z0-9_.-]+$", Path.GetFileName(Write(1)));

    [SkippableFact]
    public void An_independent_reader_reads_the_same()
    {
        JsonElement[] events = ReadBack(Write(200));
        Assert.Equal(201, events.Length);
        Assert.Equal("brain.Event:2", events[0].GetProperty("version").GetString());
        for (int step = 1; step <= 200; step++)
        {
            Assert.Equal(step, events[step].GetProperty("step").GetInt32());
            Assert.Equal(1f / step, events[step].GetProperty("values").GetProperty("epoch_loss").GetSingle());
            Assert.Equal(-step, events[step].GetProperty("values").GetProperty("naïve 視頻").GetSingle());
            Assert.Equal(2, events[step].GetProperty("values").EnumerateObject().Count());
            Assert.True(events[step].GetProperty("time").GetDouble() >= events[step - 1].GetProperty("time").GetDouble());
        }
    }

    [SkippableFact]
    public void Resumed_it_has_no_trace_of_what_is_dropped_or_torn()
    {
        string path = Write(9);
        byte[] whole = File.ReadAllBytes(path);
        Resume(path, 5);
        int[] steps = [.. ReadBack(path).Select(e => e.GetProperty("step").GetInt32())];
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], steps);

        // Torn at any byte of the last two records, or with any of these bytes changed.
        int kept = Resumed(whole[..], 7);
        for (int length = kept; length < whole.Length; length++)
            Assert.Equal(kept, Resumed(whole[..length], 7));
        int shorter = Resumed(whole[..], 6);
        for (int i = shorter; i < kept; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x10;
            Assert.Equal(shorter, Resumed(damaged, 7));
        }

        // Of an empty file, and of one that is none, only the beginning is written.
        Assert.Equal(40, Resumed([], 7));
        Assert.Equal(40, Resumed([.. "some text that is no event at all, but long enough to be one"u8], 7));
    }

    private string Write(int steps)
    {
        using (EventFile file = EventFile.Create(_folder.Path))
        {
            for (int step = 1; step <= steps; step++)
                file.Add(step, ("epoch_loss", 1.0 / step), ("naïve 視頻", -step));
        }
        return Assert.Single(Directory.GetFiles(_folder.Path));
    }

    private static void Resume(string path, int lastStep)
    {
        using EventFile file = EventFile.Resume(path, lastStep);
        file.Add(lastStep + 1, ("epoch_loss", 7));
    }

    private int Resumed(byte[] content, int lastStep)
    {
        string path = _folder.File("resumed", "events.out.tfevents.1.x");
        File.WriteAllBytes(path, content);
        EventFile.Resume(path, lastStep).Dispose();
        return (int)new FileInfo(path).Length;
    }

    private static JsonElement[] ReadBack(string path)
    {
        const string python = "/usr/bin/python3";
        Skip.IfNot(File.Exists(python), "no Python on this machine");
        string script = Path.Combine(TestAssets.Repository, "tests", "references", "tensorboard.py");
        using Process process = Process.Start(new ProcessStartInfo(python, [script, path]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Skip.If(process.ExitCode == 77, "no protobuf for Python on this machine");
        Assert.True(process.ExitCode == 0, errors.Result);
        return [.. JsonDocument.Parse(output).RootElement.EnumerateArray()];
    }
}
