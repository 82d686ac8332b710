using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// A convolution as it is defined, a multiply-add for each weight and output.
/// Weights are held as <c>[out / 16][in / 16][kernel height][kernel width][16 in][16 out]</c>, the order in which the tiles
/// read them, whatever the instruction set. A picture of 3 interleaved channels is one block of 3.
/// </summary>
internal sealed unsafe class DirectConvolution : IFloatConvolution
{
    // The weights of a chunk stay in a first-level cache of 48 KB, the output of a band in a second-level one of 1 MB,
    // both beside what streams past them.
    private const int WeightBytes = 40 * 1024;
    private const int OutputBytes = 256 * 1024;

    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _bias;
    private readonly int _inputBlock;
    private readonly bool _relu = true;

    /// <summary>Packs the weights.</summary>
    /// <param name="shape">Output channels in multiples of 16; input channels too, or fewer than 16 for an interleaved picture.</param>
    /// <param name="weights"><c>[out, in, kernel height, kernel width]</c>.</param>
    /// <param name="bias"><c>[out]</c>.</param>
    public DirectConvolution(ConvolutionShape shape, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
    {
        if (shape.OutputChannels % BlockSize != 0 || (shape.InputChannels % BlockSize != 0 && shape.InputChannels > BlockSize))
            throw new ArgumentException($"channels must be multiples of {BlockSize}: {shape}", nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, shape.OutputChannels * shape.Reduction);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bias.Length, shape.OutputChannels);
        Shape = shape;
        _inputBlock = Math.Min(BlockSize, shape.InputChannels);
        _weights = new AlignedBuffer(weights.Length);
        _bias = new AlignedBuffer(bias.Length);
        bias.CopyTo(_bias.Span);
        Pack(weights);
    }

    /// <summary>Takes weights that are packed already, for one step of training.</summary>
    /// <param name="shape">Output channels in multiples of 16; input channels too, or fewer than 16 for an interleaved picture.</param>
    /// <param name="weights">In the order of this class.</param>
    /// <param name="bias"><c>[out]</c>.</param>
    /// <param name="relu">Whether negative outputs become zero.</param>
    public DirectConvolution(ConvolutionShape shape, AlignedBuffer weights, AlignedBuffer bias, bool relu)
    {
        (Shape, _weights, _bias, _relu) = (shape, weights, bias, relu);
        _inputBlock = Math.Min(BlockSize, shape.InputChannels);
    }

    public ConvolutionShape Shape { get; }

    /// <inheritdoc/>
    public override string ToString() => "direct";

    /// <inheritdoc/>
    public int ScratchLength => 0;

    /// <inheritdoc/>
    public void Run<TVector, TLanes>(in ActivationMap<float> input, in ActivationMap<float> output, float* scratch, int part, int parts)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        // Rows of all pictures, one after the other.
        int rows = output.Frames * output.Height;
        int top = Parts.Start(rows, parts, part), bottom = Parts.Start(rows, parts, part + 1);
        if (top == bottom)
            return;
        if (TLanes.Count == 1)
            RunScalar(input, output, top, bottom);
        else
            RunTiles<TVector, TLanes>(input, output, top, bottom);
    }

    private void Pack(ReadOnlySpan<float> source)
    {
        int taps = Shape.KernelHeight * Shape.KernelWidth;
        float* target = _weights.Pointer;
        for (int outBlock = 0; outBlock < Shape.OutputChannels; outBlock += BlockSize)
            for (int inBlock = 0; inBlock < Shape.InputChannels; inBlock += _inputBlock)
                for (int tap = 0; tap < taps; tap++)
                    for (int i = 0; i < _inputBlock; i++)
                        for (int o = 0; o < BlockSize; o++)
                            *target++ = source[((outBlock + o) * Shape.InputChannels + inBlock + i) * taps + tap];
    }

    /// <summary>Plain loops: the reference.</summary>
    private void RunScalar(in ActivationMap<float> input, in ActivationMap<float> output, int top, int bottom)
    {
        for (int channel = 0; channel < Shape.OutputChannels; channel++)
            for (int row = top; row < bottom; row++)
                for (int x = 0; x < output.Width; x++)
                {
                    (int frame, int y) = Math.DivRem(row, output.Height);
                    float sum = Sum(input.Slice(frame, 1), channel, y, x);
                    output.Slice(frame, 1).At(channel / BlockSize, y, x)[channel % BlockSize] = _relu ? Math.Max(0f, sum) : sum;
                }
    }

    private float Sum(in ActivationMap<float> input, int channel, int y, int x)
    {
        float sum = _bias.Pointer[channel];
        float* weight = _weights.Pointer + (nint)(channel / BlockSize) * BlockSize * Shape.Reduction + channel % BlockSize;
        for (int block = 0; block < input.Blocks; block++)
            for (int ky = 0; ky < Shape.KernelHeight; ky++)
                for (int kx = 0; kx < Shape.KernelWidth; kx++)
                {
                    float* values = input.At(block, y * Shape.Stride + ky - Shape.PaddingY, x * Shape.Stride + kx - Shape.PaddingX);
                    for (int i = 0; i < _inputBlock; i++, weight += BlockSize)
                        sum += values[i] * *weight;
                }
        return sum;
    }

    /// <summary>
    /// Output channels in groups of one tile's height, the sum in chunks whose weights stay in the first-level cache while
    /// all pixels of a band of rows pass by, and bands that stay in the second-level cache between two chunks.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTiles<TVector, TLanes>(in ActivationMap<float> input, in ActivationMap<float> output, int top, int bottom)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        // Vectors of a tile: side by side in one block, or where a vector is a block, of several blocks.
        int vectorsInBlock = BlockSize / TLanes.Count;
        int blocksInTile = vectorsInBlock == 1 ? ConvolutionTiles.MaximumVectors : 1;
        int groups = Parts.CeilDiv(output.Blocks, blocksInTile);
        int tiles = Parts.CeilDiv(output.Width, ConvolutionTiles.MaximumPixels);
        int run = Shape.KernelWidth * _inputBlock;
        nint weightRow = (nint)run * BlockSize;
        TileSteps steps = new()
        {
            Run = run,
            InputBlock = input.BlockStride,
            InputRow = input.RowStride,
            InputPixel = input.PixelStride * Shape.Stride,
            WeightBlock = weightRow * Shape.KernelHeight,
            WeightVector = vectorsInBlock == 1 ? (nint)BlockSize * Shape.Reduction : TLanes.Count,
            OutputVector = vectorsInBlock == 1 ? output.BlockStride : TLanes.Count,
        };
        int narrow = output.Width / tiles, wideTiles = output.Width % tiles;

        for (int group = 0; group < groups; group++)
        {
            int outBlock = Parts.Start(output.Blocks, groups, group), blocks = Parts.Start(output.Blocks, groups, group + 1) - outBlock;
            int vectors = blocks * vectorsInBlock;
            var narrowTile = ConvolutionTiles.Get<TVector, TLanes>(vectors, narrow);
            var wideTile = ConvolutionTiles.Get<TVector, TLanes>(vectors, Math.Min(narrow + 1, ConvolutionTiles.MaximumPixels));

            int rowBytes = (int)weightRow * blocks * sizeof(float);
            int chunkRows = Math.Min(Shape.KernelHeight, Math.Max(1, WeightBytes / rowBytes));
            int chunkBlocks = chunkRows < Shape.KernelHeight ? 1 : Math.Max(1, WeightBytes / (rowBytes * Shape.KernelHeight));
            int bands = Parts.CeilDiv(bottom - top, Math.Max(1, OutputBytes / (output.Width * blocks * BlockSize * sizeof(float))));
            if (chunkRows == Shape.KernelHeight && chunkBlocks >= input.Blocks)
                bands = 1;

            for (int band = 0; band < bands; band++)
            {
                int bandTop = top + Parts.Start(bottom - top, bands, band), bandBottom = top + Parts.Start(bottom - top, bands, band + 1);
                for (int block = 0; block < input.Blocks; block += chunkBlocks)
                    for (int kernelRow = 0; kernelRow < Shape.KernelHeight; kernelRow += chunkRows)
                    {
                        steps.Blocks = Math.Min(chunkBlocks, input.Blocks - block);
                        steps.Rows = Math.Min(chunkRows, Shape.KernelHeight - kernelRow);
                        float* bias = block == 0 && kernelRow == 0 ? _bias.Pointer + outBlock * BlockSize : null;
                        bool last = block + steps.Blocks == input.Blocks && kernelRow + steps.Rows == Shape.KernelHeight;
                        float* weights = _weights.Pointer + (nint)outBlock * BlockSize * Shape.Reduction + block * steps.WeightBlock
                            + kernelRow * weightRow;
                        // The next chunk follows in each block of output channels; after the last one comes the next group.
                        nint length = steps.Blocks * steps.Rows * weightRow;
                        Prefetch next = new(last
                            ? weights + blocks * BlockSize * Shape.Reduction - (block * steps.WeightBlock + kernelRow * weightRow)
                            : weights + length, length, blocks, BlockSize * Shape.Reduction, (bandBottom - bandTop) * tiles);
                        for (int row = bandTop; row < bandBottom; row++)
                        {
                            (int frame, int y) = Math.DivRem(row, output.Height);
                            float* source = input.At(block, y * Shape.Stride + kernelRow - Shape.PaddingY, -Shape.PaddingX) + frame
                                * input.FrameStride;
                            float* target = output.At(outBlock, y, 0) + frame * output.FrameStride;
                            for (int tile = 0; tile < tiles; tile++)
                            {
                                next.Next();
                                bool wide = tile < wideTiles;
                                (wide ? wideTile : narrowTile)(source, weights, target, bias, last && _relu, &steps);
                                int pixels = wide ? narrow + 1 : narrow;
                                source += pixels * steps.InputPixel;
                                target += pixels * BlockSize;
                            }
                        }
                    }
            }
        }
    }
}
