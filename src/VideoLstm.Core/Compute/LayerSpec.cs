namespace VideoLstm.Core.Compute;

/// <summary>
/// A layer of a network: what it computes and how large it is, apart from what computes it. Words mean what they mean in Keras. Shapes are
/// those of one sample, without the batch.
/// </summary>
public abstract record LayerSpec
{
    /// <summary>What the names of its parameters begin with; null: <see cref="Kind"/>, numbered within the network.</summary>
    public string? Name { get; init; }

    /// <summary>Whether training changes its parameters.</summary>
    public bool Trainable { get; init; } = true;

    /// <summary>What Keras calls such a layer in names: <c>lstm</c>, <c>dense</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Shape that goes out for one that comes in.</summary>
    /// <exception cref="ArgumentException">It does not take such a shape.</exception>
    /// <exception cref="OverflowException">It is larger than anything can be.</exception>
    public abstract IReadOnlyList<int> OutputShape(IReadOnlyList<int> input);

    /// <summary>
    /// Its weights, in the order in which Keras lists them, under names that go without the layer's; of a layer in two directions those of
    /// one.
    /// </summary>
    /// <exception cref="OverflowException">They are larger than anything can be.</exception>
    public virtual IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input) => [];

    /// <summary>Whether the steps of a sequence are still there behind it. If not, no mask reaches the layers after it.</summary>
    public abstract bool PropagatesMask(IReadOnlyList<int> input);

    /// <summary>What stands between the layer's name and its parameters' in their full names: Keras' slash, or another one's dot.</summary>
    internal virtual char Separator => '/';

    /// <summary>In words.</summary>
    public sealed override string ToString() => Describe();

    private protected virtual string Describe() => Kind.Replace('_', ' ');

    private protected void CheckSequence(IReadOnlyList<int> input)
    {
        if (input.Count != 2)
            throw new ArgumentException($"{this} takes a sequence, not [{string.Join(", ", input)}]", nameof(input));
    }

    private protected static int Product(IEnumerable<int> sizes) => sizes.Aggregate(1, (a, b) => checked(a * b));
}
