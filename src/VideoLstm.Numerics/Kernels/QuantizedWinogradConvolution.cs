using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// A <see cref="WinogradConvolution"/> of bytes. The transforms are those of floats; what is multiplied in between is rounded
/// to 16 bits, with a scale for each point and, of the weights, for each point and output channel. The scales are such that
/// no input whatever makes a 32-bit sum overflow.
/// </summary>
internal sealed unsafe class QuantizedWinogradConvolution : WinogradPlan, IConvolution<byte>
{
    private const int LeastBatchBytes = 512 * 1024;
    private const int MostBatchBytes = 4 * 1024 * 1024;
    private const int WeightBytes = 32 * 1024;

    // Inputs with many bits leave few for the weights, and the other way round: about where both lose the same.
    private const double Balance = 200_000;

    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _bias;
    private readonly AlignedBuffer _inputFactors;
    private readonly AlignedBuffer _productFactors;
    private readonly AlignedBuffer _zeros = new(BlockSize);
    private readonly int _batch;

    /// <summary>Transforms, rounds and packs the weights.</summary>
    /// <param name="shape">Of stride 1, channels in multiples of 16.</param>
    /// <param name="tile">Outputs of a tile, vertically and horizontally: 2, 4 or 6, or 1 where the kernel has one tap.</param>
    /// <param name="weights"><c>[out, in, kernel height, kernel width]</c>.</param>
    /// <param name="bias"><c>[out]</c>.</param>
    /// <param name="input">What the input's bytes stand for, <c>[in]</c>.</param>
    /// <param name="output">What the output's bytes stand for, <c>[out]</c>.</param>
    public QuantizedWinogradConvolution(
        ConvolutionShape shape, (int Height, int Width) tile, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias,
            ReadOnlySpan<QuantizedChannel> input, ReadOnlySpan<QuantizedChannel> output)
        : base(shape, tile)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, shape.OutputChannels * shape.Reduction);
        _batch = BatchTiles(Points, shape);
        _weights = new AlignedBuffer(checked(Points * shape.InputChannels * shape.OutputChannels / 2));
        _bias = new AlignedBuffer(shape.OutputChannels);
        _inputFactors = new AlignedBuffer(Points);
        _productFactors = new AlignedBuffer(Points * shape.OutputChannels);
        for (int o = 0; o < shape.OutputChannels; o++)
            _bias.Span[o] = bias[o] / output[o].Scale;
        Pack(weights, input, output);
    }

    // In 16-bit numbers.
    private nint InputPoint => OddLines(Shape.InputChannels * _batch, sizeof(short));

    // In 32-bit numbers.
    private nint OutputPoint => OddLines(Math.Min(ConvolutionTiles.MaximumVectors * BlockSize, Shape.OutputChannels) * _batch, sizeof(int));

    /// <inheritdoc/>
    public int ScratchLength => checked((int)(Points * (InputPoint / 2 + OutputPoint + 3 * BlockSize)));

    /// <inheritdoc/>
    public void Run(in ActivationMap<byte> input, in ActivationMap<byte> output, float* scratch, SimdLevel level, int part, int parts)
    {
        if (QuantizedSimd.IsFast(level))
            Run<Vector512<float>, Float512>(input, output, scratch, part, parts);
        else
            Run<float, Float1>(input, output, scratch, part, parts);
        GC.KeepAlive(this);
    }

    /// <summary>Tiles of a batch, for so many points.</summary>
    internal static int BatchTiles(int points, ConvolutionShape shape) =>
        BatchTiles(points, shape, sizeof(short), LeastBatchBytes, MostBatchBytes);

    /// <summary>
    /// G w Gᵀ in double precision, rounded, as <c>[out / 64][points][out / 16 of these 64][in / 2][16 out][2 in]</c>: in the order in
    /// which they are read.
    /// </summary>
    private void Pack(ReadOnlySpan<float> weights, ReadOnlySpan<QuantizedChannel> input, ReadOnlySpan<QuantizedChannel> output)
    {
        (int taps, int channels) = (Shape.KernelHeight * Shape.KernelWidth, Shape.InputChannels);
        int largestInput = (int)Math.Min(short.MaxValue, Balance / Math.Sqrt(channels));
        ((double Plus, double Minus)[] reachY, (double Plus, double Minus)[] reachX) = (Reach(Vertical), Reach(Horizontal));
        for (int point = 0; point < Points; point++)
        {
            ((double Plus, double Minus) y, (double Plus, double Minus) x) = (reachY[point / PointColumns], reachX[point % PointColumns]);
            double reach = Math.Max(y.Plus * x.Plus + y.Minus * x.Minus, y.Plus * x.Minus + y.Minus * x.Plus);
            // A little less than fits: the transform of floats is not exact.
            _inputFactors.Span[point] = (float)((largestInput - 1) / (byte.MaxValue * reach));
        }

        WinogradFilter filter = new(Vertical, Horizontal);
        double[] transformed = new double[Points * channels];
        double mostSum = (double)int.MaxValue / largestInput - channels;
        int groups = Groups;
        for (int group = 0; group < groups; group++)
        {
            int first = Parts.Start(Shape.OutputChannels / BlockSize, groups, group),
                blocks = Parts.Start(Shape.OutputChannels / BlockSize, groups, group + 1) - first;
            short* target = (short*)_weights.Pointer + (nint)first * BlockSize * channels * Points;
            for (int o = 0; o < blocks * BlockSize; o++)
            {
                int channel = first * BlockSize + o;
                for (int i = 0; i < channels; i++)
                {
                    Span<double> values = transformed.AsSpan(i * Points, Points);
                    filter.Transform(weights.Slice((channel * channels + i) * taps, taps), values);
                    foreach (ref double value in values)
                        value *= input[i].Scale;
                }
                for (int point = 0; point < Points; point++)
                {
                    double sum = 0, largest = 0;
                    for (int i = 0; i < channels; i++)
                    {
                        double value = Math.Abs(transformed[i * Points + point]);
                        sum += value;
                        largest = Math.Max(largest, value);
                    }
                    double step = Math.Max(sum / mostSum, largest / short.MaxValue);
                    if (step == 0)
                        step = 1;
                    _productFactors.Pointer[(nint)point * Shape.OutputChannels + channel] =
                        (float)(step / _inputFactors.Pointer[point] / output[channel].Scale);
                    short* place = target + ((nint)point * blocks + o / BlockSize) * BlockSize * channels + o % BlockSize * 2;
                    for (int i = 0; i < channels; i++)
                        place[i / 2 * 2 * BlockSize + i % 2] = (short)Math.Round(transformed[i * Points + point] / step);
                }
            }
        }
    }

    /// <summary>How far above and below zero inputs from 0 to 1 can go at each point.</summary>
    private static (double Plus, double Minus)[] Reach(WinogradPoints? points)
    {
        if (points is null)
            return [(1, 0)];
        var reach = new (double Plus, double Minus)[points.Count];
        float* unit = stackalloc float[points.Count * BlockSize], target = stackalloc float[points.Count * BlockSize];
        for (int i = 0; i < points.Count; i++)
        {
            // The transform of a unit vector, by the very code that transforms.
            new Span<float>(unit, points.Count * BlockSize).Clear();
            unit[i * BlockSize] = 1;
            WinogradLines line = new() { Source = unit, SourceStep = BlockSize, Target = target, TargetStep = BlockSize, Count = 1 };
            WinogradConvolution.Input<float, Float1>(points)(&line, points.InputCoefficients);
            for (int point = 0; point < points.Count; point++)
            {
                reach[point].Plus += Math.Max(0, target[point * BlockSize]);
                reach[point].Minus += Math.Max(0, -target[point * BlockSize]);
            }
        }
        return reach;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TVector, TLanes>(in ActivationMap<byte> input, in ActivationMap<byte> output, float* scratch, int part, int parts)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int columns = Parts.CeilDiv(output.Width, TileWidth), rows = Parts.CeilDiv(output.Height, TileHeight),
            tiles = output.Frames * rows * columns;
        int begin = Parts.Start(tiles, parts, part), end = Parts.Start(tiles, parts, part + 1);
        int batches = Parts.CeilDiv(end - begin, _batch), groups = Groups;
        short* inputs = (short*)scratch;
        int* products = (int*)(inputs + Points * InputPoint);
        float* patch = (float*)(products + Points * OutputPoint);
        for (int batch = 0; batch < batches; batch++)
        {
            int first = begin + Parts.Start(end - begin, batches, batch),
                count = begin + Parts.Start(end - begin, batches, batch + 1) - first;
            for (int tile = 0; tile < count; tile++)
            {
                (int row, int x) = Math.DivRem(first + tile, columns);
                (int frame, int y) = Math.DivRem(row, rows);
                ActivationMap<byte> picture = input.Slice(frame, 1);
                for (int block = 0; block < input.Blocks; block++)
                    TransformInput<TVector, TLanes>(picture, block, y * TileHeight - Shape.PaddingY, x * TileWidth - Shape.PaddingX,
                        inputs + (block * count + tile) * BlockSize, patch);
            }
            for (int group = 0; group < groups; group++)
            {
                int outBlock = Parts.Start(output.Blocks, groups, group), blocks = Parts.Start(output.Blocks, groups, group + 1) - outBlock;
                if (TLanes.Count == 1)
                    MultiplyPlain(inputs, products, outBlock, blocks, count);
                else
                    Multiply(inputs, products, outBlock, blocks, count);
                for (int tile = 0; tile < count; tile++)
                {
                    (int row, int x) = Math.DivRem(first + tile, columns);
                    (int frame, int y) = Math.DivRem(row, rows);
                    ActivationMap<byte> picture = output.Slice(frame, 1);
                    for (int block = 0; block < blocks; block++)
                        TransformOutput<TVector, TLanes>(products + (block * count + tile) * BlockSize, picture, outBlock + block,
                            y * TileHeight, x * TileWidth, patch);
                }
            }
        }
    }

    /// <summary>The input of a tile, which begins at row <paramref name="y"/> and column <paramref name="x"/>, at all points.</summary>
    private void TransformInput<TVector, TLanes>(in ActivationMap<byte> input, int block, int y, int x, short* target, float* patch)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        // What lies beyond the padding belongs to others.
        int height = Math.Min(PointRows, input.Height + Shape.PaddingY - y),
            width = Math.Min(PointColumns, input.Width + Shape.PaddingX - x);
        if (height < PointRows || width < PointColumns)
            new Span<float>(patch, Points * BlockSize).Clear();
        for (int i = 0; i < height; i++)
            Widen(input.At(block, y + i, x), patch + i * PointColumns * BlockSize, width * BlockSize, TLanes.Count > 1);

        float* temporary = patch + Points * BlockSize, result = patch;
        nint columns = PointColumns * BlockSize;
        if (Vertical is not null)
        {
            WinogradLines lines = new() { Source = patch, SourceStep = columns, SourceLine = BlockSize, Count = PointColumns,
                Target = temporary, TargetStep = columns, TargetLine = BlockSize };
            WinogradConvolution.Input<TVector, TLanes>(Vertical)(&lines, Vertical.InputCoefficients);
            result = temporary;
        }
        if (Horizontal is not null)
        {
            float* source = result;
            result = temporary + Points * BlockSize;
            WinogradLines lines = new() { Source = source, SourceStep = BlockSize, SourceLine = columns, Count = PointRows,
                Target = result, TargetStep = BlockSize, TargetLine = columns };
            WinogradConvolution.Input<TVector, TLanes>(Horizontal)(&lines, Horizontal.InputCoefficients);
        }
        Round(result, _inputFactors.Pointer, target, InputPoint, Points, TLanes.Count > 1);
    }

    /// <summary>At each point, the product of the tiles <c>[count, in]</c> with the weights <c>[in, 16 · blocks]</c>.</summary>
    private void Multiply(short* inputs, int* products, int outBlock, int blocks, int count)
    {
        int inBlocks = Shape.InputChannels / BlockSize;
        nint block = (nint)Shape.InputChannels * BlockSize, plane = (nint)count * BlockSize;
        int chunks = Parts.CeilDiv((int)block * blocks * sizeof(short), WeightBytes);
        int tiles = Parts.CeilDiv(count, ConvolutionTiles.MaximumPixels), narrow = count / tiles, wideTiles = count % tiles;
        var narrowTile = QuantizedProductTiles.Get(blocks, narrow);
        var wideTile = QuantizedProductTiles.Get(blocks, Math.Min(narrow + 1, ConvolutionTiles.MaximumPixels));

        short* weights = (short*)_weights.Pointer + outBlock * block * Points;
        for (int point = 0; point < Points; point++)
        {
            // Weights lie in the order in which they are read.
            Prefetch next = new((float*)(weights + blocks * block), blocks * block / 2, 1, 0, tiles * chunks);
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                int firstBlock = Parts.Start(inBlocks, chunks, chunk), chunkBlocks = Parts.Start(inBlocks, chunks, chunk + 1) - firstBlock;
                short* source = inputs + firstBlock * plane;
                int* target = products;
                for (int tile = 0; tile < tiles; tile++)
                {
                    next.Next();
                    bool wide = tile < wideTiles;
                    (wide ? wideTile : narrowTile)(source, weights + firstBlock * BlockSize * BlockSize, target, chunk > 0, chunkBlocks,
                        plane, block, plane);
                    int pixels = wide ? narrow + 1 : narrow;
                    source += pixels * BlockSize;
                    target += pixels * BlockSize;
                }
            }
            weights += blocks * block;
            inputs += InputPoint;
            products += OutputPoint;
        }
    }

    /// <summary>Plain loops: the reference.</summary>
    private void MultiplyPlain(short* inputs, int* products, int outBlock, int blocks, int count)
    {
        nint block = (nint)Shape.InputChannels * BlockSize, plane = (nint)count * BlockSize;
        short* weights = (short*)_weights.Pointer + outBlock * block * Points;
        for (int point = 0; point < Points; point++, weights += blocks * block, inputs += InputPoint, products += OutputPoint)
            for (int outer = 0; outer < blocks; outer++)
                for (int tile = 0; tile < count; tile++)
                    for (int o = 0; o < BlockSize; o++)
                    {
                        int sum = 0;
                        for (int i = 0; i < Shape.InputChannels; i++)
                            sum += inputs[i / BlockSize * plane + tile * BlockSize + i % BlockSize]
                                * weights[outer * block + i / 2 * 2 * BlockSize + o * 2 + i % 2];
                        products[outer * plane + tile * BlockSize + o] = sum;
                    }
    }

    /// <summary>
    /// The outputs of a tile, which begins at row <paramref name="y"/> and column <paramref name="x"/>, as many as there are.
    /// </summary>
    private void TransformOutput<TVector, TLanes>(int* source, in ActivationMap<byte> output, int block, int y, int x, float* patch)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int height = Math.Min(TileHeight, output.Height - y), width = Math.Min(TileWidth, output.Width - x);
        float* bias = _bias.Pointer + block * BlockSize, temporary = patch + Points * BlockSize, result = patch;
        Scale(source, OutputPoint, _productFactors.Pointer + block * BlockSize, Shape.OutputChannels, patch, Points, TLanes.Count > 1);
        nint columns = PointColumns * BlockSize;
        if (Vertical is not null)
        {
            bool last = Horizontal is null;
            WinogradLines lines = new() { Source = patch, SourceStep = columns, SourceLine = BlockSize, Count = PointColumns,
                Target = temporary, TargetStep = columns, TargetLine = BlockSize };
            WinogradConvolution.Output<TVector, TLanes>(Vertical, height)(&lines, Vertical.OutputCoefficients, height == TileHeight,
                last ? bias : _zeros.Pointer, last);
            result = temporary;
        }
        if (Horizontal is not null)
        {
            float* from = result;
            result = temporary + Points * BlockSize;
            WinogradLines lines = new() { Source = from, SourceStep = BlockSize, SourceLine = columns, Count = height, Target = result,
                TargetStep = BlockSize, TargetLine = columns };
            WinogradConvolution.Output<TVector, TLanes>(Horizontal, width)(&lines, Horizontal.OutputCoefficients, width == TileWidth, bias,
                true);
        }
        for (int i = 0; i < height; i++)
            Narrow(result + i * columns, output.At(block, y + i, x), width * BlockSize, TLanes.Count > 1);
    }

    private static void Widen(byte* source, float* target, int length, bool fast)
    {
        if (fast)
            for (int i = 0; i < length; i += BlockSize)
                Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source + i))).Store(target + i);
        else
            for (int i = 0; i < length; i++)
                target[i] = source[i];
    }

    private static void Round(float* source, float* factors, short* target, nint targetPoint, int points, bool fast)
    {
        for (int point = 0; point < points; point++, source += BlockSize, target += targetPoint)
        {
            if (fast)
                Avx512F.ConvertToVector256Int16(Avx512F.ConvertToVector512Int32(Vector512.Load(source)
                    * Vector512.Create(factors[point]))).Store(target);
            else
                for (int i = 0; i < BlockSize; i++)
                    target[i] = (short)MathF.Round(source[i] * factors[point]);
        }
    }

    private static void Scale(int* source, nint sourcePoint, float* factors, nint factorPoint, float* target, int points, bool fast)
    {
        for (int point = 0; point < points; point++, source += sourcePoint, factors += factorPoint, target += BlockSize)
        {
            if (fast)
                (Vector512.ConvertToSingle(Vector512.Load(source)) * Vector512.Load(factors)).Store(target);
            else
                for (int i = 0; i < BlockSize; i++)
                    target[i] = source[i] * factors[i];
        }
    }

    private static void Narrow(float* source, byte* target, int length, bool fast)
    {
        if (fast)
            for (int i = 0; i < length; i += BlockSize)
                Avx512F.ConvertToVector128Byte(Avx512F.ConvertToVector512Int32(Avx512F.Min(Vector512.Load(source + i),
                    Vector512.Create((float)byte.MaxValue)))).Store(target + i);
        else
            for (int i = 0; i < length; i++)
                target[i] = QuantizedDirectConvolution.Round(source[i]);
    }
}
