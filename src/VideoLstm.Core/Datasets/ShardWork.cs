using System.Diagnostics;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>A shard in work: what belongs to it, and what the others are told of it. Its reports may fail, the work goes on.</summary>
public sealed class ShardWork : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly DataFolder _data;
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<ShardFailure> _failed = [];
    private readonly DateTime _started = DateTime.UtcNow;
    private TimeSpan _next;
    private ShardReport _report;

    private ShardWork(DataFolder data, string verb, Shard shard)
    {
        _data = data;
        Shard = shard;
        _report = new ShardReport(verb, shard.Number, shard.Count, Environment.MachineName, Environment.ProcessId, _started, _started);
    }

    /// <summary>Which shard.</summary>
    public Shard Shard { get; }

    /// <summary>Begins with a shard.</summary>
    /// <param name="data">The data folder, in whose work folder it is reported; where there is none, it is not.</param>
    /// <param name="verb">What is done.</param>
    /// <param name="shard">The shard; null: all of the work.</param>
    /// <returns>Null for all of the work. Else to be disposed of, which says that it has ended or was given up.</returns>
    public static ShardWork? Begin(DataFolder data, string verb, Shard? shard)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (shard is null)
            return null;
        var work = new ShardWork(data, verb, shard);
        work.Write();
        return work;
    }

    /// <summary>What belongs to it is known.</summary>
    /// <param name="found">How many clips or videos.</param>
    /// <param name="before">How many of them were done before.</param>
    internal void Found(int found, int before) => Report(r => r with { Found = found, Before = before });

    /// <summary>One more is done.</summary>
    internal void Done() => Report(r => r with { Done = r.Done + 1 });

    /// <summary>One cannot be done.</summary>
    /// <param name="input">Which.</param>
    /// <param name="finding">Why.</param>
    internal void Failed(string input, Finding finding) => Report(r =>
    {
        _failed.Add(new ShardFailure(input, finding.Fact));
        return r;
    });

    /// <summary>All of it is done, but for what failed.</summary>
    internal void End()
    {
        lock (_gate)
        {
            long rest = (_report.Found ?? 0) - _report.Before - _failed.Count;
            _report = _report with { HasEnded = true, Done = Math.Max(_report.Done, rest) };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Write();

    private void Report(Func<ShardReport, ShardReport> change)
    {
        lock (_gate)
        {
            _report = change(_report);
            if (_clock.Elapsed < _next)
                return;
        }
        Write();
    }

    private void Write()
    {
        lock (_gate)
        {
            _next = _clock.Elapsed + Interval;
            if (!Directory.Exists(_data.Work))
                return;
            try
            {
                // By the clock that only goes forward.
                _report = _report with { Updated = _started + _clock.Elapsed, Failed = [.. _failed] };
                _report.Write(_data.ShardFile(_report.Verb, Shard, ".json"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The work is worth more than what is told of it.
            }
        }
    }
}
