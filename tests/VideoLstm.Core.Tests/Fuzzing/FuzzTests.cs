using System.Diagnostics;
using System.Globalization;
using VideoLstm.Tests;
using Xunit.Abstractions;

namespace VideoLstm.Core.Tests.Fuzzing;

/// <summary>
/// Every reader on files that are damaged, cut off, or made up: it reads them or says in one line why not, soon, and with memory in
/// proportion to the file. `scripts/fuzz.sh` runs it on more inputs; what fails is written aside.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int UsualInputs = 2000, LongestMessage = 2000, MostFailures = 10;

    // What any reader may take besides what is in proportion to its file, bytes; and a time that only what never ends comes near.
    private const long Allowance = 16 << 20, AllowancePerByte = 400;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5), Look = TimeSpan.FromSeconds(15);
    private const int LooksOfHang = 6;

    private static readonly string Aside = Environment.GetEnvironmentVariable("VLSTM_FUZZ_ASIDE") ?? Path.Combine(Path.GetTempPath(), "vlstm-fuzz");

    public static TheoryData<string> Readers => [.. FuzzedReader.All.Keys.Where(IsAsked)];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Whatever_a_file_holds_it_is_read_or_refused_in_one_line(string name)
    {
        FuzzedReader reader = FuzzedReader.All[name];
        IReadOnlyList<byte[]> seeds = reader.Seeds();
        var mutator = new Mutator(seeds, reader.Words);
        using var folder = new TemporaryFolder();
        string path = folder.File(reader.FileName);
        int inputs = Asked("VLSTM_FUZZ_INPUTS", UsualInputs), first = Asked("VLSTM_FUZZ_FIRST", 0);
        var failures = new List<string>();
        int read = 0, current = first;
        TimeSpan start = Environment.CpuUsage.TotalTime;
        // Nothing can end a reader that hangs but the end of all. Looks are counted, and not seconds, in which the machine may have slept.
        (int Input, int Looks) seen = (-1, 0);
        using var watch = new Timer(_ =>
        {
            int now = Volatile.Read(ref current);
            seen = seen.Input == now ? (now, seen.Looks + 1) : (now, 0);
            if (seen.Looks > LooksOfHang)
                Environment.FailFast($"{name}, input {current} hangs: {Keep(name, current, mutator.Make(current), reader)}");
        }, null, Look, Look);

        for (int number = first; number < first + inputs && failures.Count < MostFailures; number++)
        {
            byte[] input = mutator.Make(number);
            File.WriteAllBytes(path, input);
            Volatile.Write(ref current, number);
            // What was slow for others' sake, or cost more the first time, is not so again.
            string? fault = Run(reader.Read, path, input.Length, ref read) is null ? null : Run(reader.Read, path, input.Length, ref read);
            if (fault is not null)
                failures.Add($"input {number} ({Keep(name, number, input, reader)}): {fault}");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {inputs} inputs, {read} read, {(Environment.CpuUsage.TotalTime - start).TotalSeconds:0.0} s of the processor"));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Good_files_are_read(string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(FuzzedReader.All[name].FileName);
        int read = 0;
        foreach (byte[] seed in FuzzedReader.All[name].Seeds())
        {
            File.WriteAllBytes(path, seed);
            Assert.Null(Run(FuzzedReader.All[name].Read, path, seed.Length, ref read));
        }
        Assert.True(read > 0 || name is "inception" or "classifier", "none is read");
    }

    private static string? Run(Action<string> reader, string path, int length, ref int read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        try
        {
            reader(path);
            read++;
        }
        catch (Exception e) when (e is InputException or InvalidDataException)
        {
            if (e.Message.Contains('\n', StringComparison.Ordinal) || e.Message.Length is 0 or > LongestMessage)
                return $"a message of {e.Message.Length} characters: {e.Message[..Math.Min(200, e.Message.Length)].ReplaceLineEndings("\\n")}";
        }
        catch (Exception e)
        {
            return e.ToString();
        }
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        return bytes > Allowance + AllowancePerByte * length ? $"{bytes} bytes of memory for a file of {length}"
            : time > Longest ? $"{time.TotalSeconds:0.0} s for a file of {length} bytes" : null;
    }

    private static string Keep(string name, int number, byte[] input, FuzzedReader reader)
    {
        Directory.CreateDirectory(Path.Combine(Aside, name));
        string path = Path.Combine(Aside, name, number.ToString(CultureInfo.InvariantCulture) + Path.GetExtension(reader.FileName));
        File.WriteAllBytes(path, input);
        return path;
    }

    private static bool IsAsked(string name) =>
        Environment.GetEnvironmentVariable("VLSTM_FUZZ_READERS") is not { Length: > 0 } asked || asked.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(name, StringComparer.Ordinal);

    private static int Asked(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : usual;
}
