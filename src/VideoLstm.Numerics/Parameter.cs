namespace VideoLstm.Numerics;

/// <summary>Weights of a layer, with the gradient that the last backward pass left.</summary>
public sealed class Parameter
{
    private AlignedBuffer? _value, _gradient;

    /// <summary>Zeros of the given shape.</summary>
    /// <param name="name">The name in weight files, as Keras writes it: <c>dense/kernel</c>.</param>
    /// <param name="shape">Positive sizes, slowest dimension first.</param>
    public Parameter(string name, params int[] shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        Length = 1;
        foreach (int size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(shape));
            Length = checked(Length * size);
        }
        Name = name;
        Shape = Array.AsReadOnly((int[])shape.Clone());
    }

    /// <summary>The name in weight files.</summary>
    public string Name { get; }

    /// <summary>The sizes, slowest dimension first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Whether training changes it by its gradient: not so for frozen layers and for moving statistics.</summary>
    public bool Trainable { get; set; } = true;

    /// <summary>What the sum of its squares counts in what training makes small, Keras' l2.</summary>
    public float L2 { get; set; }

    /// <summary>Number of floats.</summary>
    public int Length { get; }

    /// <summary>The weights, row by row. Take no memory until they are asked for.</summary>
    public AlignedBuffer Value => LazyInitializer.EnsureInitialized(ref _value, () => new AlignedBuffer(Length));

    /// <summary>
    /// The gradient of the loss, laid out like <see cref="Value"/>. Each backward pass overwrites it. Takes no memory until it is
    /// asked for.
    /// </summary>
    public AlignedBuffer Gradient => LazyInitializer.EnsureInitialized(ref _gradient, () => new AlignedBuffer(Length));
}
