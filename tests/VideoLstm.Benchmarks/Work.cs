using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using System.Globalization;

namespace VideoLstm.Benchmarks;

/// <summary>A parameter of a benchmark that says how much there is to compute.</summary>
internal interface IWork
{
    /// <summary>Floating-point operations of one call, two for each multiply-add of the definition.</summary>
    double Flops { get; }

    /// <summary>Cores that work on it.</summary>
    int Threads { get; }
}

/// <summary>GFLOP/s, or their share of the peak of the cores in use. Winograd's convolutions can exceed it: they do less than the definition.</summary>
internal sealed class GflopsColumn(bool share) : IColumn
{
    public string Id => nameof(GflopsColumn) + share;

    public string ColumnName => share ? "% of peak" : "GFLOP/s";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => share ? 1 : 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => share ? $"share of {Peak.Gflops:F0} GFLOP/s a core, measured on registers alone" : "operations of the definition over the mean time";

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, SummaryStyle.Default);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        IWork? work = benchmarkCase.Parameters.Items.Select(p => p.Value).OfType<IWork>().FirstOrDefault();
        double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Mean;
        if (work is null || nanoseconds is null)
            return "?";
        double gflops = work.Flops / nanoseconds.Value;
        return (share ? 100 * gflops / (Peak.Gflops * work.Threads) : gflops).ToString("F0", CultureInfo.InvariantCulture);
    }
}
