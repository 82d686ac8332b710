using VideoLstm.Numerics.Kernels;

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
    private bool _activationTaken;

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
    public virtual int InputSize => Size(InputShape, InputBlocked);

    /// <summary>Floats of a sample that goes out.</summary>
    public virtual int OutputSize => Size(OutputShape, OutputBlocked);

    /// <summary>Whether x comes in blocks of 16 channels, as <see cref="SpatialLayer"/> says, and not in row-major order.</summary>
    public bool InputBlocked { get; private set; }

    /// <summary>Whether y goes out in blocks of 16 channels.</summary>
    public bool OutputBlocked { get; private set; }

    /// <summary>What the layer before ends with, when it is this layer's backward pass that takes the derivative of it.</summary>
    private protected Activation InputActivation { get; private set; }

    /// <summary>What this layer's backward pass begins with the derivative of; none where the layer behind has taken it.</summary>
    private protected Activation OwnActivation => _activationTaken ? Activation.None : OutputActivation;

    /// <summary>What this layer ends with.</summary>
    private protected virtual Activation OutputActivation => Activation.None;

    /// <summary>Whether this layer can take and give blocks.</summary>
    private protected virtual (bool Input, bool Output) Blocks => (false, false);

    /// <summary>Whether its backward pass can take the derivative of what the layer before ends with.</summary>
    private protected virtual bool TakesActivations => false;

    /// <summary>The weights, in the order in which Keras lists them; also those that training does not change (<see cref="Parameter.Trainable"/>).</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Whether steps that the mask hides are still there behind this layer; if not, the layers after it get no mask.</summary>
    public virtual bool PropagatesMask => false;

    /// <summary>
    /// Whether y may be x, and its gradient that of x. Then what the layer before finds as its y has been changed: a layer that
    /// looks at its y again may rely on zeros, which stay zeros.
    /// </summary>
    public virtual bool InPlace => false;

    /// <summary>
    /// Whether its backward pass looks at y for more than zeros, as a pooling does that looks for the largest value, or a derivative that
    /// follows from y: then no layer behind works in place on it.
    /// </summary>
    public virtual bool NeedsOutput => OutputActivation == Activation.Relu6;

    /// <summary>Keras' first values.</summary>
    public virtual void Initialize(RandomSource random)
    {
    }

    /// <summary>
    /// Lets layers that follow each other leave their values in the layout that is faster for both, and join the derivative of
    /// an activation with the work of the layer behind it. Once, before the first pass, in the order in which they run; the
    /// first takes and the last gives floats in row-major order. Without it everything is right, but slower.
    /// </summary>
    public static void Connect(IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        for (int i = 1; i < layers.Count; i++)
        {
            (Layer first, Layer second) = (layers[i - 1], layers[i]);
            first.OutputBlocked = second.InputBlocked = first.Blocks.Output && second.Blocks.Input;
            if (first.OutputBlocked && second.TakesActivations)
                (second.InputActivation, first._activationTaken) = (first.OutputActivation, true);
        }
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

    private static int Size(IReadOnlyList<int> shape, bool blocked) => shape.Take(shape.Count - 1).Aggregate(
        blocked ? checked(shape[^1] + ConvolutionActivations.BlockSize - 1) / ConvolutionActivations.BlockSize * ConvolutionActivations.BlockSize : shape[^1], (a, b) => checked(a * b));
}
