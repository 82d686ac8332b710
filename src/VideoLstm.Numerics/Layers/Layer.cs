using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// One layer of a network, with Keras' semantics: samples of <see cref="InputShape"/> to samples of <see cref="OutputShape"/>,
/// floats in row-major order, the batch as the slowest dimension. A layer keeps what its backward pass needs of the last
/// forward pass. Not for several threads at once; each uses <see cref="Workers"/> by itself.
/// </summary>
public abstract class Layer
{
    private bool _activationTaken;
    private int _forwardBatch;

    /// <summary>A layer of these shapes.</summary>
    /// <param name="inputShape">Of one sample: positive sizes, slowest first.</param>
    /// <param name="outputShape">Of one sample.</param>
    private protected Layer(ReadOnlySpan<int> inputShape, ReadOnlySpan<int> outputShape)
    {
        InputShape = inputShape.ToArray();
        OutputShape = outputShape.ToArray();
    }

    /// <summary>
    /// Shape of a sample that comes in, without the batch: <c>[features]</c>, <c>[time, features]</c>, <c>[time, height, width,
    /// channels]</c>.
    /// </summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>Shape of a sample that goes out, without the batch.</summary>
    public IReadOnlyList<int> OutputShape { get; }

    /// <summary>Floats of a sample that comes in.</summary>
    public virtual int InputSize => Size(InputShape, InputBlocked);

    /// <summary>Floats of a sample that goes out.</summary>
    public virtual int OutputSize => Size(OutputShape, OutputBlocked);

    /// <summary>Whether x comes in blocks of 16 channels, as <see cref="SpatialLayer"/> says, and not in row-major order.</summary>
    public bool InputBlocked { get; internal set; }

    /// <summary>Whether y goes out in blocks of 16 channels.</summary>
    public bool OutputBlocked { get; internal set; }

    /// <summary>What the layer before ends with, when it is this layer's backward pass that takes the derivative of it.</summary>
    private protected Activation InputActivation { get; private set; }

    /// <summary>What this layer's backward pass begins with the derivative of; none where the layer behind has taken it.</summary>
    private protected Activation OwnActivation => _activationTaken ? Activation.None : OutputActivation;

    /// <summary>What this layer ends with.</summary>
    private protected virtual Activation OutputActivation => Activation.None;

    /// <summary>Whether this layer can take and give blocks.</summary>
    internal virtual (bool Input, bool Output) Blocks => (false, false);

    /// <summary>Floats of a sample that its forward pass leaves for the backward pass: what goes out, and what it keeps.</summary>
    internal virtual long PassFloats => OutputSize;

    /// <summary>Whether its backward pass can take the derivative of what the layer before ends with.</summary>
    private protected virtual bool TakesActivations => false;

    /// <summary>
    /// The weights, in the order in which Keras lists them; also those that training does not change
    /// (<see cref="Parameter.Trainable"/>).
    /// </summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Whether masked steps are still there behind this layer; if not, the layers after it get no mask.</summary>
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
        foreach (Layer layer in layers)
            layer.Connected();
    }

    /// <summary>x <c>[batch, ...InputShape]</c> to y <c>[batch, ...OutputShape]</c>.</summary>
    public void Forward(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        Check(x, InputSize, pass, nameof(x));
        Check(y, OutputSize, pass, nameof(y));
        ForwardCore(x, y, pass);
        _forwardBatch = pass.Batch;
        KeepAlive(x, y, null, null);
    }

    /// <summary>
    /// Gradients of the trainable parameters and, where wanted, of x. Once for each <see cref="Forward"/>, of the same pass.
    /// </summary>
    /// <param name="x">As in the forward pass.</param>
    /// <param name="y">As the forward pass left it, but for what a layer behind made of it in place.</param>
    /// <param name="yGradient"><c>[batch, ...OutputShape]</c>; may be overwritten.</param>
    /// <param name="xGradient"><c>[batch, ...InputShape]</c>, or null when it is not needed.</param>
    /// <param name="pass">As in the forward pass.</param>
    /// <exception cref="InvalidOperationException">There was no forward pass over as many samples before it.</exception>
    public void Backward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient, in Pass pass)
    {
        Check(x, InputSize, pass, nameof(x));
        Check(y, OutputSize, pass, nameof(y));
        Check(yGradient, OutputSize, pass, nameof(yGradient));
        if (xGradient is not null)
            Check(xGradient, InputSize, pass, nameof(xGradient));
        if (_forwardBatch != pass.Batch)
            throw new InvalidOperationException("the backward pass needs a forward pass before it");
        BackwardCore(x, y, yGradient, xGradient, pass);
        KeepAlive(x, y, yGradient, xGradient);
    }

    /// <summary>Told that it has been connected: <see cref="InputBlocked"/> and <see cref="OutputBlocked"/> stay as they are now.</summary>
    private protected virtual void Connected()
    {
    }

    /// <summary>Does what <see cref="Forward"/> says. The buffers are long enough, and stay where they are meanwhile.</summary>
    private protected abstract void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass);

    /// <summary>Does what <see cref="Backward"/> says.</summary>
    private protected abstract void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass);

    private static void Check(AlignedBuffer buffer, int size, in Pass pass, string name)
    {
        ArgumentNullException.ThrowIfNull(buffer, name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pass.Batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, checked(pass.Batch * size), name);
    }

    // Kernels see nothing but pointers: into these buffers, and into those that this layer, its parameters and its workspace hold.
    private void KeepAlive(AlignedBuffer x, AlignedBuffer y, AlignedBuffer? yGradient, AlignedBuffer? xGradient)
    {
        GC.KeepAlive(this);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(yGradient);
        GC.KeepAlive(xGradient);
    }

    private static int Size(IReadOnlyList<int> shape, bool blocked) => shape.Take(shape.Count - 1).Aggregate(
        blocked ? checked(shape[^1] + ActivationMap.BlockSize - 1) / ActivationMap.BlockSize * ActivationMap.BlockSize : shape[^1],
            (a, b) => checked(a * b));
}
