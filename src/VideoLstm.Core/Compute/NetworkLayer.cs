namespace VideoLstm.Core.Compute;

/// <summary>A layer at its place in a network.</summary>
public sealed class NetworkLayer
{
    internal NetworkLayer(LayerSpec spec, IReadOnlyList<string> paths, IReadOnlyList<int> inputShape)
    {
        (Spec, Paths, InputShape, OutputShape) = (spec, paths, inputShape, spec.OutputShape(inputShape));
        IReadOnlyList<ParameterSpec> own = spec.Parameters(inputShape);
        Parameters = [.. paths.SelectMany(path =>
            own.Select(p => p with { Name = $"{path}{spec.Separator}{p.Name}", Trainable = p.Trainable && spec.Trainable }))];
    }

    internal NetworkLayer(ParallelSpec spec, IReadOnlyList<int> inputShape, IReadOnlyList<IReadOnlyList<NetworkLayer>> branches)
    {
        (Spec, Paths, InputShape, OutputShape, Branches) = (spec, [], inputShape, spec.OutputShape(inputShape), branches);
        Parameters = [.. branches.SelectMany(b => b).SelectMany(l => l.Parameters)];
    }

    /// <summary>What it is.</summary>
    public LayerSpec Spec { get; }

    /// <summary>
    /// What the names of its parameters begin with: <c>dense_1</c>, or for each of two directions <c>bidirectional/forward_lstm</c>.
    /// </summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The layers of each branch of a <see cref="ParallelSpec"/>; of others none.</summary>
    public IReadOnlyList<IReadOnlyList<NetworkLayer>> Branches { get; } = [];

    /// <summary>Shape of a sample that comes in, without the batch.</summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>Shape of a sample that goes out.</summary>
    public IReadOnlyList<int> OutputShape { get; }

    /// <summary>Its weights, those of one direction after those of the other.</summary>
    public IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Whether the steps of a sequence are still there behind it.</summary>
    public bool PropagatesMask => Spec.PropagatesMask(InputShape);

    internal IEnumerable<NetworkLayer> WithBranches() =>
        Branches.Count == 0 ? [this] : Branches.SelectMany(b => b).SelectMany(l => l.WithBranches());
}
