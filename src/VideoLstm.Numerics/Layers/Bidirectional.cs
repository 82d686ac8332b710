using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Two recurrent layers side by side, one of which reads the sequence from its end; their outputs one after the other:
/// <c>[batch, 2 units]</c>, or <c>[batch, time, 2 units]</c>, each step's outputs at their own step. Keras' Bidirectional with
/// merge_mode "concat". A mask is read from the end as well.
/// </summary>
/// <remarks>M. Schuster, K. Paliwal, "Bidirectional Recurrent Neural Networks" (1997).</remarks>
public sealed class Bidirectional : Layer
{
    private readonly int _time, _inputs, _units;
    private AlignedBuffer? _reversed, _reversedGradient, _forwardOutput, _backwardOutput;

    /// <summary>A layer of two.</summary>
    /// <param name="forward">Reads from the beginning.</param>
    /// <param name="backward">Reads from the end. Of the same shapes.</param>
    public Bidirectional(RecurrentLayer forward, RecurrentLayer backward)
        : base(Shape(forward), Doubled(forward))
    {
        ArgumentNullException.ThrowIfNull(backward);
        if (!backward.InputShape.SequenceEqual(forward.InputShape) || !backward.OutputShape.SequenceEqual(forward.OutputShape))
            throw new ArgumentException("both directions must have the same shapes", nameof(backward));
        (ForwardLayer, BackwardLayer) = (forward, backward);
        (_time, _inputs, _units) = (InputShape[0], InputShape[1], forward.OutputShape[^1]);
    }

    /// <summary>Reads from the beginning.</summary>
    public RecurrentLayer ForwardLayer { get; }

    /// <summary>Reads from the end.</summary>
    public RecurrentLayer BackwardLayer { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [.. ForwardLayer.Parameters, .. BackwardLayer.Parameters];

    /// <inheritdoc/>
    public override bool PropagatesMask => ForwardLayer.PropagatesMask;

    /// <inheritdoc/>
    public override void Initialize(RandomSource random)
    {
        ForwardLayer.Initialize(random);
        BackwardLayer.Initialize(random);
    }

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        int batch = pass.Batch;
        AlignedBuffer reversed = Workspace.EnsureCapacity(ref _reversed, batch * InputSize);
        AlignedBuffer forward = Workspace.EnsureCapacity(ref _forwardOutput, batch * ForwardLayer.OutputSize);
        AlignedBuffer backward = Workspace.EnsureCapacity(ref _backwardOutput, batch * BackwardLayer.OutputSize);
        Reverse(x.Span, reversed.Span, batch, add: false);
        ForwardLayer.Forward(x, forward, pass);
        BackwardLayer.Forward(reversed, backward, Reversed(pass));
        for (int row = 0; row < batch * Steps; row++)
        {
            forward.Span.Slice(row * _units, _units).CopyTo(y.Span[(2 * row * _units)..]);
            backward.Span.Slice(Mirror(row) * _units, _units).CopyTo(y.Span[((2 * row + 1) * _units)..]);
        }
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        int batch = pass.Batch;
        // The outputs have been handed on: their memory takes the gradients.
        AlignedBuffer forward = _forwardOutput!, backward = _backwardOutput!;
        for (int row = 0; row < batch * Steps; row++)
        {
            yGradient.Span.Slice(2 * row * _units, _units).CopyTo(forward.Span[(row * _units)..]);
            yGradient.Span.Slice((2 * row + 1) * _units, _units).CopyTo(backward.Span[(Mirror(row) * _units)..]);
        }
        ForwardLayer.Backward(x, forward, forward, xGradient, pass);
        AlignedBuffer? reversed = xGradient is null ? null : Workspace.EnsureCapacity(ref _reversedGradient, batch * InputSize);
        BackwardLayer.Backward(_reversed!, backward, backward, reversed, Reversed(pass));
        if (xGradient is not null)
            Reverse(reversed!.Span, xGradient.Span, batch, add: true);
    }

    // Rows of a sample that goes out.
    private int Steps => PropagatesMask ? _time : 1;

    private int Mirror(int row) => row / Steps * Steps + Steps - 1 - row % Steps;

    private void Reverse(ReadOnlySpan<float> from, Span<float> to, int batch, bool add)
    {
        for (int row = 0; row < batch * _time; row++)
        {
            ReadOnlySpan<float> source = from.Slice(row * _inputs, _inputs);
            Span<float> target = to.Slice((row / _time * _time + _time - 1 - row % _time) * _inputs, _inputs);
            if (add)
            {
                for (int i = 0; i < source.Length; i++)
                    target[i] += source[i];
            }
            else
            {
                source.CopyTo(target);
            }
        }
    }

    private Pass Reversed(in Pass pass)
    {
        if (pass.Mask is not { } mask)
            return pass;
        bool[] reversed = mask[..(pass.Batch * _time)];
        for (int b = 0; b < pass.Batch; b++)
            reversed.AsSpan(b * _time, _time).Reverse();
        return pass with { Mask = reversed };
    }

    private static ReadOnlySpan<int> Shape(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.InputShape.ToArray();
    }

    private static ReadOnlySpan<int> Doubled(Layer layer)
    {
        int[] shape = [.. layer.OutputShape];
        shape[^1] = checked(2 * shape[^1]);
        return shape;
    }
}
