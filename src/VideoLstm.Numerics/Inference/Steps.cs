using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>One thing that a network does, with all its addresses fixed relative to the arena.</summary>
internal abstract unsafe class Step
{
    /// <summary>Floats of scratch memory that each part needs.</summary>
    public virtual int ScratchLength => 0;

    /// <summary>Does part <paramref name="part"/> of <paramref name="parts"/>. All parts may run at the same time.</summary>
    public abstract void Run(float* arena, float* scratch, SimdLevel level, int part, int parts);

    protected static ConvolutionActivations In(float* arena, in ConvolutionActivations map) => map with { Origin = (nint)arena + map.Origin };

    /// <summary>The blocks of channels that part <paramref name="part"/> is about.</summary>
    protected static ConvolutionActivations In(float* arena, in ConvolutionActivations map, int part, int parts)
    {
        int first = Parts.Start(map.Blocks, parts, part);
        return map with { Origin = (nint)In(arena, map).At(first, 0, 0), Blocks = Parts.Start(map.Blocks, parts, part + 1) - first };
    }
}

internal sealed unsafe class ConvolutionStep(IConvolution convolution, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override int ScratchLength => convolution.ScratchLength;

    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts) =>
        convolution.Run(In(arena, input), In(arena, output), scratch, level, part, parts);
}

internal sealed unsafe class MaxPoolStep(PoolingShape shape, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts) =>
        Pooling.Max(In(arena, input, part, parts), In(arena, output, part, parts), shape, level);
}

internal sealed unsafe class AveragePoolStep(PoolingShape shape, bool countPadding, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts) =>
        Pooling.Average(In(arena, input, part, parts), In(arena, output, part, parts), shape, countPadding, level);
}

internal sealed unsafe class GlobalAveragePoolStep(ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts) =>
        Pooling.GlobalAverage(In(arena, input, part, parts), In(arena, output, part, parts));
}

/// <summary>Zeroes the border of a map, whose memory held another map before.</summary>
internal sealed unsafe class ClearBorderStep(ConvolutionActivations map, int paddingY, int paddingX) : Step
{
    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts)
    {
        ConvolutionActivations target = In(arena, map, part, parts);
        int side = 2 * paddingX * ConvolutionActivations.BlockSize;
        int rows = paddingY * (int)target.RowStep + paddingX * ConvolutionActivations.BlockSize;
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
