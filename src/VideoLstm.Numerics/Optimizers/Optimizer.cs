using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Optimizers;

/// <summary>Changes weights by their gradients, as Keras does. Keeps a state for each weight. Not for several threads at once.</summary>
public abstract unsafe class Optimizer
{
    private readonly Dictionary<Parameter, AlignedBuffer[]> _slots = [];
    private readonly double _decay;
    private readonly int _slotCount;
    private double _learningRate;

    private protected Optimizer(double learningRate, double decay, int slots, SimdLevel? level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decay);
        (LearningRate, _decay, _slotCount, Level) = (learningRate, decay, slots, level ?? Simd.Level);
    }

    /// <summary>How far a step goes; above 0. A schedule may change it between steps.</summary>
    public double LearningRate
    {
        get => _learningRate;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _learningRate = value;
        }
    }

    /// <summary>The rate of the next step, decay included.</summary>
    public double CurrentRate => LearningRate / (1 + _decay * Steps);

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    private protected SimdLevel Level { get; }

    /// <summary>What the state of each weight is before the first step.</summary>
    private protected virtual float InitialState => 0f;

    /// <summary>Changes every trainable parameter by its gradient. The same parameters belong to every step.</summary>
    public void Step(IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double rate = CurrentRate;
        Advance();
        foreach (Parameter parameter in parameters.Where(p => p.Trainable))
        {
            AlignedBuffer[] state = Slots(parameter);
            fixed (float* weight = parameter.Value, gradient = parameter.Gradient, first = state[0], second = state[^1])
                Update(new Weights(weight, gradient, first, second, parameter.Length), rate);
        }
    }

    /// <summary>
    /// The state for a parameter, as many buffers of its length as this optimizer needs: to be saved, or filled with what was.
    /// </summary>
    public IReadOnlyList<AlignedBuffer> State(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return Slots(parameter);
    }

    /// <summary>Makes a fresh optimizer one that has taken so many steps; its <see cref="State"/> is restored by the caller.</summary>
    public void Resume(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Steps, 0, nameof(steps));
        Skip(steps);
        Steps = steps;
    }

    /// <summary>Called at the beginning of each step.</summary>
    private protected virtual void Advance() => Steps++;

    /// <summary>
    /// Does for a fresh optimizer what so many calls of <see cref="Advance"/> do besides counting, in a time that does not grow
    /// with them.
    /// </summary>
    private protected virtual void Skip(long steps)
    {
    }

    private protected abstract void Update(Weights weights, double rate);

    private AlignedBuffer[] Slots(Parameter parameter) =>
        _slots.TryGetValue(parameter, out AlignedBuffer[]? slots) ? slots
            : _slots[parameter] = [.. Enumerable.Range(0, _slotCount).Select(_ => NewSlot(parameter.Length))];

    private AlignedBuffer NewSlot(int length)
    {
        var slot = new AlignedBuffer(length);
        slot.Span.Fill(InitialState);
        return slot;
    }

    /// <summary>What an update works on: weights, their gradients, and as many states as the optimizer has, two at most.</summary>
    private protected readonly struct Weights(float* value, float* gradient, float* first, float* second, int length)
    {
        public readonly float* Value = value, Gradient = gradient, First = first, Second = second;
        public readonly int Length = length;
    }
}
