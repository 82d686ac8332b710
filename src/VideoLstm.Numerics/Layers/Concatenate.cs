using System.Numerics;
using System.Runtime.InteropServices;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Branches side by side, each from the same samples; what comes out of them stands one after the other in the channels: Keras'
/// Concatenate over the last dimension, of what layers give that all begin with the same input.
/// </summary>
/// <remarks>C. Szegedy et al., "Going Deeper with Convolutions" (2014).</remarks>
public sealed class Concatenate : Layer
{
    private readonly LayerChain[] _branches;
    private AlignedBuffer? _gradient, _inputGradient;

    /// <summary>A layer of branches.</summary>
    /// <param name="branches">The layers of each, one behind the other; the last dimension of what they give may differ.</param>
    /// <exception cref="ArgumentException">There is no branch, or one without a layer; they do not take the same, or give pictures of
    /// different sizes.</exception>
    public Concatenate(IReadOnlyList<IReadOnlyList<Layer>> branches)
        : base(Checked(branches)[0][0].InputShape.ToArray(),
            [.. branches[0][^1].OutputShape.SkipLast(1), branches.Sum(b => b[^1].OutputShape[^1])])
    {
        _branches = [.. branches.Select(b => new LayerChain(b))];
        Parameters = [.. _branches.SelectMany(b => b.Parameters)];
        // A last block of channels that is not full can have no other behind it.
        Blocks = (_branches.All(b => b.Layers[0].Blocks.Input), _branches.All(b => b.Layers[^1].Blocks.Output)
            && _branches.SkipLast(1).All(b => b.Layers[^1].OutputShape[^1] % ActivationMap.BlockSize == 0));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override bool PropagatesMask => _branches.All(b => b.Layers.All(l => l.PropagatesMask));

    internal override (bool Input, bool Output) Blocks { get; }

    internal override long PassFloats => OutputSize + _branches.Sum(b => b.PassFloats);

    /// <inheritdoc/>
    public override void Initialize(RandomSource random)
    {
        foreach (LayerChain branch in _branches)
            branch.Initialize(random);
    }

    private protected override void Connected()
    {
        foreach (LayerChain branch in _branches)
            (branch.Layers[0].InputBlocked, branch.Layers[^1].OutputBlocked) = (InputBlocked, OutputBlocked);
    }

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        int start = 0;
        foreach (LayerChain branch in _branches)
        {
            AlignedBuffer output = branch.Forward(x, pass);
            ForEachRow(branch, pass, (joined, own, length) => output.Span.Slice(own, length).CopyTo(y.Span[joined..]), ref start);
        }
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        int start = 0;
        for (int i = 0; i < _branches.Length; i++)
        {
            LayerChain branch = _branches[i];
            AlignedBuffer gradient = Workspace.EnsureCapacity(ref _gradient, checked(pass.Batch * branch.Layers[^1].OutputSize));
            ForEachRow(branch, pass, (joined, own, length) => yGradient.Span.Slice(joined, length).CopyTo(gradient.Span[own..]), ref start);
            int inputs = pass.Batch * InputSize;
            if (i == 0 || xGradient is null)
            {
                branch.Backward(x, gradient, xGradient, pass);
            }
            else
            {
                AlignedBuffer more = Workspace.EnsureCapacity(ref _inputGradient, inputs);
                branch.Backward(x, gradient, more, pass);
                Add(more.Span[..inputs], xGradient.Span[..inputs]);
            }
        }
    }

    // A row is what is together in both: the channels of a pixel, or the blocks of a picture.
    private void ForEachRow(LayerChain branch, in Pass pass, Action<int, int, int> copy, ref int start)
    {
        int sampleRows = OutputShape.SkipLast(OutputBlocked && OutputShape.Count > 2 ? 3 : 1).Aggregate(1, (a, b) => a * b);
        int joined = OutputSize / sampleRows, own = branch.Layers[^1].OutputSize / sampleRows, from = start;
        Workers.For(pass.Batch, sample =>
        {
            for (int row = sample * sampleRows; row < (sample + 1) * sampleRows; row++)
                copy(row * joined + from, row * own, own);
        });
        start += own;
    }

    private static void Add(ReadOnlySpan<float> from, Span<float> to)
    {
        ReadOnlySpan<Vector<float>> terms = MemoryMarshal.Cast<float, Vector<float>>(from);
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(to);
        for (int i = 0; i < sums.Length; i++)
            sums[i] += terms[i];
        for (int i = sums.Length * Vector<float>.Count; i < to.Length; i++)
            to[i] += from[i];
    }

    private static IReadOnlyList<IReadOnlyList<Layer>> Checked(IReadOnlyList<IReadOnlyList<Layer>> branches)
    {
        ArgumentNullException.ThrowIfNull(branches);
        if (branches.Count == 0 || branches.Any(b => b.Count == 0))
            throw new ArgumentException("expected branches of one layer or more", nameof(branches));
        if (branches.Any(b => !b[0].InputShape.SequenceEqual(branches[0][0].InputShape)))
            throw new ArgumentException("branches take different samples", nameof(branches));
        return branches.All(b => b[^1].OutputShape.SkipLast(1).SequenceEqual(branches[0][^1].OutputShape.SkipLast(1))) ? branches
            : throw new ArgumentException("branches give pictures of different sizes", nameof(branches));
    }
}
