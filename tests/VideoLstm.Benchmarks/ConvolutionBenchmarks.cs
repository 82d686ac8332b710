using BenchmarkDotNet.Attributes;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Benchmarks;

/// <summary>Every shape of convolution in InceptionV3 at 299 x 299, on one core, its data as warm as the caches keep it.</summary>
public unsafe class ConvolutionBenchmarks
{
    private DirectConvolution _direct = null!;
    private IConvolution<float> _chosen = null!;
    private AlignedBuffer[] _memory = [];
    private ActivationMap<float> _input;
    private ActivationMap<float> _output;
    private float* _scratch;

    [ParamsSource(nameof(Layers))]
    public object Layer { get; set; } = null!;

    public static IEnumerable<object> Layers
    {
        get
        {
            InferenceNetwork network = CpuBackend.CreateEngine(InceptionWeights.Random(1).Spec(299, 299), Precision.Float);
            IEnumerable<Step> steps = [.. network.PerFrame, .. network.Batched];
            return steps.OfType<ConvolutionStep<float>>().Select(s => new ConvolutionWork(s.Convolution, s.Output.Height, s.Output.Width)).DistinctBy(w => w.ToString());
        }
    }

    [GlobalSetup]
    public void Setup()
    {
        (_chosen, int height, int width) = (ConvolutionWork)Layer;
        ConvolutionShape shape = _chosen.Shape;
        int inputHeight = (height - 1) * shape.Stride + shape.KernelHeight - 2 * shape.PaddingY, inputWidth = (width - 1) * shape.Stride + shape.KernelWidth - 2 * shape.PaddingX;
        float[] weights = new float[shape.OutputChannels * shape.Reduction], bias = new float[shape.OutputChannels];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (i * 7919 % 1000 - 500) / 1e4f;
        _direct = new DirectConvolution(shape, weights, bias);
        _memory =
        [
            new((int)ActivationMap.Length(shape.InputChannels, inputHeight, inputWidth, shape.PaddingY, shape.PaddingX)),
            new((int)ActivationMap.Length(shape.OutputChannels, height, width, 0, 0)),
            new(_chosen.ScratchLength),
        ];
        _memory[0].Span.Fill(0.5f);
        _input = shape.InputChannels < ActivationMap.BlockSize
            ? ActivationMap.Interleaved(_memory[0].Pointer, shape.InputChannels, inputHeight, inputWidth)
            : ActivationMap.Blocked(_memory[0].Pointer, shape.InputChannels, inputHeight, inputWidth, shape.PaddingY, shape.PaddingX);
        _output = ActivationMap.Blocked(_memory[1].Pointer, shape.OutputChannels, height, width);
        _scratch = _memory[2].Pointer;
    }

    [Benchmark(Description = "as defined")]
    public void Direct() => _direct.Run(_input, _output, _scratch, Simd.Level, 0, 1);

    [Benchmark(Description = "as chosen")]
    public void Chosen() => _chosen.Run(_input, _output, _scratch, Simd.Level, 0, 1);
}

internal sealed record ConvolutionWork(IConvolution<float> Chosen, int Height, int Width) : IWork
{
    private ConvolutionShape Shape => Chosen.Shape;

    public double Flops => 2.0 * Height * Width * Shape.OutputChannels * Shape.Reduction;

    public int Threads => 1;

    public override string ToString() =>
        $"{Shape.InputChannels,4} to {Shape.OutputChannels,3}, {Shape.KernelHeight} x {Shape.KernelWidth}{(Shape.Stride > 1 ? $" / {Shape.Stride}" : "")}, {Height} x {Width}"
        + $", {Chosen}";
}
