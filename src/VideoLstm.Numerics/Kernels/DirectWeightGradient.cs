using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The gradient of the weights of a <see cref="DirectConvolution"/> as it is defined: for each weight, the sum over all pixels
/// of input times gradient. Bands of rows stay in the second-level cache while all taps pass over them.
/// </summary>
internal sealed unsafe class DirectWeightGradient
{
    private const int BandBytes = 192 * 1024;

    // Sums that are taken apart from each other where there are too few channels to keep many threads busy. A fixed number,
    // so that no result depends on that of threads.
    private const int Splits = 4;
    private const int FewTasks = 16;

    private readonly ConvolutionShape _shape;
    private readonly SimdLevel _level;
    private readonly AlignedBuffer _sums;
    private readonly int _inBlocks;
    private readonly int _groups;
    private readonly int _splits;

    /// <summary>Begins with zero.</summary>
    /// <param name="shape">Output channels in multiples of 16; input channels too, or fewer than 16 for an interleaved picture.</param>
    /// <param name="scratch">Takes its memory for points.</param>
    /// <param name="level">Instructions to use.</param>
    public DirectWeightGradient(ConvolutionShape shape, ConvolutionScratch scratch, SimdLevel level)
    {
        (_shape, _level) = (shape, level);
        _inBlocks = ChannelBlocks.Count(shape.InputChannels);
        _groups = Parts.CeilDiv(shape.OutputChannels / BlockSize, OuterProductTiles.MaximumVectors);
        _splits = _inBlocks * _groups < FewTasks ? Splits : 1;
        _sums = Workspace.EnsureCapacity(ref scratch.Transformed, checked(_splits * Length));
        _sums.Span[..(_splits * Length)].Clear();
    }

    private int Length => checked(_shape.OutputChannels * _shape.Reduction);

    /// <summary>Adds what some pictures give.</summary>
    /// <param name="input">With borders as wide as the padding, where it begins.</param>
    /// <param name="gradient">That of the output.</param>
    public void Add(ActivationMap<float> input, ActivationMap<float> gradient)
    {
        SimdKernel.Run(new AddKernel(this, input, gradient), _level);
        GC.KeepAlive(this);
    }

    /// <summary>The sum: <c>[kernel height, kernel width, in, out]</c>.</summary>
    public void Finish(float* gradient)
    {
        Elementwise.Run(new ArraySumKernel(_sums.Pointer, Length, _splits), Length, _level);
        _sums.Span[..Length].CopyTo(new Span<float>(gradient, Length));
        GC.KeepAlive(this);
    }

    private readonly record struct AddKernel(DirectWeightGradient Owner, ActivationMap<float> Input, ActivationMap<float> Gradient)
        : ISimdKernel
    {
        public void Run<TVector, TLanes>()
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector> => Owner.Add<TVector, TLanes>(Input, Gradient);
    }

    private void Add<TVector, TLanes>(ActivationMap<float> input, ActivationMap<float> gradient)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> =>
        Workers.For(_splits * _inBlocks * _groups, task =>
        {
            (int split, int rest) = Math.DivRem(task, _inBlocks * _groups);
            (int block, int group) = Math.DivRem(rest, _groups);
            for (int frame = Parts.Start(input.Frames, _splits, split); frame < Parts.Start(input.Frames, _splits, split + 1); frame++)
                Add<TVector, TLanes>(input.Slice(frame, 1), gradient.Slice(frame, 1), block, group, _sums.Pointer + (nint)split * Length);
        });

    private void Add<TVector, TLanes>(in ActivationMap<float> input, in ActivationMap<float> gradient, int block, int group, float* sums)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int outBlocks = _shape.OutputChannels / BlockSize, vectorsInBlock = BlockSize / TLanes.Count;
        int firstBlock = Parts.Start(outBlocks, _groups, group), endBlock = Parts.Start(outBlocks, _groups, group + 1);
        int together = vectorsInBlock == 1 ? endBlock - firstBlock : 1;

        // The channels of an interleaved picture and the taps of a row lie side by side: together they are the rows of a tile.
        bool interleaved = _shape.InputChannels < BlockSize;
        int taps = interleaved ? 1 : _shape.KernelWidth, rows = interleaved ? _shape.InputChannels * _shape.KernelWidth : BlockSize;
        int bandRows = Math.Max(1, BandBytes / (gradient.Width * (endBlock - firstBlock + 1) * BlockSize * sizeof(float))),
            bands = Parts.CeilDiv(gradient.Height, bandRows);
        OuterProductSteps steps = new()
        {
            Run = gradient.Width,
            LeftRow = input.RowStride * _shape.Stride,
            LeftPixel = input.PixelStride * _shape.Stride,
            RightRow = gradient.RowStride,
            RightVector = vectorsInBlock == 1 ? gradient.BlockStride : TLanes.Count,
            SumRow = _shape.OutputChannels,
            SumVector = TLanes.Count,
        };
        for (int band = 0; band < bands; band++)
        {
            int top = Parts.Start(gradient.Height, bands, band);
            steps.Rows = Parts.Start(gradient.Height, bands, band + 1) - top;
            for (int outBlock = firstBlock; outBlock < endBlock; outBlock += together)
                for (int ky = 0; ky < _shape.KernelHeight; ky++)
                    for (int kx = 0; kx < taps; kx++)
                        OuterProducts.Run<TVector, TLanes>(
                            input.At(block, top * _shape.Stride + ky - _shape.PaddingY, kx - _shape.PaddingX),
                                gradient.At(outBlock, top, 0),
                            sums + ((nint)(ky * _shape.KernelWidth + kx) * _shape.InputChannels + block * BlockSize)
                                * _shape.OutputChannels + outBlock * BlockSize,
                            rows, together * BlockSize, gradient.At(outBlock, top, 0), gradient.At(outBlock, top, 0), &steps);
        }
    }
}
