using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// A convolution of stride 1 with fewer multiplications than it has weights and outputs: see <see cref="WinogradPoints"/>.
/// The output is cut into tiles. The inputs of each tile are transformed; at each point that is a matrix product over the
/// channels for all tiles at once; the products are transformed back. Batches of tiles are so small that what they need in
/// between stays in the second-level cache.
/// </summary>
internal sealed unsafe class WinogradConvolution : WinogradPlan, IFloatConvolution
{
    // What a batch needs in between shares a second-level cache of 1 MB with the weights that stream past; where these are
    // so many that reading them again for each batch costs more than that, the third-level cache. The weights of a chunk
    // stay in a first-level cache of 48 KB. Training has more tiles, of many pictures, than batches of inference.
    private const int LeastBatchBytes = 640 * 1024;
    private const int MostBatchBytes = 4 * 1024 * 1024;
    private const int MostTrainingBytes = 8 * 1024 * 1024;
    private const int WeightBytes = 40 * 1024;

    // Maps beyond this are not in the first-level cache when their turn comes, and the strides of tiles are no pattern that
    // processors foresee.
    internal const int LargeBytes = 256 * 1024;

    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _bias;
    private readonly AlignedBuffer _zeros = new(ConvolutionTiles.MaximumVectors * BlockSize);
    private readonly WinogradInput _input;
    private readonly bool _relu = true;
    private readonly int _batch;

    /// <summary>Transforms the weights.</summary>
    /// <param name="shape">Of stride 1, channels in multiples of 16.</param>
    /// <param name="tile">Outputs of a tile, vertically and horizontally: 2, 4 or 6, or 1 where the kernel has one tap.</param>
    /// <param name="weights"><c>[out, in, kernel height, kernel width]</c>.</param>
    /// <param name="bias"><c>[out]</c>.</param>
    public WinogradConvolution(ConvolutionShape shape, (int Height, int Width) tile, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
        : base(shape, tile)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, shape.OutputChannels * shape.Reduction);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bias.Length, shape.OutputChannels);
        _input = new WinogradInput(Vertical, Horizontal, shape.PaddingY, shape.PaddingX);
        _batch = BatchTiles(Points, shape);
        _weights = new AlignedBuffer(checked(Points * shape.InputChannels * shape.OutputChannels));
        _bias = new AlignedBuffer(bias.Length);
        bias.CopyTo(_bias.Span);
        Pack(weights);
    }

    /// <summary>Takes weights that are transformed already, for one step of training, over activations without borders.</summary>
    /// <param name="shape">Of stride 1, channels in multiples of 16.</param>
    /// <param name="points">Those of the tiles: both directions have some.</param>
    /// <param name="weights">What <see cref="WinogradWeights.Transform"/> wrote.</param>
    /// <param name="bias"><c>[out]</c>.</param>
    /// <param name="relu">Whether negative outputs become zero.</param>
    public WinogradConvolution(ConvolutionShape shape, (WinogradPoints Vertical, WinogradPoints Horizontal) points, AlignedBuffer weights,
        AlignedBuffer bias, bool relu)
        : base(shape, points.Vertical, points.Horizontal)
    {
        (_weights, _bias, _relu) = (weights, bias, relu);
        _input = new WinogradInput(Vertical, Horizontal, 0, 0);
        _batch = BatchTiles(Points, shape, sizeof(float), LeastBatchBytes, MostTrainingBytes);
    }

    private nint InputPoint => OddLines(Shape.InputChannels * _batch, sizeof(float));

    private nint OutputPoint =>
        OddLines(Math.Min(ConvolutionTiles.MaximumVectors * BlockSize, Shape.OutputChannels) * _batch, sizeof(float));

    /// <inheritdoc/>
    public override string ToString() => $"F({TileHeight} x {TileWidth})";

    /// <inheritdoc/>
    public int ScratchLength => checked((int)(Points * (InputPoint + OutputPoint + 2 * BlockSize)));

    /// <summary>Tiles of a batch, for so many points.</summary>
    internal static int BatchTiles(int points, ConvolutionShape shape) =>
        BatchTiles(points, shape, sizeof(float), LeastBatchBytes, MostBatchBytes);

    /// <summary>
    /// Transformed weights as <c>[out / 64][points][out / 16 of these 64][in][16 out]</c>: in the order in which they are read.
    /// </summary>
    private void Pack(ReadOnlySpan<float> weights)
    {
        int taps = Shape.KernelHeight * Shape.KernelWidth;
        WinogradFilter filter = new(Vertical, Horizontal);
        double[] transformed = new double[Points];
        for (int group = 0; group < Groups; group++)
        {
            int first = Parts.Start(Shape.OutputChannels / BlockSize, Groups, group),
                blocks = Parts.Start(Shape.OutputChannels / BlockSize, Groups, group + 1) - first;
            float* target = _weights.Pointer + (nint)first * BlockSize * Shape.InputChannels * Points;
            nint point = (nint)blocks * BlockSize * Shape.InputChannels;
            for (int o = 0; o < blocks * BlockSize; o++)
                for (int i = 0; i < Shape.InputChannels; i++)
                {
                    filter.Transform(weights.Slice(((first * BlockSize + o) * Shape.InputChannels + i) * taps, taps), transformed);
                    float* place = target + ((nint)(o / BlockSize) * Shape.InputChannels + i) * BlockSize + o % BlockSize;
                    for (int k = 0; k < Points; k++, place += point)
                        *place = (float)transformed[k];
                }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TVector, TLanes>(in ActivationMap<float> input, in ActivationMap<float> output, float* scratch, int part, int parts)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int columns = Parts.CeilDiv(output.Width, TileWidth), rows = Parts.CeilDiv(output.Height, TileHeight),
            tiles = output.Frames * rows * columns;
        int begin = Parts.Start(tiles, parts, part), end = Parts.Start(tiles, parts, part + 1);
        int batches = Parts.CeilDiv(end - begin, _batch), groups = Groups;
        PointBlocks inputs = new(scratch, InputPoint);
        float* products = inputs.At(Points), patch = products + Points * OutputPoint, temporary = patch + Points * BlockSize;
        bool large = (long)output.Height * output.Width * Math.Max(input.Blocks, output.Blocks) * BlockSize * sizeof(float) > LargeBytes;
        for (int batch = 0; batch < batches; batch++)
        {
            int first = begin + Parts.Start(end - begin, batches, batch),
                count = begin + Parts.Start(end - begin, batches, batch + 1) - first;
            for (int tile = 0; tile < count; tile++)
            {
                (int row, int x) = Math.DivRem(first + tile, columns);
                (int frame, int y) = Math.DivRem(row, rows);
                ActivationMap<float> picture = input.Slice(frame, 1);
                for (int block = 0; block < input.Blocks; block++)
                    _input.Transform<TVector, TLanes>(picture, block, y * TileHeight - Shape.PaddingY, x * TileWidth - Shape.PaddingX,
                        inputs + (block * count + tile) * BlockSize, patch, temporary, large ? 1 : 0);
            }
            for (int group = 0; group < groups; group++)
            {
                int outBlock = Parts.Start(output.Blocks, groups, group), blocks = Parts.Start(output.Blocks, groups, group + 1) - outBlock;
                Multiply<TVector, TLanes>(scratch, products, outBlock, blocks, count);
                for (int tile = 0; tile < count; tile++)
                {
                    (int row, int x) = Math.DivRem(first + tile, columns);
                    (int frame, int y) = Math.DivRem(row, rows);
                    ActivationMap<float> picture = output.Slice(frame, 1);
                    for (int block = 0; block < blocks; block++)
                        TransformOutput<TVector, TLanes>(products + (block * count + tile) * BlockSize, picture, outBlock + block,
                            y * TileHeight, x * TileWidth, temporary, large);
                }
            }
        }
    }

    /// <summary>At each point, the product of the tiles <c>[count, in]</c> with the weights <c>[in, 16 · blocks]</c>.</summary>
    private void Multiply<TVector, TLanes>(float* inputs, float* products, int outBlock, int blocks, int count)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int vectorsInBlock = BlockSize / TLanes.Count;
        int blocksInTile = vectorsInBlock == 1 ? blocks : 1;
        int vectors = TLanes.Count == 1 ? 1 : vectorsInBlock * blocksInTile;
        int inBlocks = Shape.InputChannels / BlockSize;
        nint block = (nint)Shape.InputChannels * BlockSize, plane = (nint)count * BlockSize;
        TileSteps steps = new()
        {
            Rows = 1,
            Run = BlockSize,
            InputBlock = plane,
            InputPixel = BlockSize,
            WeightBlock = BlockSize * BlockSize,
            WeightVector = vectorsInBlock == 1 ? block : TLanes.Count,
            OutputVector = vectorsInBlock == 1 ? plane : TLanes.Count,
        };
        int chunks = Parts.CeilDiv((int)block * blocksInTile * sizeof(float), WeightBytes);
        int tiles = Parts.CeilDiv(count, ConvolutionTiles.MaximumPixels), narrow = count / tiles, wideTiles = count % tiles;
        var narrowTile = ConvolutionTiles.Get<TVector, TLanes>(vectors, narrow);
        var wideTile = ConvolutionTiles.Get<TVector, TLanes>(vectors, Math.Min(narrow + 1, ConvolutionTiles.MaximumPixels));

        float* weights = _weights.Pointer + outBlock * block * Points;
        for (int point = 0; point < Points; point++)
        {
            // Weights lie in the order in which they are read.
            Prefetch next = new(weights + blocks * block, blocks * block, 1, 0,
                tiles * chunks * (blocks / blocksInTile) * Math.Max(1, BlockSize / (TLanes.Count * vectors)));
            for (int outer = 0; outer < blocks; outer += blocksInTile)
                for (int lane = 0; lane < BlockSize; lane += TLanes.Count * vectors)
                    for (int chunk = 0; chunk < chunks; chunk++)
                    {
                        int firstBlock = Parts.Start(inBlocks, chunks, chunk);
                        steps.Blocks = Parts.Start(inBlocks, chunks, chunk + 1) - firstBlock;
                        float* source = inputs + firstBlock * plane, target = products + outer * plane + lane;
                        float* bias = chunk == 0 ? _zeros.Pointer : null;
                        for (int tile = 0; tile < tiles; tile++)
                        {
                            next.Next();
                            bool wide = tile < wideTiles;
                            (wide ? wideTile : narrowTile)(source, weights + outer * block + lane + firstBlock * steps.WeightBlock, target,
                                bias, false, &steps);
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

    /// <summary>
    /// The outputs of a tile, which begins at row <paramref name="y"/> and column <paramref name="x"/>, as many as there are.
    /// </summary>
    private void TransformOutput<TVector, TLanes>(float* source, in ActivationMap<float> output, int block, int y, int x, float* temporary,
        bool large)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int height = Math.Min(TileHeight, output.Height - y), width = Math.Min(TileWidth, output.Width - x);
        float* target = output.At(block, y, x), bias = _bias.Pointer + block * BlockSize;
        if (large)
            WinogradInput.Ahead(target + TileWidth * BlockSize, output.RowStride, height, TileWidth);
        nint columns = PointColumns * BlockSize;
        if (Vertical is not null)
        {
            bool last = Horizontal is null;
            WinogradLines lines = new()
            {
                Source = source, SourceStep = PointColumns * OutputPoint, SourceLine = OutputPoint, Count = PointColumns,
                Target = last ? target : temporary, TargetStep = last ? output.RowStride : columns, TargetLine = BlockSize,
            };
            Output<TVector, TLanes>(Vertical, height)(&lines, Vertical.OutputCoefficients, height == TileHeight,
                last ? bias : _zeros.Pointer, last && _relu);
        }
        if (Horizontal is not null)
        {
            bool first = Vertical is null;
            WinogradLines lines = new()
            {
                Source = first ? source : temporary, SourceStep = first ? OutputPoint : BlockSize, SourceLine = columns, Count = height,
                Target = target, TargetStep = BlockSize, TargetLine = output.RowStride,
            };
            Output<TVector, TLanes>(Horizontal, width)(&lines, Horizontal.OutputCoefficients, width == TileWidth, bias, _relu);
        }
    }

    internal static delegate*<WinogradLines*, float*, void> Input<TVector, TLanes>(WinogradPoints points)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> => points.Pairs switch
        {
            1 => &WinogradTransform<TVector, TLanes, One>.Input,
            2 => &WinogradTransform<TVector, TLanes, Two>.Input,
            3 => &WinogradTransform<TVector, TLanes, Three>.Input,
            4 => &WinogradTransform<TVector, TLanes, Four>.Input,
            _ => &WinogradTransform<TVector, TLanes, Five>.Input,
        };

    internal static delegate*<WinogradLines*, float*, bool, float*, bool, void> Output<TVector, TLanes>(WinogradPoints points, int outputs)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> => points.Pairs switch
        {
            1 => Output<TVector, TLanes, One>(outputs),
            2 => Output<TVector, TLanes, Two>(outputs),
            3 => Output<TVector, TLanes, Three>(outputs),
            4 => Output<TVector, TLanes, Four>(outputs),
            _ => Output<TVector, TLanes, Five>(outputs),
        };

    private static delegate*<WinogradLines*, float*, bool, float*, bool, void> Output<TVector, TLanes, TPairs>(int outputs)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
        where TPairs : struct, IConstant => outputs switch
        {
            1 => &WinogradTransform<TVector, TLanes, TPairs>.Output<One>,
            2 => &WinogradTransform<TVector, TLanes, TPairs>.Output<Two>,
            3 => &WinogradTransform<TVector, TLanes, TPairs>.Output<Three>,
            4 => &WinogradTransform<TVector, TLanes, TPairs>.Output<Four>,
            5 => &WinogradTransform<TVector, TLanes, TPairs>.Output<Five>,
            _ => &WinogradTransform<TVector, TLanes, TPairs>.Output<Six>,
        };
}
