using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// A convolution over volumes whose weights change with every step: forward, and the gradients of weights, bias and input.
/// Activations are <c>[samples, time, channels / 16, height, width, 16]</c> without borders, weights Keras'
/// <c>[time, height, width, in, out]</c>. Pictures are volumes of one frame.
/// <para>
/// The frames of a window lie behind each other in memory, so that they are the channels of one picture: all that is
/// computed are convolutions of pictures. The gradient of the input is one too, of weights turned round; with a stride, one
/// for each of its phases. Each is done as it is defined or by Winograd's way, as <see cref="WinogradCost"/> estimates.
/// </para>
/// </summary>
internal sealed unsafe class TrainableConvolution
{
    // Pictures with borders that are made at a time.
    private const int PaddedBytes = 4 * 1024 * 1024;

    // Pixels of a row, a few of which stay in the second-level cache with all channels of a tile.
    private const int LongRow = 256;

    private readonly ConvolutionAxis _time, _rows, _columns;
    private readonly int _inputs, _outputs;
    private readonly Workspace _workspace;
    private (WinogradPoints, WinogradPoints)? _forwardPoints, _backwardPoints;
    private int _planned;

    public TrainableConvolution(ConvolutionAxis time, ConvolutionAxis rows, ConvolutionAxis columns, int inputs, int outputs,
        Workspace workspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        if (rows is { Size: 1, Stride: 1 } && columns is { Size: 1, Stride: 1 })
        {
            // Pixels have nothing to do with each other: rows may be joined, so that few pixels of a row are left for narrow tiles.
            int joined = Enumerable.Range(1, rows.Input).Last(n => n == 1 || (rows.Input % n == 0 && n * columns.Input <= LongRow));
            (rows, columns) = (new(rows.Input / joined, 1, 1, 0, rows.Input / joined),
                new(joined * columns.Input, 1, 1, 0, joined * columns.Input));
        }
        (_time, _rows, _columns, _inputs, _outputs, _workspace) = (time, rows, columns, inputs, outputs, workspace);
    }

    private ConvolutionScratch Scratch => _workspace.Convolution;

    private int InputBlocks => ChannelBlocks.Count(_inputs);

    private int OutputBlocks => ChannelBlocks.Count(_outputs);

    private int InputFrame => InputBlocks * BlockSize * _rows.Input * _columns.Input;

    private int OutputFrame => OutputBlocks * BlockSize * _rows.Output * _columns.Output;

    /// <summary>y = bias + kernel * x.</summary>
    /// <param name="x">
    /// Blocked, or where <paramref name="interleaved"/> <c>[samples, height, width, channels]</c> with fewer than 16 channels.
    /// </param>
    /// <param name="interleaved">How x lies.</param>
    /// <param name="kernel">Weights.</param>
    /// <param name="bias"><c>[out]</c>, or null.</param>
    /// <param name="relu">Whether negative outputs become zero.</param>
    /// <param name="y">Blocked.</param>
    /// <param name="samples">Volumes.</param>
    public void Forward(float* x, bool interleaved, float* kernel, float* bias, bool relu, float* y, int samples)
    {
        Plan(samples);
        AlignedBuffer filter = PackForward(kernel, interleaved), biases = Bias(bias);
        ConvolutionShape shape = Shape(interleaved);
        IConvolution<float> convolution = interleaved || _forwardPoints is not { } points
            ? new DirectConvolution(shape, filter, biases, relu)
            : new WinogradConvolution(shape, points, Transform(shape, points, filter), biases, relu);
        ForEachPart(x, Input(interleaved), samples, convolution is DirectConvolution, (input, first) =>
            Run(convolution, input, Output(y, first, input.Frames)));
    }

    /// <summary>Gradient of the weights.</summary>
    /// <param name="x">As in <see cref="Forward"/>.</param>
    /// <param name="interleaved">As in <see cref="Forward"/>.</param>
    /// <param name="dy">Gradient of y, blocked.</param>
    /// <param name="kernelGradient">Laid out as the kernel.</param>
    /// <param name="samples">Volumes.</param>
    public void WeightGradient(float* x, bool interleaved, float* dy, float* kernelGradient, int samples)
    {
        Plan(samples);
        ConvolutionShape shape = Shape(interleaved);
        bool asIs = _time.Size == 1 && _outputs % BlockSize == 0 && (interleaved || _inputs % BlockSize == 0);
        float* sums = asIs ? kernelGradient
            : Workspace.EnsureCapacity(ref Scratch.Sums, checked(shape.OutputChannels * shape.Reduction)).Pointer;
        if (!interleaved && _forwardPoints is { } points)
        {
            WinogradWeightGradient gradient = new(shape, points, Scratch, _workspace.Level);
            ForEachPart(x, Input(interleaved), samples, false, (input, first) => gradient.Add(input, Output(dy, first, input.Frames)));
            gradient.Finish(sums);
        }
        else
        {
            DirectWeightGradient gradient = new(shape with { PaddingY = 0, PaddingX = 0 }, Scratch, _workspace.Level);
            ForEachPart(x, Input(interleaved), samples, true, (input, first) => gradient.Add(input, Output(dy, first, input.Frames)));
            gradient.Finish(sums);
        }
        if (asIs)
            return;

        // [height, width, time, in, out] with filled blocks to [time, height, width, in, out] without.
        int taps = _rows.Size * _columns.Size, inputs = interleaved ? _inputs : InputBlocks * BlockSize;
        for (int time = 0; time < _time.Size; time++)
            for (int tap = 0; tap < taps; tap++)
                for (int i = 0; i < _inputs; i++)
                    new ReadOnlySpan<float>(sums + (((nint)tap * _time.Size + time) * inputs + i) * OutputBlocks * BlockSize, _outputs)
                        .CopyTo(new Span<float>(kernelGradient + (((nint)time * taps + tap) * _inputs + i) * _outputs, _outputs));
    }

    /// <summary>Gradient of x.</summary>
    /// <param name="dy">Gradient of y, blocked.</param>
    /// <param name="kernel">Weights.</param>
    /// <param name="dx">Blocked.</param>
    /// <param name="samples">Volumes.</param>
    public void InputGradient(float* dy, float* kernel, float* dx, int samples)
    {
        Plan(samples);
        int frames = samples * _time.Input, stride = _rows.Stride;
        if (stride > Math.Min(_rows.Size, _columns.Size))
            new Span<float>(dx, checked(frames * InputFrame)).Clear();
        for (int phase = 0; phase < stride * stride; phase++)
        {
            (Phase rows, Phase columns) = (new(_rows, phase / stride), new(_columns, phase % stride));
            if (rows.Taps * columns.Taps * rows.Count * columns.Count == 0)
                continue;
            AlignedBuffer filter = PackBackward(kernel, rows, columns), biases = Bias(null, InputBlocks);
            ConvolutionShape shape = new(_time.Size * OutputBlocks * BlockSize, InputBlocks * BlockSize, rows.Taps, columns.Taps, 1,
                rows.Outputs.PadBefore, columns.Outputs.PadBefore);
            IConvolution<float> convolution = _backwardPoints is { } points
                ? new WinogradConvolution(shape, points, Transform(shape, points, filter), biases, false)
                : new DirectConvolution(shape with { PaddingY = 0, PaddingX = 0 }, filter, biases, false);
            int frame = InputBlocks * BlockSize * rows.Count * columns.Count;
            float* target = stride == 1 ? dx : Workspace.EnsureCapacity(ref Scratch.Tiles, checked(frames * frame)).Pointer;
            Picture source = new(OutputBlocks, BlockSize, OutputFrame, Spread(_time), rows.Outputs, columns.Outputs, 1, _time.Input);
            ForEachPart(dy, source, samples, convolution is DirectConvolution, (input, first) => Run(
                convolution, input, Blocked(target + (nint)first * frame, InputBlocks * BlockSize, rows.Count,
                    columns.Count) with { Frames = input.Frames, FrameStride = frame }));
            if (stride > 1)
                Interleave(target, dx, frames, rows, columns);
        }
    }

    /// <summary>What the gradient of the outputs becomes for the gradient of the inputs, in time.</summary>
    private static Extent Spread(ConvolutionAxis windows) =>
        new(windows.Output, windows.Size - 1 - windows.PadBefore, windows.Stride, windows.Input + windows.Size - 1);

    /// <summary>Puts the pixels of a phase to their places.</summary>
    private void Interleave(float* source, float* dx, int frames, Phase rows, Phase columns)
    {
        nint row = (nint)_columns.Input * BlockSize, step = (nint)_columns.Stride * BlockSize;
        Workers.For(frames * InputBlocks, plane =>
        {
            float* from = source + (nint)plane * rows.Count * columns.Count * BlockSize;
            for (int y = 0; y < rows.Count; y++)
            {
                float* to = dx + ((nint)plane * _rows.Input + rows.First + y * _rows.Stride) * row + columns.First * BlockSize;
                for (int x = 0; x < columns.Count; x++, from += BlockSize, to += step)
                    new ReadOnlySpan<float>(from, BlockSize).CopyTo(new Span<float>(to, BlockSize));
            }
        });
    }

    private static Extent Pad(ConvolutionAxis windows) => new(windows.Input, windows.PadBefore, 1, windows.Padded);

    /// <summary>Chooses the ways for so many samples.</summary>
    private void Plan(int samples)
    {
        if (_planned == samples)
            return;
        _planned = samples;
        _forwardPoints = Points(Shape(false), _rows.Output, _columns.Output, samples * _time.Output);
        _backwardPoints = _rows.Stride == 1 && _columns.Stride == 1
            ? Points(new(_time.Size * OutputBlocks * BlockSize, InputBlocks * BlockSize, _rows.Size, _columns.Size, 1, 0, 0), _rows.Input,
                _columns.Input, samples * _time.Input)
            : null;
    }

    private static (WinogradPoints, WinogradPoints)? Points(ConvolutionShape shape, int height, int width, int frames) =>
        shape.KernelHeight > 1 && shape.KernelWidth > 1 && WinogradCost.BestTile(shape, height, width, frames) is { } tile
            ? (new WinogradPoints(tile.Height, shape.KernelHeight), new WinogradPoints(tile.Width, shape.KernelWidth))
            : null;

    /// <summary>The shape of the convolution of stacked frames. Padding is what a picture without borders needs.</summary>
    private ConvolutionShape Shape(bool interleaved)
    {
        bool direct = interleaved || _forwardPoints is null;
        return new(interleaved ? _inputs : _time.Size * InputBlocks * BlockSize, OutputBlocks * BlockSize, _rows.Size, _columns.Size,
            _rows.Stride, direct ? 0 : _rows.PadBefore, direct ? 0 : _columns.PadBefore);
    }

    private Picture Input(bool interleaved) => interleaved
        ? new(1, _inputs, _inputs * _rows.Input * _columns.Input, Pad(_time), Pad(_rows), Pad(_columns), 1, 1)
        : new(InputBlocks, BlockSize, InputFrame, Pad(_time), Pad(_rows), Pad(_columns), _time.Stride, _time.Output);

    private ActivationMap<float> Output(float* y, int first, int count) =>
        Blocked(y + (nint)first * OutputFrame, OutputBlocks * BlockSize, _rows.Output, _columns.Output) with { Frames = count,
            FrameStride = OutputFrame };

    private void Run(IConvolution<float> convolution, ActivationMap<float> input, ActivationMap<float> output)
    {
        SimdLevel level = _workspace.Level;
        int parts = Math.Min(2 * Workers.Count, output.Frames * output.Height * Parts.CeilDiv(output.Width, 64));
        Scratch.For(parts, convolution.ScratchLength, (part, memory) => convolution.Run(input, output, (float*)memory, level, part, parts));
    }

    /// <summary>
    /// Visits the windows of all samples, a few at a time, with borders where they are needed: these windows, and the number of
    /// the first one's output frame.
    /// </summary>
    private void ForEachPart(float* x, Picture picture, int samples, bool borders, Action<ActivationMap<float>, int> visit)
    {
        Extent time = picture.Time, rows = borders ? picture.Rows : Extent.Whole(picture.Rows.Size),
            columns = borders ? picture.Columns : Extent.Whole(picture.Columns.Size);
        bool volume = time.Padded > 1, copy = !time.IsWhole || !rows.IsWhole || !columns.IsWhole;
        nint sample = (nint)time.Size * picture.Frame;
        nint row = (nint)(copy ? columns.Padded : columns.Size) * picture.Channels, block = (copy ? rows.Padded : rows.Size) * row,
            frame = picture.Blocks * block;
        int together = volume ? 1 : !copy ? samples : (int)Math.Clamp(PaddedBytes / (frame * sizeof(float)), 1, samples);
        for (int first = 0; first < samples; first += together)
        {
            int count = Math.Min(together, samples - first);
            float* start = x + first * sample;
            if (copy)
                start = CopyPadded(start, picture with { Rows = rows, Columns = columns }, count);
            visit(
                new((nint)start, picture.Blocks * _time.Size, rows.Size, columns.Size, picture.Channels, row, block)
                {
                    Frames = volume ? picture.Windows : count, FrameStride = volume ? picture.TimeStride * frame : frame,
                },
                first * picture.Windows);
        }
    }

    /// <summary>Copies volumes into larger ones of zeros.</summary>
    private float* CopyPadded(float* source, Picture picture, int samples)
    {
        (Extent time, Extent rows, Extent columns) = (picture.Time, picture.Rows, picture.Columns);
        nint row = (nint)columns.Padded * picture.Channels, block = rows.Padded * row, frame = picture.Blocks * block,
            sample = time.Padded * frame;
        float* target = Workspace.EnsureCapacity(ref Scratch.Padded, checked((int)(samples * sample))).Pointer;
        Workers.For(samples * time.Padded, index =>
        {
            (int s, int t) = Math.DivRem(index, time.Padded);
            float* to = target + index * frame, from = source + (s * (nint)time.Size + time.Source(t)) * picture.Frame;
            if (time.Source(t) < 0)
            {
                new Span<float>(to, checked((int)frame)).Clear();
                return;
            }
            for (int b = 0; b < picture.Blocks; b++)
                for (int y = 0; y < rows.Padded; y++, to += row)
                {
                    int sourceRow = rows.Source(y);
                    Span<float> line = new(to, (int)row);
                    if (sourceRow < 0)
                    {
                        line.Clear();
                        continue;
                    }
                    ReadOnlySpan<float> values =
                        new(from + ((nint)b * rows.Size + sourceRow) * columns.Size * picture.Channels, columns.Size * picture.Channels);
                    int before = Math.Max(0, columns.PadBefore) * picture.Channels,
                        skipped = Math.Max(0, -columns.PadBefore) * picture.Channels;
                    int copied = Math.Clamp(values.Length - skipped, 0, line.Length - before);
                    line[..before].Clear();
                    values.Slice(Math.Min(skipped, values.Length), copied).CopyTo(line[before..]);
                    line[(before + copied)..].Clear();
                }
        });
        return target;
    }

    private AlignedBuffer Bias(float* bias, int blocks = 0)
    {
        AlignedBuffer buffer = Workspace.EnsureCapacity(ref Scratch.Bias, (blocks == 0 ? OutputBlocks : blocks) * BlockSize);
        buffer.Span.Clear();
        if (bias != null)
            new ReadOnlySpan<float>(bias, _outputs).CopyTo(buffer.Span);
        return buffer;
    }

    private AlignedBuffer Transform(ConvolutionShape shape, (WinogradPoints Vertical, WinogradPoints Horizontal) points,
        AlignedBuffer filter)
    {
        AlignedBuffer transformed = Workspace.EnsureCapacity(ref Scratch.Transformed,
            checked(points.Vertical.Count * points.Horizontal.Count * shape.InputChannels * shape.OutputChannels));
        WinogradWeights.Transform(shape, points, filter.Pointer, transformed.Pointer, _workspace.Level);
        return transformed;
    }

    private AlignedBuffer PackForward(float* kernel, bool interleaved)
    {
        int taps = _rows.Size * _columns.Size, inBlock = interleaved ? _inputs : BlockSize, inBlocks = interleaved ? 1 : InputBlocks,
            stacked = inBlocks * _time.Size;
        AlignedBuffer buffer = Workspace.EnsureCapacity(ref Scratch.Filter, checked(OutputBlocks * stacked * taps * inBlock * BlockSize));
        float* start = buffer.Pointer;
        Workers.For(OutputBlocks * stacked, index =>
        {
            (int outBlock, int block) = Math.DivRem(index, stacked);
            (int time, int of) = Math.DivRem(block, inBlocks);
            float* target = start + (nint)index * taps * inBlock * BlockSize;
            int inputs = Math.Min(inBlock, _inputs - of * inBlock), outputs = Math.Min(BlockSize, _outputs - outBlock * BlockSize);
            for (int tap = 0; tap < taps; tap++)
                for (int i = 0; i < inBlock; i++, target += BlockSize)
                {
                    Span<float> line = new(target, BlockSize);
                    if (i >= inputs)
                    {
                        line.Clear();
                        continue;
                    }
                    new ReadOnlySpan<float>(kernel + (((nint)time * taps + tap) * _inputs + of * inBlock + i) * _outputs + outBlock
                        * BlockSize, outputs).CopyTo(line);
                    line[outputs..].Clear();
                }
        });
        return buffer;
    }

    /// <summary>The taps of a phase, turned round in time, rows and columns, inputs and outputs exchanged.</summary>
    private AlignedBuffer PackBackward(float* kernel, Phase rows, Phase columns)
    {
        int taps = rows.Taps * columns.Taps, stacked = OutputBlocks * _time.Size;
        AlignedBuffer buffer = Workspace.EnsureCapacity(ref Scratch.Filter, checked(InputBlocks * stacked * taps * BlockSize * BlockSize));
        float* start = buffer.Pointer;
        Workers.For(InputBlocks * stacked, index =>
        {
            (int inBlock, int block) = Math.DivRem(index, stacked);
            (int time, int outBlock) = Math.DivRem(block, OutputBlocks);
            float* target = start + (nint)index * taps * BlockSize * BlockSize;
            int inputs = Math.Min(BlockSize, _inputs - inBlock * BlockSize), outputs = Math.Min(BlockSize, _outputs - outBlock * BlockSize);
            if (inputs < BlockSize || outputs < BlockSize)
                new Span<float>(target, taps * BlockSize * BlockSize).Clear();
            for (int tap = 0; tap < taps; tap++, target += BlockSize * BlockSize)
            {
                int of = ((_time.Size - 1 - time) * _rows.Size + rows.Tap(tap / columns.Taps)) * _columns.Size
                    + columns.Tap(tap % columns.Taps);
                float* source = kernel + ((nint)of * _inputs + inBlock * BlockSize) * _outputs + outBlock * BlockSize;
                for (int i = 0; i < inputs; i++, source += _outputs)
                    for (int o = 0; o < outputs; o++)
                        target[o * BlockSize + i] = source[o];
            }
        });
        return buffer;
    }

    /// <summary>
    /// Every stride-th position of the inputs, from which the same taps lead to outputs: as a convolution of the outputs with
    /// these taps, turned round.
    /// </summary>
    private readonly struct Phase
    {
        private readonly int _stride, _firstTap;

        public Phase(ConvolutionAxis windows, int phase)
        {
            (_stride, _firstTap) = (windows.Stride, phase);
            Taps = Math.Max(0, Parts.CeilDiv(windows.Size - phase, _stride));
            First = (phase - windows.PadBefore % _stride + _stride) % _stride;
            Count = Math.Max(0, Parts.CeilDiv(windows.Input - First, _stride));
            Outputs = new(windows.Output, Taps - 1 - (First + windows.PadBefore - phase) / _stride, 1, Count + Taps - 1);
        }

        /// <summary>The first position.</summary>
        public int First { get; }

        /// <summary>Positions.</summary>
        public int Count { get; }

        public int Taps { get; }

        /// <summary>The outputs that are read.</summary>
        public Extent Outputs { get; }

        /// <summary>A tap of the kernel, the last of the phase first.</summary>
        public int Tap(int index) => _firstTap + _stride * (Taps - 1 - index);
    }

    /// <summary>
    /// Where positions go: position i to <see cref="PadBefore"/> + i · <see cref="Step"/> of <see cref="Padded"/>; what does not
    /// fit is left out.
    /// </summary>
    private readonly record struct Extent(int Size, int PadBefore, int Step, int Padded)
    {
        public static Extent Whole(int size) => new(size, 0, 1, size);

        /// <summary>Whether nothing needs to be moved.</summary>
        public bool IsWhole => PadBefore == 0 && Step == 1 && Padded <= Size;

        /// <summary>What comes to a place; less than zero: nothing.</summary>
        public int Source(int place)
        {
            (int index, int rest) = Math.DivRem(place - PadBefore, Step);
            return place >= PadBefore && rest == 0 && index < Size ? index : -1;
        }
    }

    /// <summary>Volumes as they lie, and how they are padded.</summary>
    private readonly record struct Picture(int Blocks, int Channels, int Frame, Extent Time, Extent Rows, Extent Columns, int TimeStride,
        int Windows);
}
