using System.Runtime.CompilerServices;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Optimizers;

/// <summary>
/// Adam as Keras computes it: rate_t = rate / (1 + decay (t - 1)) * sqrt(1 - beta2^t) / (1 - beta1^t) and
/// weight -= rate_t * m / (sqrt(v) + epsilon). PyTorch's epsilon is inside the correction: this one divided by sqrt(1 - beta2^t).
/// </summary>
/// <remarks>D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization" (2014), the form at the end of its section 2.</remarks>
public sealed unsafe class Adam : Optimizer
{
    private readonly double _beta1, _beta2, _epsilon;
    private double _power1 = 1, _power2 = 1;

    /// <summary>An optimizer that has seen nothing yet.</summary>
    /// <param name="learningRate">Roughly the largest change of a weight in a step.</param>
    /// <param name="decay">How fast the rate falls: after 1 / decay steps it is half.</param>
    /// <param name="beta1">What the mean gradient keeps in a step, 0 to 1.</param>
    /// <param name="beta2">What the mean squared gradient keeps in a step, 0 to 1.</param>
    /// <param name="epsilon">Added to the root of the mean square.</param>
    /// <param name="level">The instruction set, or null for <see cref="Simd.Level"/>.</param>
    public Adam(double learningRate = 1e-5, double decay = 1e-6, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7,
        SimdLevel? level = null)
        : base(learningRate, decay, 2, level) => (_beta1, _beta2, _epsilon) = (beta1, beta2, epsilon);

    private protected override void Advance()
    {
        base.Advance();
        _power1 *= _beta1;
        _power2 *= _beta2;
    }

    private protected override void Skip(long steps) => (_power1, _power2) = (Power(_beta1, steps), Power(_beta2, steps));

    // Multiplied out as steps do it, bit for bit, until another factor changes nothing: long before a million for the usual betas.
    private static double Power(double beta, long steps)
    {
        double power = 1;
        for (long step = 0; step < steps; step++)
        {
            double next = power * beta;
            if (next == power)
                break;
            power = next;
        }
        return power;
    }

    private protected override void Update(Weights weights, double rate) => Elementwise.Run(
        new Kernel
        {
            Weight = weights.Value,
            Gradient = weights.Gradient,
            Mean = weights.First,
            Square = weights.Second,
            Rate = (float)(rate * Math.Sqrt(1 - _power2) / (1 - _power1)),
            Beta1 = (float)_beta1,
            Beta2 = (float)_beta2,
            Rest1 = (float)(1 - _beta1),
            Rest2 = (float)(1 - _beta2),
            Epsilon = (float)_epsilon,
        },
        weights.Length, Level);

    private struct Kernel : IElementKernel
    {
        public float* Weight, Gradient, Mean, Square;
        public float Rate, Beta1, Beta2, Rest1, Rest2, Epsilon;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector g = TLanes.Load(Gradient + i);
            TVector m = TLanes.MultiplyAdd(TLanes.Broadcast(Beta1), TLanes.Load(Mean + i), TLanes.Multiply(TLanes.Broadcast(Rest1), g));
            TVector v = TLanes.MultiplyAdd(TLanes.Broadcast(Beta2), TLanes.Load(Square + i),
                TLanes.Multiply(TLanes.Broadcast(Rest2), TLanes.Multiply(g, g)));
            TLanes.Store(m, Mean + i);
            TLanes.Store(v, Square + i);
            TVector change = TLanes.Divide(TLanes.Multiply(TLanes.Broadcast(Rate), m),
                TLanes.Add(TLanes.Sqrt(v), TLanes.Broadcast(Epsilon)));
            TLanes.Store(TLanes.Subtract(TLanes.Load(Weight + i), change), Weight + i);
        }
    }
}
