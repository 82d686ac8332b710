using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>A step over maps of bytes; their places are those of <see cref="Step"/> in bytes instead of floats.</summary>
internal abstract class QuantizedStep : Step
{
    protected static QuantizedActivations InBytes(in StepContext context, in ConvolutionActivations map) =>
        QuantizedActivations.Of(map).At(context.Arena).Slice(context.First, context.Count);

    /// <summary>The blocks of channels that this part is about, of one picture.</summary>
    protected static unsafe QuantizedActivations InBytes(in StepContext context, in ConvolutionActivations map, int frame)
    {
        QuantizedActivations all = InBytes(context, map).Slice(frame, 1);
        int first = Parts.Start(map.Blocks, context.Parts, context.Part);
        return all with { Origin = (nint)all.At(first, 0, 0), Blocks = Parts.Start(map.Blocks, context.Parts, context.Part + 1) - first };
    }
}

internal sealed unsafe class QuantizedConvolutionStep(IQuantizedConvolution convolution, ConvolutionActivations input, ConvolutionActivations output) : QuantizedStep
{
    public override int ScratchLength => convolution.ScratchLength;

    public override void Run(in StepContext context) =>
        convolution.Run(InBytes(context, input), InBytes(context, output), (float*)context.Scratch, context.Level, context.Part, context.Parts);
}

internal sealed class QuantizedMaxPoolStep(PoolingShape shape, ConvolutionActivations input, ConvolutionActivations output) : QuantizedStep
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            QuantizedPooling.Max(InBytes(context, input, frame), InBytes(context, output, frame), shape);
    }
}

internal sealed class QuantizedAveragePoolStep(PoolingShape shape, bool countPadding, ConvolutionActivations input, ConvolutionActivations output) : QuantizedStep
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            QuantizedPooling.Average(InBytes(context, input, frame), InBytes(context, output, frame), shape, countPadding);
    }
}

/// <summary>Puts out floats.</summary>
internal sealed unsafe class QuantizedGlobalAveragePoolStep(ConvolutionActivations input, ReadOnlyMemory<QuantizedChannel> channels, ConvolutionActivations output) : QuantizedStep
{
    public override void Run(in StepContext context)
    {
        int first = Parts.Start(input.Blocks, context.Parts, context.Part) * ConvolutionActivations.BlockSize;
        for (int frame = 0; frame < context.Count; frame++)
            QuantizedPooling.GlobalAverage(InBytes(context, input, frame), channels.Span[first..], (float*)InBytes(context, output).Slice(frame, 1).Origin + first);
    }
}

/// <summary>Zeroes the border of a map, whose memory held another map before.</summary>
internal sealed unsafe class QuantizedClearBorderStep(ConvolutionActivations map, int paddingY, int paddingX) : QuantizedStep
{
    public override void Run(in StepContext context)
    {
        for (int frame = 0; frame < context.Count; frame++)
            Clear(InBytes(context, map, frame));
    }

    private void Clear(in QuantizedActivations target)
    {
        int side = 2 * paddingX * ConvolutionActivations.BlockSize;
        int rows = paddingY * (int)target.RowStride + paddingX * ConvolutionActivations.BlockSize;
        for (int block = 0; block < target.Blocks; block++)
        {
            new Span<byte>(target.At(block, -paddingY, -paddingX), rows).Clear();
            for (int y = 0; y < target.Height - 1; y++)
                new Span<byte>(target.At(block, y, target.Width), side).Clear();
            new Span<byte>(target.At(block, target.Height - 1, target.Width), rows).Clear();
        }
    }
}
