using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static VideoLstm.Numerics.Kernels.ConvolutionActivations;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The gradient of the weights of a <see cref="WinogradConvolution"/>, Gᵀ [Σ (Bᵀ d B) · (A g Aᵀ)] G, by as few
/// multiplications: inputs and gradients of all tiles are taken to the points, at each of which the sum is a matrix
/// product over the tiles. So many tiles at a time that the sums are not read too often.
/// </summary>
internal sealed unsafe class WinogradWeightGradient
{
    // What is in between shares a third-level cache; where the sums are many, it is better to leave the cache than to read them often.
    private const long TileBytes = 4 * 1024 * 1024;

    // Tiles whose gradients of 64 channels stay in a first-level cache of 48 KB, beside an input's block.
    private const int Run = 64;

    // Tiles of maps beyond the second-level cache that are asked for ahead of time.
    private const int Lead = 3;

    // Tiles that one task transforms.
    private const int Task = 16;

    private readonly ConvolutionShape _shape;
    private readonly WinogradPoints _vertical;
    private readonly WinogradPoints _horizontal;
    private readonly WinogradInput _input;
    private readonly ConvolutionScratch _scratch;
    private readonly SimdLevel _level;
    private readonly AlignedBuffer _sums;
    private readonly nint _sumPoint;
    private bool _begun;

    /// <summary>Begins with zero.</summary>
    /// <param name="shape">Of stride 1, channels in multiples of 16.</param>
    /// <param name="points">Those of the tiles.</param>
    /// <param name="scratch">Takes its memory for points and for tiles.</param>
    /// <param name="level">Instructions to use.</param>
    public WinogradWeightGradient(ConvolutionShape shape, (WinogradPoints Vertical, WinogradPoints Horizontal) points, ConvolutionScratch scratch, SimdLevel level)
    {
        (_shape, _vertical, _horizontal, _scratch, _level) = (shape, points.Vertical, points.Horizontal, scratch, level);
        _input = new WinogradInput(_vertical, _horizontal, 0, 0);
        _sumPoint = WinogradConvolution.OddLines(shape.InputChannels * shape.OutputChannels / BlockSize);
        _sums = Workspace.Grow(ref scratch.Transformed, checked((int)(Points * _sumPoint)));
    }

    private int Points => _vertical.Count * _horizontal.Count;

    /// <summary>Adds what some pictures give.</summary>
    /// <param name="input">Without borders.</param>
    /// <param name="gradient">That of the output.</param>
    public void Add(in ConvolutionActivations input, in ConvolutionActivations gradient)
    {
        switch (_level)
        {
            case SimdLevel.Avx512:
                Add<Vector512<float>, Float512>(input, gradient);
                break;
            case SimdLevel.Avx2:
                Add<Vector256<float>, Float256>(input, gradient);
                break;
            case SimdLevel.Vector128:
                Add<Vector128<float>, Float128>(input, gradient);
                break;
            default:
                Add<float, Float1>(input, gradient);
                break;
        }
    }

    /// <summary>The sum: <c>[kernel height, kernel width, in, out]</c>.</summary>
    public void Finish(float* gradient)
    {
        WinogradWeights.Gradient(_shape, (_vertical, _horizontal), _sums.Pointer, _sumPoint, gradient, _level);
        GC.KeepAlive(this);
    }

    private void Add<TVector, TLanes>(ConvolutionActivations input, ConvolutionActivations gradient)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int columns = Parts.Count(gradient.Width, _horizontal.Outputs), rows = Parts.Count(gradient.Height, _vertical.Outputs), tiles = gradient.Frames * rows * columns;
        long room = Math.Max(TileBytes, 3 * sizeof(float) * Points * _sumPoint);
        int chunks = Parts.Count(tiles, (int)Math.Max(Task, room / ((long)Points * (input.Blocks + gradient.Blocks) * BlockSize * sizeof(float))));
        int most = Parts.Count(tiles, chunks);
        nint inputPoint = WinogradConvolution.OddLines(input.Blocks * most), gradientPoint = WinogradConvolution.OddLines(gradient.Blocks * most);
        AlignedBuffer buffer = Workspace.Grow(ref _scratch.Tiles, checked((int)(Points * (inputPoint + gradientPoint))));
        float* left = buffer.Pointer, right = left + Points * inputPoint;
        bool large = (long)gradient.Height * gradient.Width * Math.Max(input.Blocks, gradient.Blocks) * BlockSize * sizeof(float) > 256 * 1024;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            int first = Parts.Start(tiles, chunks, chunk), count = Parts.Start(tiles, chunks, chunk + 1) - first, tasks = Parts.Count(count, Task);
            _scratch.For(tasks, 2 * Points * BlockSize, (task, memory) =>
            {
                float* patch = (float*)memory, temporary = patch + Points * BlockSize;
                // Block by block, so that what is written at a point lies side by side.
                for (int block = 0; block < input.Blocks + gradient.Blocks; block++)
                    for (int tile = Parts.Start(count, tasks, task); tile < Parts.Start(count, tasks, task + 1); tile++)
                    {
                        (int row, int x) = Math.DivRem(first + tile, columns);
                        (int frame, int y) = Math.DivRem(row, rows);
                        (y, x) = (y * _vertical.Outputs, x * _horizontal.Outputs);
                        int of = block - input.Blocks;
                        if (of < 0)
                            _input.Transform<TVector, TLanes>(input.Slice(frame, 1), block, y - _shape.PaddingY, x - _shape.PaddingX, left + (block * count + tile) * BlockSize, inputPoint, patch, temporary, large ? Lead : 0);
                        else
                            TransformGradient<TVector, TLanes>(gradient.Slice(frame, 1), of, y, x, right + (of * count + tile) * BlockSize, gradientPoint, patch, temporary, large);
                    }
            });
            bool add = _begun;
            Workers.For(Points, point => Multiply<TVector, TLanes>(left + point * inputPoint, right + point * gradientPoint, _sums.Pointer + point * _sumPoint, count, add));
            _begun = true;
        }
        GC.KeepAlive(buffer);
        GC.KeepAlive(this);
    }

    /// <summary>At one point: inputs <c>[in / 16, tiles, 16]</c> and gradients <c>[out / 16, tiles, 16]</c> to sums <c>[in, out]</c>.</summary>
    private void Multiply<TVector, TLanes>(float* inputs, float* gradients, float* sums, int tiles, bool add)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int outBlocks = _shape.OutputChannels / BlockSize, vectorsInBlock = BlockSize / TLanes.Count;
        int groups = vectorsInBlock == 1 ? Parts.Count(outBlocks, OuterProductTiles.MaximumVectors) : outBlocks, runs = Parts.Count(tiles, Run);
        nint plane = (nint)tiles * BlockSize;
        OuterProductSteps steps = new()
        {
            Rows = 1,
            LeftPixel = BlockSize,
            RightVector = vectorsInBlock == 1 ? plane : TLanes.Count,
            SumRow = _shape.OutputChannels,
            SumVector = TLanes.Count,
        };
        for (int group = 0; group < groups; group++)
        {
            int outBlock = Parts.Start(outBlocks, groups, group), blocks = Parts.Start(outBlocks, groups, group + 1) - outBlock;
            for (int run = 0; run < runs; run++)
            {
                int first = Parts.Start(tiles, runs, run);
                steps.Run = Parts.Start(tiles, runs, run + 1) - first;
                for (int block = 0; block < _shape.InputChannels / BlockSize; block++)
                    OuterProducts.Run<TVector, TLanes>(
                        inputs + block * plane + first * BlockSize, gradients + outBlock * plane + first * BlockSize, sums + (nint)block * BlockSize * _shape.OutputChannels + outBlock * BlockSize,
                        BlockSize, blocks * BlockSize, add || run > 0,
                        inputs + (block + 1) * plane + first * BlockSize, gradients + (outBlock + block % blocks) * plane + (first + steps.Run) * BlockSize, &steps);
            }
        }
    }

    private void TransformGradient<TVector, TLanes>(in ConvolutionActivations gradient, int block, int y, int x, float* target, nint point, float* patch, float* temporary, bool large)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float* source = gradient.At(block, y, x);
        nint row = gradient.RowStep, columns = _horizontal.Outputs * BlockSize;
        int height = Math.Min(_vertical.Outputs, gradient.Height - y), width = Math.Min(_horizontal.Outputs, gradient.Width - x);
        if (height < _vertical.Outputs || width < _horizontal.Outputs)
        {
            WinogradInput.CopyInside<TVector, TLanes>(source, row, patch, (_vertical.Outputs, _horizontal.Outputs), (0, height), (0, width));
            source = patch;
            row = columns;
        }
        else if (large)
        {
            WinogradInput.Ahead(source + Lead * columns, row, _vertical.Outputs, _horizontal.Outputs);
        }
        WinogradLines lines = new()
        {
            Source = source, SourceStep = row, SourceLine = BlockSize, Count = _horizontal.Outputs,
            Target = temporary, TargetStep = columns, TargetLine = BlockSize,
        };
        OutputGradient<TVector, TLanes>(_vertical)(&lines, _vertical.OutputCoefficients);
        WinogradLines across = new()
        {
            Source = temporary, SourceStep = BlockSize, SourceLine = columns, Count = _vertical.Count,
            Target = target, TargetStep = point, TargetLine = _horizontal.Count * point,
        };
        OutputGradient<TVector, TLanes>(_horizontal)(&across, _horizontal.OutputCoefficients);
    }

    private static delegate*<WinogradLines*, float*, void> OutputGradient<TVector, TLanes>(WinogradPoints points)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> => points.Pairs switch
        {
            1 => OutputGradient<TVector, TLanes, One>(points.Outputs),
            2 => OutputGradient<TVector, TLanes, Two>(points.Outputs),
            3 => OutputGradient<TVector, TLanes, Three>(points.Outputs),
            4 => OutputGradient<TVector, TLanes, Four>(points.Outputs),
            _ => OutputGradient<TVector, TLanes, Five>(points.Outputs),
        };

    private static delegate*<WinogradLines*, float*, void> OutputGradient<TVector, TLanes, TPairs>(int outputs)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
        where TPairs : struct, IConstant => outputs switch
        {
            2 => &WinogradTransform<TVector, TLanes, TPairs>.OutputGradient<Two>,
            4 => &WinogradTransform<TVector, TLanes, TPairs>.OutputGradient<Four>,
            _ => &WinogradTransform<TVector, TLanes, TPairs>.OutputGradient<Six>,
        };
}

/// <summary>Sums of outer products over pixels, of any number of channels, in tiles.</summary>
internal static unsafe class OuterProducts
{
    /// <summary>Sums <c>[rows, columns]</c>. Steps as <see cref="OuterProductTile{TVector, TLanes, TVectors, TRows}.Run"/> has them.</summary>
    /// <param name="left">First input channel.</param>
    /// <param name="right">First output channel; the 16 of a block lie side by side.</param>
    /// <param name="sums">Where.</param>
    /// <param name="rows">Input channels.</param>
    /// <param name="columns">Output channels: 16, or with vectors of 16 up to 64.</param>
    /// <param name="add">To what the sums hold already.</param>
    /// <param name="nextLeft">Inputs that will be needed next.</param>
    /// <param name="nextRight">Gradients that will be needed next.</param>
    /// <param name="steps">The shape.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TVector, TLanes>(float* left, float* right, float* sums, int rows, int columns, bool add, float* nextLeft, float* nextRight, OuterProductSteps* steps)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int vectors = Math.Min(OuterProductTiles.MaximumVectors, columns / TLanes.Count), tiles = Parts.Count(rows, OuterProductTiles.MaximumRows);
        for (int column = 0; column < columns; column += vectors * TLanes.Count)
            for (int tile = 0; tile < tiles; tile++)
            {
                int row = Parts.Start(rows, tiles, tile), height = Parts.Start(rows, tiles, tile + 1) - row;
                OuterProductTiles.Get<TVector, TLanes>(vectors, height)(left + row, right + column, sums + row * steps->SumRow + column, add, tile == 0 ? nextLeft : nextRight, steps);
            }
    }
}
