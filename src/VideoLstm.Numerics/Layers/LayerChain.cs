using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>Layers one behind the other, and the memory between them. Not for several threads at once.</summary>
internal sealed class LayerChain
{
    private readonly Layer[] _layers;
    private readonly AlignedBuffer?[] _outputs;
    private AlignedBuffer? _gradient, _otherGradient;

    /// <summary>Puts layers together.</summary>
    /// <param name="layers">From the first to the last.</param>
    /// <exception cref="ArgumentException">A layer does not take what the one before gives.</exception>
    public LayerChain(IReadOnlyList<Layer> layers)
    {
        _layers = [.. layers];
        Layer.Connect(_layers);
        for (int i = 1; i < _layers.Length; i++)
        {
            (Layer layer, Layer before) = (_layers[i], _layers[i - 1]);
            if (layer.InputShape.SequenceEqual(before.OutputShape) && layer.InputSize == before.OutputSize)
                continue;
            (string takes, string gives) = (string.Join(", ", layer.InputShape), string.Join(", ", before.OutputShape));
            throw new ArgumentException($"layer {i} takes [{takes}], the one before gives [{gives}]", nameof(layers));
        }
        Parameters = [.. _layers.SelectMany(l => l.Parameters)];
        _outputs = new AlignedBuffer?[_layers.Length];
    }

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>All weights, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Floats of a sample that a forward pass leaves between the layers and behind them.</summary>
    public long PassFloats => _layers.Where((_, i) => !WorksInPlace(i)).Sum(l => l.PassFloats);

    /// <summary>Keras' first values.</summary>
    public void Initialize(RandomSource random)
    {
        foreach (Layer layer in _layers)
            layer.Initialize(random);
    }

    /// <summary>What comes out of the last layer, in memory of the chain's own that the next pass uses again.</summary>
    public AlignedBuffer Forward(AlignedBuffer x, Pass pass)
    {
        AlignedBuffer input = x;
        for (int i = 0; i < _layers.Length; i++)
        {
            AlignedBuffer output = WorksInPlace(i) ? input
                : Workspace.EnsureCapacity(ref _outputs[i], checked(pass.Batch * _layers[i].OutputSize));
            _layers[i].Forward(input, output, pass);
            if (!_layers[i].PropagatesMask)
                pass = pass with { Mask = null };
            input = output;
        }
        return input;
    }

    /// <summary>Gradients of the trainable parameters and, where wanted, of x.</summary>
    /// <param name="x">As in the forward pass.</param>
    /// <param name="gradient">Of what came out; may be overwritten.</param>
    /// <param name="xGradient">What takes the gradient of x, or null when it is not needed.</param>
    /// <param name="pass">As in the forward pass.</param>
    public void Backward(AlignedBuffer x, AlignedBuffer gradient, AlignedBuffer? xGradient, Pass pass)
    {
        // Below the first layer that learns, nobody asks for a gradient.
        int first = xGradient is not null ? 0 : Array.FindIndex(_layers, l => l.Parameters.Any(p => p.Trainable));
        int lastMasked = Array.FindIndex(_layers, l => !l.PropagatesMask);
        for (int i = _layers.Length - 1; i >= first && first >= 0; i--)
        {
            AlignedBuffer? next = i == 0 ? xGradient : i == first ? null : WorksInPlace(i) ? gradient
                : OtherThan(gradient, checked(pass.Batch * _layers[i].InputSize));
            _layers[i].Backward(Input(x, i), Input(x, i + 1), gradient, next,
                lastMasked >= 0 && i > lastMasked ? pass with { Mask = null } : pass);
            gradient = next!;
        }
    }

    // The first layer must not change what it is given, and none what the one before needs for its gradient.
    private bool WorksInPlace(int layer) => layer > 0 && _layers[layer].InPlace && !_layers[layer - 1].NeedsOutput;

    /// <summary>What goes into a layer: what came out of the one before.</summary>
    private AlignedBuffer Input(AlignedBuffer x, int layer)
    {
        int from = layer - 1;
        while (from >= 0 && WorksInPlace(from))
            from--;
        return from < 0 ? x : _outputs[from]!;
    }

    /// <summary>One of two buffers that take turns.</summary>
    private AlignedBuffer OtherThan(AlignedBuffer gradient, int length) =>
        gradient == _gradient ? Workspace.EnsureCapacity(ref _otherGradient, length) : Workspace.EnsureCapacity(ref _gradient, length);
}
