namespace VideoLstm.Numerics.Layers;

/// <summary>What a layer is told of a pass over a batch.</summary>
/// <param name="Batch">Samples.</param>
/// <param name="Dropout">Where dropout and the like draw from; null outside of training, which also makes batch normalization use its moving statistics.</param>
/// <param name="Mask">
/// <c>[batch, time]</c>: which steps of each sequence are real, as Keras' masks; null: all. Steps that are not change
/// nothing that comes after.
/// </param>
public readonly record struct Pass(int Batch, RandomSource? Dropout = null, bool[]? Mask = null)
{
    /// <summary>Whether the network learns from this pass.</summary>
    public bool Training => Dropout is not null;
}

/// <summary>
/// One layer of a network, with Keras' semantics: samples of <see cref="InputShape"/> to samples of <see cref="OutputShape"/>,
/// floats in row-major order, the batch as the slowest dimension. A layer keeps what its backward pass needs of the last
/// forward pass. Not for several threads at once; each uses <see cref="Workers"/> by itself.
/// </summary>
public abstract class Layer
{
    /// <summary>A layer of these shapes.</summary>
    /// <param name="inputShape">Of one sample: positive sizes, slowest first.</param>
    /// <param name="outputShape">Of one sample.</param>
    protected Layer(ReadOnlySpan<int> inputShape, ReadOnlySpan<int> outputShape)
    {
        InputShape = inputShape.ToArray();
        OutputShape = outputShape.ToArray();
    }

    /// <summary>Shape of a sample that comes in, without the batch: <c>[features]</c>, <c>[time, features]</c>, <c>[time, height, width, channels]</c>.</summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>Shape of a sample that goes out, without the batch.</summary>
    public IReadOnlyList<int> OutputShape { get; }

    /// <summary>Floats of a sample that comes in.</summary>
    public virtual int InputSize => Size(InputShape);

    /// <summary>Floats of a sample that goes out.</summary>
    public virtual int OutputSize => Size(OutputShape);

    /// <summary>The weights, in the order in which Keras lists them; also those that training does not change (<see cref="Parameter.Trainable"/>).</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Whether steps that the mask hides are still there behind this layer; if not, the layers after it get no mask.</summary>
    public virtual bool KeepsTime => false;

    /// <summary>
    /// Whether y may be x, and its gradient that of x. Then what the layer before finds as its y has been changed: a layer that
    /// looks at its y again may rely on zeros, which stay zeros.
    /// </summary>
    public virtual bool InPlace => false;

    /// <summary>Keras' first values.</summary>
    public virtual void Initialize(RandomSource random)
    {
    }

    /// <summary>x <c>[batch, ...InputShape]</c> to y <c>[batch, ...OutputShape]</c>.</summary>
    public abstract void Forward(AlignedBuffer x, AlignedBuffer y, in Pass pass);

    /// <summary>
    /// Gradients of the trainable parameters and, where wanted, of x. Once for each <see cref="Forward"/>, of the same pass.
    /// </summary>
    /// <param name="x">As in the forward pass.</param>
    /// <param name="y">As the forward pass left it, but for what a layer behind made of it in place.</param>
    /// <param name="yGradient"><c>[batch, ...OutputShape]</c>; may be overwritten.</param>
    /// <param name="xGradient"><c>[batch, ...InputShape]</c>, or null when it is not needed.</param>
    /// <param name="pass">As in the forward pass.</param>
    public abstract void Backward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient, in Pass pass);

    private protected void CheckInput(AlignedBuffer x, in Pass pass)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pass.Batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(x.Length, checked(pass.Batch * InputSize), nameof(x));
    }

    private protected void CheckOutput(AlignedBuffer y, in Pass pass)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pass.Batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(y.Length, checked(pass.Batch * OutputSize), nameof(y));
    }

    private static int Size(IReadOnlyList<int> shape) => shape.Aggregate(1, (a, b) => checked(a * b));
}
