using TorchSharp;
using VideoLstm.Core.Compute;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>
/// Changes weights by their gradients to the letter as <see cref="Numerics.Optimizers"/> does, which is as Keras does; torch's own
/// optimizers place epsilon elsewhere.
/// </summary>
internal sealed class TorchOptimizer : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Rho = 0.9, AdadeltaRho = 0.95, Epsilon = 1e-7;

    private readonly OptimizerSpec _spec;
    private readonly Dictionary<TorchParameter, Tensor[][]> _memory = [];
    private double _learningRate;

    /// <summary>An optimizer that has seen nothing yet.</summary>
    public TorchOptimizer(OptimizerSpec spec)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(spec.Decay, nameof(spec));
        if (spec.Kind != OptimizerKind.Adam)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(spec.Momentum, nameof(spec));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Momentum, 1, nameof(spec));
        }
        _spec = spec;
        LearningRate = spec.LearningRate;
    }

    /// <summary>How far a step goes; above 0.</summary>
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
    public double CurrentRate => LearningRate / (1 + _spec.Decay * Steps);

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    private int Slots => _spec.Kind is OptimizerKind.Sgd or OptimizerKind.Adagrad ? 1 : 2;

    private float InitialState => _spec.Kind == OptimizerKind.Adagrad ? Numerics.Optimizers.Adagrad.InitialAccumulator : 0f;

    /// <summary>
    /// What is remembered of a parameter: for each <c>memory0</c> and so on, tensors like the parameter's. Made when first asked for.
    /// </summary>
    public Tensor[][] Memory(TorchParameter parameter)
    {
        if (!_memory.TryGetValue(parameter, out Tensor[][]? memory))
        {
            memory = [.. Enumerable.Range(0, Slots).Select(_ => parameter.Tensors.Select(
                t => full(t.shape, InitialState, t.dtype, t.device).DetachFromDisposeScope()).ToArray())];
            _memory[parameter] = memory;
        }
        return memory;
    }

    /// <summary>Changes parameters by the gradients that are in them, and takes these away.</summary>
    public void Step(IEnumerable<TorchParameter> parameters)
    {
        using IDisposable without = no_grad();
        double rate = CurrentRate;
        Steps++;
        // What is multiplied out step by step elsewhere is a power here: the difference is in the last bit of a double.
        if (_spec.Kind == OptimizerKind.Adam)
            rate *= Math.Sqrt(1 - Math.Pow(Beta2, Steps)) / (1 - Math.Pow(Beta1, Steps));
        foreach (TorchParameter parameter in parameters)
        {
            Tensor[][] memory = Memory(parameter);
            foreach ((int i, Tensor weight) in parameter.Tensors.Index())
            {
                using DisposeScope scope = NewDisposeScope();
                Update(weight, weight.grad ?? zeros_like(weight), [.. memory.Select(m => m[i])], (float)rate);
                weight.grad = null;
            }
        }
    }

    /// <summary>Goes on after so many steps; only before the first.</summary>
    public void Resume(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Steps, 0, nameof(steps));
        Steps = steps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor slot in _memory.Values.SelectMany(m => m).SelectMany(t => t))
            slot.Dispose();
        _memory.Clear();
    }

    private void Update(Tensor weight, Tensor gradient, Tensor[] slots, float rate)
    {
        switch (_spec.Kind)
        {
            case OptimizerKind.Sgd:
                // v = momentum v - rate g; weight += v, or by the new v: momentum v - rate g.
                slots[0].mul_(_spec.Momentum).add_(gradient, -rate);
                if (_spec.Nesterov)
                    weight.add_(slots[0], _spec.Momentum).add_(gradient, -rate);
                else
                    weight.add_(slots[0]);
                break;
            case OptimizerKind.RmsProp:
                // v = rho v + (1 - rho) g²; m = momentum m + rate g / sqrt(v + epsilon); weight -= m.
                slots[0].mul_(Rho).addcmul_(gradient, gradient, 1 - Rho);
                slots[1].mul_(_spec.Momentum).addcdiv_(gradient, (slots[0] + Epsilon).sqrt_(), rate);
                weight.sub_(slots[1]);
                break;
            case OptimizerKind.Adadelta:
                // a = rho a + (1 - rho) g²; step = g sqrt(d + epsilon) / sqrt(a + epsilon); d = rho d + (1 - rho) step²;
                // weight -= rate step.
                slots[0].mul_(AdadeltaRho).addcmul_(gradient, gradient, 1 - AdadeltaRho);
                Tensor step = (slots[1] + Epsilon).sqrt_().mul_(gradient).div_((slots[0] + Epsilon).sqrt_());
                slots[1].mul_(AdadeltaRho).addcmul_(step, step, 1 - AdadeltaRho);
                weight.add_(step, -rate);
                break;
            case OptimizerKind.Adagrad:
                // a += g²; weight -= rate g / sqrt(a + epsilon).
                slots[0].addcmul_(gradient, gradient, 1);
                weight.addcdiv_(gradient, (slots[0] + Epsilon).sqrt_(), -rate);
                break;
            default:
                // m and v are means of g and g²; weight -= corrected rate · m / (sqrt(v) + epsilon).
                slots[0].mul_(Beta1).add_(gradient, 1 - Beta1);
                slots[1].mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
                weight.addcdiv_(slots[0], slots[1].sqrt().add_(Epsilon), -rate);
                break;
        }
    }
}
