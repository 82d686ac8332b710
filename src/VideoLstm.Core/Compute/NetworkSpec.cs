using System.Globalization;

namespace VideoLstm.Core.Compute;

/// <summary>
/// What a network is, apart from what computes it and from its weights: layers one behind the other, some of them branches side by side,
/// for samples of some shape. From these follow the names and shapes of all weights.
/// </summary>
public sealed class NetworkSpec
{
    /// <summary>Puts layers behind each other.</summary>
    /// <param name="inputShape">Of a sample: <c>[time, features]</c>, <c>[time, height, width, channels]</c>.</param>
    /// <param name="layers">From the first to the last. A softmax behind it is not among them.</param>
    /// <exception cref="ArgumentException">A layer does not take what the one before gives.</exception>
    /// <exception cref="OverflowException">A layer is larger than anything can be.</exception>
    public NetworkSpec(IReadOnlyList<int> inputShape, IReadOnlyList<LayerSpec> layers)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        ArgumentNullException.ThrowIfNull(layers);
        foreach (int size in inputShape)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(inputShape));
        InputShape = inputShape;
        Layers = Place(inputShape, layers, new Dictionary<string, int>(StringComparer.Ordinal));
        Parameters = [.. Layers.SelectMany(l => l.Parameters)];
    }

    /// <summary>Shape of a sample, without the batch.</summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>Shape of what comes out for a sample: of a classifier, <c>[classes]</c>.</summary>
    public IReadOnlyList<int> OutputShape => Layers.Count == 0 ? InputShape : Layers[^1].OutputShape;

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<NetworkLayer> Layers { get; }

    /// <summary>The layers with those within branches in place of these, in order.</summary>
    public IEnumerable<NetworkLayer> AllLayers => Layers.SelectMany(l => l.WithBranches());

    /// <summary>All weights, in the order of the layers.</summary>
    public IReadOnlyList<ParameterSpec> Parameters { get; }

    private static List<NetworkLayer> Place(
        IReadOnlyList<int> inputShape, IReadOnlyList<LayerSpec> layers, Dictionary<string, int> numbers)
    {
        var placed = new List<NetworkLayer>(layers.Count);
        foreach (LayerSpec layer in layers)
        {
            IReadOnlyList<int> input = placed.Count == 0 ? inputShape : placed[^1].OutputShape;
            placed.Add(layer is ParallelSpec parallel
                ? new NetworkLayer(parallel, input, [.. parallel.Branches.Select(branch => Place(input, branch, numbers))])
                : new NetworkLayer(layer, PathsOf(layer, numbers), input));
        }
        return placed;
    }

    // Keras' names: lstm, lstm_1, ...; in both directions bidirectional/forward_lstm and bidirectional/backward_lstm, ...
    private static string[] PathsOf(LayerSpec layer, Dictionary<string, int> numbers)
    {
        string name = layer.Name ?? Numbered(layer.Kind);
        if (layer is not RecurrentSpec { Bidirectional: true })
            return [name];
        string both = Numbered("bidirectional");
        return [$"{both}/forward_{name}", $"{both}/backward_{name}"];

        string Numbered(string kind)
        {
            int number = numbers.GetValueOrDefault(kind);
            numbers[kind] = number + 1;
            return number == 0 ? kind : string.Create(CultureInfo.InvariantCulture, $"{kind}_{number}");
        }
    }
}
