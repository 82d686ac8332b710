using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>A step over maps of bytes; their places are those of <see cref="Step"/> in bytes instead of floats.</summary>
internal abstract unsafe class QuantizedStep : Step
{
    protected static QuantizedActivations InBytes(float* arena, in ConvolutionActivations map)
    {
        QuantizedActivations bytes = QuantizedActivations.Of(map);
        return bytes with { Origin = (nint)arena + bytes.Origin };
    }

    /// <summary>The blocks of channels that part <paramref name="part"/> is about.</summary>
    protected static QuantizedActivations InBytes(float* arena, in ConvolutionActivations map, int part, int parts)
    {
        int first = Parts.Start(map.Blocks, parts, part);
        return InBytes(arena, map) with { Origin = (nint)InBytes(arena, map).At(first, 0, 0), Blocks = Parts.Start(map.Blocks, parts, part + 1) - first };
    }
}

internal sealed unsafe class QuantizedConvolutionStep(IQuantizedConvolution convolution, ConvolutionActivations input, ConvolutionActivations output) : QuantizedStep
{
    public override int ScratchLength => convolution.ScratchLength;

    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts) =>
        convolution.Run(InBytes(arena, input), InBytes(arena, output), scratch, level, part, parts);
}

internal sealed unsafe class QuantizedMaxPoolStep(PoolingShape shape, ConvolutionActivations input, ConvolutionActivations output) : QuantizedStep
{
    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts) =>
        QuantizedPooling.Max(InBytes(arena, input, part, parts), InBytes(arena, output, part, parts), shape);
}

internal sealed unsafe class QuantizedAveragePoolStep(PoolingShape shape, bool countPadding, ConvolutionActivations input, ConvolutionActivations output) : QuantizedStep
{
    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts) =>
        QuantizedPooling.Average(InBytes(arena, input, part, parts), InBytes(arena, output, part, parts), shape, countPadding);
}

/// <summary>Puts out floats.</summary>
internal sealed unsafe class QuantizedGlobalAveragePoolStep(ConvolutionActivations input, ReadOnlyMemory<QuantizedChannel> channels, ConvolutionActivations output) : QuantizedStep
{
    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts)
    {
        int first = Parts.Start(input.Blocks, parts, part) * ConvolutionActivations.BlockSize;
        float* target = (float*)((nint)arena + (output.Origin / sizeof(float))) + first;
        QuantizedPooling.GlobalAverage(InBytes(arena, input, part, parts), channels.Span[first..], target);
    }
}

/// <summary>Zeroes the border of a map, whose memory held another map before.</summary>
internal sealed unsafe class QuantizedClearBorderStep(ConvolutionActivations map, int paddingY, int paddingX) : QuantizedStep
{
    public override void Run(float* arena, float* scratch, SimdLevel level, int part, int parts)
    {
        QuantizedActivations target = InBytes(arena, map, part, parts);
        int side = 2 * paddingX * ConvolutionActivations.BlockSize;
        int rows = paddingY * (int)target.RowStep + paddingX * ConvolutionActivations.BlockSize;
        for (int block = 0; block < target.Blocks; block++)
        {
            new Span<byte>(target.At(block, -paddingY, -paddingX), rows).Clear();
            for (int y = 0; y < target.Height - 1; y++)
                new Span<byte>(target.At(block, y, target.Width), side).Clear();
            new Span<byte>(target.At(block, target.Height - 1, target.Width), rows).Clear();
        }
    }
}
