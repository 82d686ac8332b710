using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// A convolution of bytes as it is defined. Each output channel's weights are signed bytes with a scale of their own, the sum is
/// of 32 bits. Weights are held as <c>[out / 16][in / 16][kernel height][kernel width · in, in fours][16 out][4 in]</c>, the
/// order in which the tiles read them.
/// </summary>
internal sealed unsafe class QuantizedDirectConvolution : IConvolution<byte>
{
    private const int LargestWeight = sbyte.MaxValue;

    // 255 · 127 · this is below 2^31.
    private const int MaximumReduction = 1 << 16;

    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _factors;
    private readonly AlignedBuffer _addends;
    private readonly int _inputBlock;

    /// <summary>Rounds and packs the weights.</summary>
    /// <param name="shape">Output channels in multiples of 16; input channels too, or fewer than 16 for an interleaved picture.</param>
    /// <param name="weights"><c>[out, in, kernel height, kernel width]</c>.</param>
    /// <param name="bias"><c>[out]</c>.</param>
    /// <param name="input">What the input's bytes stand for, <c>[in]</c>.</param>
    /// <param name="inputOffset">What 0 in the input stands for; other than 0 only where nothing is padded.</param>
    /// <param name="output">What the output's bytes stand for, <c>[out]</c>.</param>
    public QuantizedDirectConvolution(
        ConvolutionShape shape, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, ReadOnlySpan<QuantizedChannel> input,
            float inputOffset, ReadOnlySpan<QuantizedChannel> output)
    {
        if (shape.OutputChannels % BlockSize != 0 || (shape.InputChannels % BlockSize != 0 && shape.InputChannels > BlockSize))
            throw new ArgumentException($"channels must be multiples of {BlockSize}: {shape}", nameof(shape));
        if (shape.Reduction >= MaximumReduction)
            throw new ArgumentException($"a sum of {shape.Reduction} products may overflow", nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, shape.OutputChannels * shape.Reduction);
        Shape = shape;
        _inputBlock = Math.Min(BlockSize, shape.InputChannels);
        _weights = new AlignedBuffer(shape.OutputChannels * InputBlocks * shape.KernelHeight * Run4);
        _factors = new AlignedBuffer(shape.OutputChannels);
        _addends = new AlignedBuffer(shape.OutputChannels);

        int taps = shape.KernelHeight * shape.KernelWidth;
        double[] filter = new double[shape.Reduction];
        for (int o = 0; o < shape.OutputChannels; o++)
        {
            double largest = 0, sum = 0;
            for (int i = 0; i < filter.Length; i++)
            {
                float weight = weights[o * filter.Length + i];
                sum += weight;
                filter[i] = (double)weight * input[i / taps].Scale;
                largest = Math.Max(largest, Math.Abs(filter[i]));
            }
            double step = largest > 0 ? largest / LargestWeight : 1, error = 0;
            for (int i = 0; i < filter.Length; i++)
            {
                double rounded = Math.Round(filter[i] / step);
                error += (filter[i] - rounded * step) * input[i / taps].Expected / input[i / taps].Scale;
                (int channel, int tap) = Math.DivRem(i, taps);
                *Weight(o, channel / _inputBlock, tap / shape.KernelWidth, tap % shape.KernelWidth * _inputBlock + channel % _inputBlock) =
                    (sbyte)rounded;
            }
            _factors.Span[o] = (float)(step / output[o].Scale);
            // What rounding the weights takes from the sum on average is given back.
            _addends.Span[o] = (float)((bias[o] + inputOffset * sum + error) / output[o].Scale);
        }
    }

    public ConvolutionShape Shape { get; }

    /// <inheritdoc/>
    public int ScratchLength => 0;

    private int InputBlocks => Shape.InputChannels / _inputBlock;

    // Inputs of a kernel row, in fours; where they do not come out even, weights of zero meet what follows.
    private int Run4 => Parts.CeilDiv(Shape.KernelWidth * _inputBlock, 4);

    /// <inheritdoc/>
    public void Run(in ActivationMap<byte> input, in ActivationMap<byte> output, float* scratch, SimdLevel level, int part, int parts)
    {
        // Rows of all pictures, one after the other.
        int rows = output.Frames * output.Height;
        int top = Parts.Start(rows, parts, part), bottom = Parts.Start(rows, parts, part + 1);
        if (QuantizedSimd.IsFast(level))
            RunTiles(input, output, top, bottom);
        else
            RunPlain(input, output, top, bottom);
        GC.KeepAlive(this);
    }

    private sbyte* Weight(int channel, int block, int kernelRow, int index) =>
        (sbyte*)_weights.Pointer + ((((nint)(channel / BlockSize) * InputBlocks + block) * Shape.KernelHeight + kernelRow) * Run4
            + index / 4) * 4 * BlockSize + channel % BlockSize * 4 + index % 4;

    /// <summary>Plain loops: the reference.</summary>
    private void RunPlain(in ActivationMap<byte> input, in ActivationMap<byte> output, int top, int bottom)
    {
        int run = Shape.KernelWidth * _inputBlock;
        for (int channel = 0; channel < Shape.OutputChannels; channel++)
            for (int outputRow = top; outputRow < bottom; outputRow++)
                for (int x = 0; x < output.Width; x++)
                {
                    (int frame, int y) = Math.DivRem(outputRow, output.Height);
                    int sum = 0;
                    for (int block = 0; block < InputBlocks; block++)
                        for (int row = 0; row < Shape.KernelHeight; row++)
                        {
                            byte* values = input.Slice(frame, 1).At(block, y * Shape.Stride + row - Shape.PaddingY,
                                x * Shape.Stride - Shape.PaddingX);
                            for (int i = 0; i < run; i++)
                                sum += values[i] * *Weight(channel, block, row, i);
                        }
                    output.Slice(frame, 1).At(channel / BlockSize, y, x)[channel % BlockSize] =
                        Round(MathF.FusedMultiplyAdd(sum, _factors.Pointer[channel], _addends.Pointer[channel]));
                }
    }

    /// <summary>The nearest byte, the even one of two.</summary>
    internal static byte Round(float value) => (byte)Math.Max(0f, MathF.Round(Math.Min(value, byte.MaxValue)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTiles(in ActivationMap<byte> input, in ActivationMap<byte> output, int top, int bottom)
    {
        QuantizedTileSteps steps = new()
        {
            Blocks = InputBlocks,
            Rows = Shape.KernelHeight,
            Run = Run4,
            InputBlock = input.BlockStride,
            InputRow = input.RowStride,
            InputPixel = input.PixelStride * Shape.Stride,
        };
        int tiles = Parts.CeilDiv(output.Width, QuantizedTiles.MaximumPixels), narrow = output.Width / tiles,
            wideTiles = output.Width % tiles;
        var narrowTile = QuantizedTiles.Get(narrow);
        var wideTile = QuantizedTiles.Get(Math.Min(narrow + 1, QuantizedTiles.MaximumPixels));
        nint weightLength = (nint)BlockSize * InputBlocks * Shape.KernelHeight * Run4;
        for (int block = 0; block < output.Blocks; block++)
        {
            float* weights = _weights.Pointer + block * weightLength;
            Prefetch next = new(weights + weightLength, weightLength, 1, 0, Math.Max(1, (bottom - top) * tiles));
            for (int row = top; row < bottom; row++)
            {
                (int frame, int y) = Math.DivRem(row, output.Height);
                byte* source = input.At(0, y * Shape.Stride - Shape.PaddingY, -Shape.PaddingX) + frame * input.FrameStride,
                    target = output.At(block, y, 0) + frame * output.FrameStride;
                for (int tile = 0; tile < tiles; tile++)
                {
                    next.Next();
                    bool wide = tile < wideTiles;
                    (wide ? wideTile : narrowTile)(source, (sbyte*)weights, target, _factors.Pointer + block * BlockSize,
                        _addends.Pointer + block * BlockSize, &steps);
                    int pixels = wide ? narrow + 1 : narrow;
                    source += pixels * steps.InputPixel;
                    target += pixels * BlockSize;
                }
            }
        }
    }
}
