using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>One thing that a network does, with all its addresses fixed relative to the arena.</summary>
internal abstract unsafe class Step
{
    public abstract void Run(float* arena, SimdLevel level);

    protected static ConvolutionActivations In(float* arena, in ConvolutionActivations map) => map with { Origin = (nint)arena + map.Origin };
}

internal sealed unsafe class ConvolutionStep(Convolution convolution, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(float* arena, SimdLevel level) => convolution.Run(In(arena, input), In(arena, output), level);
}

internal sealed unsafe class MaxPoolStep(PoolingShape shape, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(float* arena, SimdLevel level) => Pooling.Max(In(arena, input), In(arena, output), shape, level);
}

internal sealed unsafe class AveragePoolStep(PoolingShape shape, bool countPadding, ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(float* arena, SimdLevel level) => Pooling.Average(In(arena, input), In(arena, output), shape, countPadding, level);
}

internal sealed unsafe class GlobalAveragePoolStep(ConvolutionActivations input, ConvolutionActivations output) : Step
{
    public override void Run(float* arena, SimdLevel level) => Pooling.GlobalAverage(In(arena, input), In(arena, output));
}

/// <summary>Zeroes the border of a map, whose memory held another map before.</summary>
internal sealed unsafe class ClearBorderStep(ConvolutionActivations map, int paddingY, int paddingX) : Step
{
    public override void Run(float* arena, SimdLevel level)
    {
        ConvolutionActivations target = In(arena, map);
        int side = 2 * paddingX * ConvolutionActivations.BlockSize;
        int rows = paddingY * (int)map.RowStep + paddingX * ConvolutionActivations.BlockSize;
        for (int block = 0; block < map.Blocks; block++)
        {
            // Rows above, and the left edge of the first row; each right edge with the next row's left one; the rest.
            new Span<float>(target.At(block, -paddingY, -paddingX), rows).Clear();
            for (int y = 0; y < map.Height - 1; y++)
                new Span<float>(target.At(block, y, map.Width), side).Clear();
            new Span<float>(target.At(block, map.Height - 1, map.Width), rows).Clear();
        }
    }
}
