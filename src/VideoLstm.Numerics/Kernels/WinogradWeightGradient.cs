using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The gradient of the weights of a <see cref="WinogradConvolution"/>, Gᵀ [Σ (Bᵀ d B) · (A g Aᵀ)] G, by as few
/// multiplications: inputs and gradients of all tiles are taken to the points, at each of which the sum is a matrix
/// product over the tiles. So many tiles at a time that the sums are not read too often.
/// </summary>
internal sealed unsafe class WinogradWeightGradient
{
    // What is in between, for each thread: in the second-level cache or close to it. Where the sums are many, more tiles at a
    // time, so that the sums are not read too often.
    private const long TileBytes = 2 * 1024 * 1024;

    // Tiles whose gradients of 64 channels stay in a first-level cache of 48 KB, beside two blocks of inputs and what is asked for ahead.
    private const int Run = 64;

    // Tiles of maps beyond the second-level cache that are asked for ahead of time.
    private const int Lead = 3;

    // Tiles that one task transforms.
    private const int Task = 16;

    // Where the sums are so few, parts of the tiles have sums of their own and threads need not wait for each other. A fixed
    // number of parts, so that no result depends on that of threads.
    private const int StreamBytes = 4 * 1024 * 1024;
    private const int Streams = 8;

    private readonly ConvolutionShape _shape;
    private readonly WinogradPoints _vertical;
    private readonly WinogradPoints _horizontal;
    private readonly WinogradInput _input;
    private readonly ConvolutionScratch _scratch;
    private readonly SimdLevel _level;
    private readonly AlignedBuffer _sums;
    private readonly nint _sumPoint;
    private readonly int _streams;

    /// <summary>Begins with zero.</summary>
    /// <param name="shape">Of stride 1, channels in multiples of 16.</param>
    /// <param name="points">Those of the tiles.</param>
    /// <param name="scratch">Takes its memory for points and for tiles.</param>
    /// <param name="level">Instructions to use.</param>
    public WinogradWeightGradient(ConvolutionShape shape, (WinogradPoints Vertical, WinogradPoints Horizontal) points,
        ConvolutionScratch scratch, SimdLevel level)
    {
        (_shape, _vertical, _horizontal, _scratch, _level) = (shape, points.Vertical, points.Horizontal, scratch, level);
        _input = new WinogradInput(_vertical, _horizontal, 0, 0);
        _sumPoint = WinogradPlan.OddLines(shape.InputChannels * shape.OutputChannels, sizeof(float));
        _streams = Stream * sizeof(float) <= StreamBytes ? Streams : 1;
        int length = checked((int)(_streams * Stream));
        _sums = Workspace.EnsureCapacity(ref scratch.Transformed, length);
        float* sums = _sums.Pointer;
        Workers.For(Streams, part => new Span<float>(sums + Parts.Start(length, Streams, part),
            Parts.Start(length, Streams, part + 1) - Parts.Start(length, Streams, part)).Clear());
    }

    private int Points => _vertical.Count * _horizontal.Count;

    /// <summary>Floats of the sums at all points.</summary>
    private nint Stream => Points * _sumPoint;

    /// <summary>Adds what some pictures give.</summary>
    /// <param name="input">Without borders.</param>
    /// <param name="gradient">That of the output.</param>
    public void Add(in ActivationMap<float> input, in ActivationMap<float> gradient)
    {
        SimdKernel.Run(new AddKernel(this, input, gradient), _level);
        GC.KeepAlive(this);
    }

    /// <summary>The sum: <c>[kernel height, kernel width, in, out]</c>.</summary>
    public void Finish(float* gradient)
    {
        float* sums = _sums.Pointer;
        if (_streams > 1)
            Elementwise.Run(new ArraySumKernel(sums, Stream, _streams), (int)Stream, _level);
        WinogradWeights.Gradient(_shape, (_vertical, _horizontal), _sums.Pointer, _sumPoint, gradient, _level);
        GC.KeepAlive(this);
    }

    private readonly record struct AddKernel(WinogradWeightGradient Owner, ActivationMap<float> Input, ActivationMap<float> Gradient)
        : ISimdKernel
    {
        public void Run<TVector, TLanes>()
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector> => Owner.Add<TVector, TLanes>(Input, Gradient);
    }

    private void Add<TVector, TLanes>(ActivationMap<float> input, ActivationMap<float> gradient)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        Tiles all = new(input, gradient, Parts.CeilDiv(gradient.Height, _vertical.Outputs),
            Parts.CeilDiv(gradient.Width, _horizontal.Outputs));
        int most = (int)Math.Max(Task, Math.Max(TileBytes,
            _streams > 1 ? 0 : 3 * sizeof(float) * Stream) / ((long)Points * (input.Blocks + gradient.Blocks) * BlockSize * sizeof(float)));
        if (_streams > 1)
        {
            // Each thread by itself.
            most = Math.Min(most, Parts.CeilDiv(all.Count, _streams));
            (nint left, nint right) = (WinogradPlan.OddLines(input.Blocks * BlockSize * most, sizeof(float)),
                WinogradPlan.OddLines(gradient.Blocks * BlockSize * most, sizeof(float)));
            _scratch.For(_streams, checked((int)(Points * (left + right + 2 * BlockSize))), (stream, memory) =>
            {
                (int begin, int end) = (Parts.Start(all.Count, _streams, stream), Parts.Start(all.Count, _streams, stream + 1));
                int chunks = Parts.CeilDiv(end - begin, most);
                PointBlocks inputs = new((float*)memory, left), gradients = new(inputs.At(Points), right);
                for (int chunk = 0; chunk < chunks; chunk++)
                {
                    int first = begin + Parts.Start(end - begin, chunks, chunk),
                        count = begin + Parts.Start(end - begin, chunks, chunk + 1) - first;
                    Transform<TVector, TLanes>(all, first, count, 0, count, inputs, gradients, gradients.At(Points));
                    for (int point = 0; point < Points; point++)
                        Multiply<TVector, TLanes>(inputs.At(point), gradients.At(point),
                            _sums.Pointer + stream * Stream + point * _sumPoint, count);
                }
            });
        }
        else
        {
            int chunks = Parts.CeilDiv(all.Count, most);
            most = Parts.CeilDiv(all.Count, chunks);
            (nint left, nint right) = (WinogradPlan.OddLines(input.Blocks * BlockSize * most, sizeof(float)),
                WinogradPlan.OddLines(gradient.Blocks * BlockSize * most, sizeof(float)));
            PointBlocks inputs = new(Workspace.EnsureCapacity(ref _scratch.Tiles, checked((int)(Points * (left + right)))).Pointer, left),
                gradients = new(inputs.At(Points), right);
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                int first = Parts.Start(all.Count, chunks, chunk), count = Parts.Start(all.Count, chunks, chunk + 1) - first,
                    tasks = Parts.CeilDiv(count, Task);
                _scratch.For(tasks, 2 * Points * BlockSize, (task, memory) =>
                    Transform<TVector, TLanes>(all, first, count, Parts.Start(count, tasks, task), Parts.Start(count, tasks, task + 1),
                        inputs, gradients, (float*)memory));
                Workers.For(Points, point =>
                    Multiply<TVector, TLanes>(inputs.At(point), gradients.At(point), _sums.Pointer + point * _sumPoint, count));
            }
        }
    }

    /// <summary>
    /// Takes tiles <paramref name="begin"/> to <paramref name="end"/> of <paramref name="count"/>, which begin at
    /// <paramref name="first"/>, to the points.
    /// </summary>
    private void Transform<TVector, TLanes>(in Tiles all, int first, int count, int begin, int end, PointBlocks inputs,
        PointBlocks gradients, float* memory)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float* patch = memory, temporary = patch + Points * BlockSize;
        ActivationMap<float> input = all.Input, gradient = all.Gradient;
        bool large = (long)gradient.Height * gradient.Width * Math.Max(input.Blocks, gradient.Blocks) * BlockSize
            * sizeof(float) > WinogradConvolution.LargeBytes;

        // Block by block, so that what is written at a point lies side by side.
        for (int block = 0; block < input.Blocks + gradient.Blocks; block++)
            for (int tile = begin; tile < end; tile++)
            {
                (int row, int x) = Math.DivRem(first + tile, all.Columns);
                (int frame, int y) = Math.DivRem(row, all.Rows);
                (y, x) = (y * _vertical.Outputs, x * _horizontal.Outputs);
                int of = block - input.Blocks;
                if (of < 0)
                    _input.Transform<TVector, TLanes>(input.Slice(frame, 1), block, y - _shape.PaddingY, x - _shape.PaddingX,
                        inputs + (block * count + tile) * BlockSize, patch, temporary, large ? Lead : 0);
                else
                    TransformGradient<TVector, TLanes>(gradient.Slice(frame, 1), of, y, x, gradients + (of * count + tile) * BlockSize,
                        patch, temporary, large);
            }
    }

    /// <summary>
    /// At one point: inputs <c>[in / 16, tiles, 16]</c> and gradients <c>[out / 16, tiles, 16]</c> to sums <c>[in, out]</c>.
    /// </summary>
    private void Multiply<TVector, TLanes>(float* inputs, float* gradients, float* sums, int tiles)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int outBlocks = _shape.OutputChannels / BlockSize, vectorsInBlock = BlockSize / TLanes.Count;
        int groups = vectorsInBlock == 1 ? Parts.CeilDiv(outBlocks, OuterProductTiles.MaximumVectors) : outBlocks,
            runs = Parts.CeilDiv(tiles, Run);
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
                        inputs + block * plane + first * BlockSize, gradients + outBlock * plane + first * BlockSize,
                            sums + (nint)block * BlockSize * _shape.OutputChannels + outBlock * BlockSize,
                        BlockSize, blocks * BlockSize,
                        inputs + (block + 1) * plane + first * BlockSize,
                            gradients + (outBlock + block % blocks) * plane + (first + steps.Run) * BlockSize, &steps);
            }
        }
    }

    private void TransformGradient<TVector, TLanes>(in ActivationMap<float> gradient, int block, int y, int x, PointBlocks target,
        float* patch, float* temporary, bool large)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float* source = gradient.At(block, y, x);
        nint row = gradient.RowStride, columns = _horizontal.Outputs * BlockSize;
        int height = Math.Min(_vertical.Outputs, gradient.Height - y), width = Math.Min(_horizontal.Outputs, gradient.Width - x);
        if (height < _vertical.Outputs || width < _horizontal.Outputs)
        {
            WinogradInput.CopyInside<TVector, TLanes>(source, row, patch, (_vertical.Outputs, _horizontal.Outputs), (0, height),
                (0, width));
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
            Target = target.First, TargetStep = target.Stride, TargetLine = _horizontal.Count * target.Stride,
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

    /// <summary>The tiles of some pictures, row by row.</summary>
    private readonly record struct Tiles(ActivationMap<float> Input, ActivationMap<float> Gradient, int Rows, int Columns)
    {
        public int Count => Gradient.Frames * Rows * Columns;
    }
}
