using System.Diagnostics;
using System.Globalization;

namespace VideoLstm.Benchmarks;

/// <summary>
/// A process that can do something at a speed: it loads once, says `ready` and numbers that those who do the same work must have too, and
/// answers each line on its standard input (how many seconds to run) with a number of things per second.
/// </summary>
internal sealed class Contender : IDisposable
{
    private readonly Process _process;

    private Contender(string name, Process process)
    {
        (Name, _process) = (name, process);
        string[] words = ReadLine().Split(' ');
        if (words[0] != "ready")
            throw new InvalidOperationException($"{name} did not get ready");
        Results = [.. words.Skip(1).Select(w => float.Parse(w, CultureInfo.InvariantCulture))];
    }

    public string Name { get; }

    /// <summary>What it computed: features, or losses.</summary>
    public IReadOnlyList<float> Results { get; }

    /// <summary>The most memory that it has had so far, bytes.</summary>
    public long PeakMemory => Memory(_process.Id);

    /// <summary>Starts a process and waits until it is ready.</summary>
    public static Contender Start(string name, string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach ((string variable, string value) in environment)
            start.Environment[variable] = value;
        return new Contender(name, Process.Start(start)!);
    }

    /// <summary>Makes sure that another does the same work.</summary>
    /// <param name="other">Another.</param>
    /// <param name="tolerance">What the results may differ by, as a share of the largest.</param>
    public void CheckSame(Contender other, double tolerance)
    {
        double largest = Results.Max(Math.Abs), difference = Results.Count == other.Results.Count
            ? Results.Zip(other.Results, (a, b) => Math.Abs(a - b)).Max() : double.PositiveInfinity;
        if (!(difference <= tolerance * largest))
            throw new InvalidOperationException($"{other.Name} computes something else than {Name}: {difference:G3} of {largest:G3}");
        Console.Error.WriteLine($"{other.Name} computes the same as {Name} but for {difference / largest:G2}");
    }

    /// <summary>What the contender's side of the conversation is.</summary>
    public static void Serve(Func<double, double> speed, ReadOnlySpan<float> results = default)
    {
        Console.WriteLine("ready" + string.Concat(results.ToArray().Select(r => " " + r.ToString("R", CultureInfo.InvariantCulture))));
        while (Console.ReadLine() is { } line)
            Console.WriteLine(speed(double.Parse(line, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Things per second over <paramref name="seconds"/> seconds.</summary>
    public double Measure(double seconds)
    {
        _process.StandardInput.WriteLine(seconds.ToString(CultureInfo.InvariantCulture));
        _process.StandardInput.Flush();
        return double.Parse(ReadLine(), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>Seconds, and the most memory that it had.</returns>
    public static (double Seconds, long PeakMemory, string Output) Run(string program, IEnumerable<string> arguments)
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        long memory = 0;
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(20)))
            memory = Math.Max(memory, Memory(process.Id));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return process.ExitCode == 0
            ? (seconds, memory, output.Result)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    /// <summary>Whether a command ends well; what it prints is not shown.</summary>
    public static bool Succeeds(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task.WaitAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    // The kernel's own high-water mark; 0 where there is no such file.
    private static long Memory(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private string ReadLine() => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} ended");
}
