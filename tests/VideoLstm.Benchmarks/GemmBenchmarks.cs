using BenchmarkDotNet.Attributes;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Benchmarks;

/// <summary>C = A B on one core and on all of them. B is packed once, as weights are; A with each call, as values are.</summary>
public unsafe class GemmBenchmarks
{
    private readonly GemmPanels _a = GemmPanels.OfRows(Simd.Level);
    private readonly GemmPanels _b = GemmPanels.OfColumns(Simd.Level);
    private AlignedBuffer[] _memory = [];

    [ParamsSource(nameof(Sizes))]
    public object Size { get; set; } = null!;

    public static IEnumerable<object> Sizes =>
        from size in new[] { (256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2400, 2048, 8192), (32, 2048, 8192), (1, 2048, 8192) }
        from threads in new[] { 1, Environment.ProcessorCount }.Distinct()
        select (object)new GemmWork(size.Item1, size.Item2, size.Item3, threads);

    [GlobalSetup]
    public void Setup()
    {
        var (rows, depth, columns, threads) = (GemmWork)Size;
        Workers.Count = threads;
        _memory = [new(rows * depth), new(depth * columns), new(rows * columns)];
        foreach (AlignedBuffer buffer in _memory)
            buffer.Span.Fill(0.5f);
        _b.Pack(new MatrixView(_memory[1].Pointer, depth, columns));
    }

    [Benchmark]
    public void Multiply()
    {
        var (rows, depth, columns, _) = (GemmWork)Size;
        _a.Pack(new MatrixView(_memory[0].Pointer, rows, depth).Transposed);
        Gemm.Multiply(_a, _b, new MatrixView(_memory[2].Pointer, rows, columns), accumulate: false);
    }
}

internal sealed record GemmWork(int Rows, int Depth, int Columns, int Threads) : IWork
{
    public double Flops => 2.0 * Rows * Depth * Columns;

    public override string ToString() => $"{Rows} x {Depth} x {Columns}, {Threads} threads";
}
