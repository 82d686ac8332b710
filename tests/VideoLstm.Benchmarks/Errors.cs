using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Benchmarks;

/// <summary>How far each convolution of InceptionV3, as chosen, is from its definition in double precision, on what the network really sees.</summary>
internal static unsafe class Errors
{
    public static void Print(InceptionWeights weights, int height, int width)
    {
        InferenceNetwork network = CpuBackend.CreateEngine(weights.Spec(height, width), Precision.Float);
        AlignedBuffer arena = new((int)(network.ArenaBytes / sizeof(float))), scratch = new(network.ScratchLength);
        byte[] rgb = new byte[height * width * 3];
        for (int i = 0; i < rgb.Length; i++)
        {
            (int y, int x) = Math.DivRem(i / 3, width);
            rgb[i] = (byte)(x * (3 + i % 3) + y * (5 - i % 3) + ((x * x + y * y) >> 7) * 11);
        }
        network.Load(rgb, 0, arena.Pointer);
        StepContext context = new((nint)arena.Pointer, (nint)scratch.Pointer, Simd.Level, 0, 1, 0, 1);
        NetworkLayer[] layers = [.. weights.Spec(height, width).Network.AllLayers.Where(l => l.Spec is ConvolutionBlockSpec)];
        int layer = 0;
        double worst = 0;
        foreach (Step step in (IEnumerable<Step>)[.. network.PerFrame, .. network.Batched])
        {
            step.Run(context);
            if (step is not ConvolutionStep<float> convolution)
                continue;
            NetworkLayer definition = layers[layer++];
            double error = Error(convolution, context, ((ConvolutionBlockSpec)definition.Spec).Fold(weights.Tensors.Of(definition)));
            worst = Math.Max(worst, error);
            Console.WriteLine($"{definition.Paths[0],-28} {convolution.Convolution,-12} {error:0.0e0}");
        }
        Console.WriteLine($"{weights.Source}, {height} x {width}: at most {worst:0.0e0} of a layer's largest output");
        GC.KeepAlive(arena);
        GC.KeepAlive(scratch);
    }

    /// <summary>The largest difference over the largest output.</summary>
    private static double Error(ConvolutionStep<float> step, StepContext context, (float[] Weights, float[] Bias) parameters)
    {
        (ActivationMap<float> input, ActivationMap<float> output) = (context.Locate(step.Input), context.Locate(step.Output));
        ConvolutionShape shape = step.Convolution.Shape;
        int block = Math.Min(ActivationMap.BlockSize, shape.InputChannels);
        double largest = 0, error = 0;
        Lock gate = new();
        Parallel.For(0, shape.OutputChannels, channel =>
        {
            ReadOnlySpan<float> weights = parameters.Weights.AsSpan(channel * shape.Reduction, shape.Reduction);
            double most = 0, worst = 0;
            // Every third row and column of large maps.
            int stride = output.Width > 40 ? 3 : 1;
            for (int y = 0; y < output.Height; y += stride)
                for (int x = 0; x < output.Width; x += stride)
                {
                    double sum = parameters.Bias[channel];
                    for (int i = 0; i < shape.InputChannels; i++)
                        for (int ky = 0; ky < shape.KernelHeight; ky++)
                            for (int kx = 0; kx < shape.KernelWidth; kx++)
                                sum += (double)weights[(i * shape.KernelHeight + ky) * shape.KernelWidth + kx]
                                    * input.At(i / block, y * shape.Stride + ky - shape.PaddingY, x * shape.Stride + kx - shape.PaddingX)[i % block];
                    double expected = Math.Max(0, sum);
                    most = Math.Max(most, expected);
                    worst = Math.Max(worst, Math.Abs(expected - output.At(channel / ActivationMap.BlockSize, y, x)[channel % ActivationMap.BlockSize]));
                }
            lock (gate)
                (largest, error) = (Math.Max(largest, most), Math.Max(error, worst));
        });
        return error / largest;
    }
}
