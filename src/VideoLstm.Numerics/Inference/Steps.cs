using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>What a step is run on.</summary>
/// <param name="Arena">The session's memory, from which all addresses count.</param>
/// <param name="Scratch">Memory of this thread alone.</param>
/// <param name="Level">Instructions to use.</param>
/// <param name="Part">Which part of the work, from 0. All parts may run at the same time.</param>
/// <param name="Parts">Of how many.</param>
/// <param name="First">The first picture.</param>
/// <param name="Count">How many pictures.</param>
internal readonly unsafe record struct StepContext(nint Arena, nint Scratch, SimdLevel Level, int Part, int Parts, int First, int Count)
{
    public ActivationMap<T> Locate<T>(in ActivationMap<T> map)
        where T : unmanaged => (map with { Origin = Arena + map.Origin }).Slice(First, Count);

    /// <summary>The blocks of channels that this part is about, of one picture.</summary>
    public ActivationMap<T> Locate<T>(in ActivationMap<T> map, int frame)
        where T : unmanaged
    {
        ActivationMap<T> all = Locate(map).Slice(frame, 1);
        int first = Kernels.Parts.Start(map.Blocks, Parts, Part);
        return all with { Origin = (nint)all.At(first, 0, 0), Blocks = Kernels.Parts.Start(map.Blocks, Parts, Part + 1) - first };
    }
}

/// <summary>One thing that a network does, with all its addresses fixed relative to the arena.</summary>
internal abstract class Step
{
    /// <summary>Floats of scratch memory that each part needs.</summary>
    public virtual int ScratchLength => 0;

    public abstract void Run(in StepContext context);
}

internal sealed unsafe class ConvolutionStep<T>(IConvolution<T> convolution, ActivationMap<T> input, ActivationMap<T> output) : Step
    where T : unmanaged
{
    public IConvolution<T> Convolution => convolution;

    public ActivationMap<T> Input => input;

    public ActivationMap<T> Output => output;

    public override int ScratchLength => convolution.ScratchLength;

    public override void Run(in StepContext context) =>
        convolution.Run(context.Locate(input), context.Locate(output), (float*)context.Scratch, context.Level, context.Part, context.Parts);
}

/// <summary>What is done with some blocks of channels of one picture.</summary>
internal delegate void PoolingAction<T>(in ActivationMap<T> input, in ActivationMap<T> output, SimdLevel level)
    where T : unmanaged;

internal sealed class PoolingStep<T>(ActivationMap<T> input, ActivationMap<T> output, PoolingAction<T> pool) : Step
    where T : unmanaged
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            pool(context.Locate(input, frame), context.Locate(output, frame), context.Level);
    }
}

/// <summary>Bytes to floats.</summary>
internal sealed unsafe class QuantizedGlobalAveragePoolStep(
    ActivationMap<byte> input, ReadOnlyMemory<QuantizedChannel> channels, ActivationMap<byte> output) : Step
{
    public override void Run(in StepContext context)
    {
        int first = Parts.Start(input.Blocks, context.Parts, context.Part) * ActivationMap.BlockSize;
        for (int frame = 0; frame < context.Count; frame++)
        {
            float* features = (float*)context.Locate(output).Slice(frame, 1).Origin;
            QuantizedPooling.GlobalAverage(context.Locate(input, frame), channels.Span[first..], features + first);
        }
    }
}

/// <summary>Zeroes the border of a map, whose memory held another map before.</summary>
internal sealed unsafe class ClearBorderStep<T>(ActivationMap<T> map, int paddingY, int paddingX) : Step
    where T : unmanaged
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            Clear(context.Locate(map, frame));
    }

    private void Clear(in ActivationMap<T> target)
    {
        int side = 2 * paddingX * ActivationMap.BlockSize;
        int rows = paddingY * (int)target.RowStride + paddingX * ActivationMap.BlockSize;
        for (int block = 0; block < target.Blocks; block++)
        {
            // Rows above, and the left edge of the first row; each right edge with the next row's left one; the rest.
            new Span<T>(target.At(block, -paddingY, -paddingX), rows).Clear();
            for (int y = 0; y < target.Height - 1; y++)
                new Span<T>(target.At(block, y, target.Width), side).Clear();
            new Span<T>(target.At(block, target.Height - 1, target.Width), rows).Clear();
        }
    }
}
