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
    public ConvolutionActivations Locate(in ConvolutionActivations map) => (map with { Origin = Arena + map.Origin }).Slice(First, Count);

    /// <summary>The blocks of channels that this part is about, of one picture.</summary>
    public ConvolutionActivations Locate(in ConvolutionActivations map, int frame)
    {
        int first = Kernels.Parts.Start(map.Blocks, Parts, Part);
        return Locate(map).Slice(frame, 1) with
        {
            Origin = (nint)Locate(map).Slice(frame, 1).At(first, 0, 0),
            Blocks = Kernels.Parts.Start(map.Blocks, Parts, Part + 1) - first,
        };
    }
}

/// <summary>One thing that a network does, with all its addresses fixed relative to the arena.</summary>
internal abstract class Step
{
    /// <summary>Floats of scratch memory that each part needs.</summary>
    public virtual int ScratchLength => 0;

    public abstract void Run(in StepContext context);
}

internal sealed unsafe class ConvolutionStep(IConvolution convolution, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public IConvolution Convolution => convolution;

    public ConvolutionActivations Input => input;

    public ConvolutionActivations Output => output;

    public override int ScratchLength => convolution.ScratchLength;

    public override void Run(in StepContext context) =>
        convolution.Run(context.Locate(input), context.Locate(output), (float*)context.Scratch, context.Level, context.Part, context.Parts);
}

internal sealed class MaxPoolStep(PoolingShape shape, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            Pooling.Max(context.Locate(input, frame), context.Locate(output, frame), shape, context.Level);
    }
}

internal sealed class AveragePoolStep(PoolingShape shape, bool countPadding, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            Pooling.Average(context.Locate(input, frame), context.Locate(output, frame), shape, countPadding, context.Level);
    }
}

internal sealed class GlobalAveragePoolStep(ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            Pooling.GlobalAverage(context.Locate(input, frame), context.Locate(output, frame));
    }
}

/// <summary>Zeroes the border of a map, whose memory held another map before.</summary>
internal sealed unsafe class ClearBorderStep(ConvolutionActivations map, int paddingY, int paddingX) : Step
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            Clear(context.Locate(map, frame));
    }

    private void Clear(in ConvolutionActivations target)
    {
        int side = 2 * paddingX * ConvolutionActivations.BlockSize;
        int rows = paddingY * (int)target.RowStride + paddingX * ConvolutionActivations.BlockSize;
        for (int block = 0; block < target.Blocks; block++)
        {
            // Rows above, and the left edge of the first row; each right edge with the next row's left one; the rest.
            new Span<float>(target.At(block, -paddingY, -paddingX), rows).Clear();
            for (int y = 0; y < target.Height - 1; y++)
                new Span<float>(target.At(block, y, target.Width), side).Clear();
            new Span<float>(target.At(block, target.Height - 1, target.Width), rows).Clear();
        }
    }
}
