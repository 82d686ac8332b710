using System.Runtime.CompilerServices;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Optimizers;

/// <summary>
/// RMSprop as Keras 3 and TensorFlow.js compute it: v = rho v + (1 - rho) g², m = momentum m + rate g / sqrt(v + epsilon),
/// weight -= m. (PyTorch adds its epsilon to the root.) The rate falls to rate / (1 + decay (t - 1)) at step t.
/// </summary>
/// <remarks>T. Tieleman, G. Hinton, "Neural Networks for Machine Learning", lecture 6.5 (2012).</remarks>
public sealed unsafe class RmsProp : Optimizer
{
    private readonly double _rho, _momentum, _epsilon;

    /// <summary>An optimizer that has seen nothing yet.</summary>
    /// <param name="learningRate">Roughly the change of a weight in a step.</param>
    /// <param name="decay">How fast the rate falls: after 1 / decay steps it is half.</param>
    /// <param name="rho">What the mean squared gradient keeps in a step, 0 to 1.</param>
    /// <param name="momentum">Share of the last change that is made again, 0 to 1.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="level">The instruction set, or null for <see cref="Simd.Level"/>.</param>
    public RmsProp(double learningRate = 0.001, double decay = 0, double rho = 0.9, double momentum = 0, double epsilon = 1e-7,
        SimdLevel? level = null)
        : base(learningRate, decay, 2, level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(momentum, 1);
        (_rho, _momentum, _epsilon) = (rho, momentum, epsilon);
    }

    private protected override void Update(Weights weights, double rate) => Elementwise.Run(
        new Kernel
        {
            Weight = weights.Value,
            Gradient = weights.Gradient,
            Square = weights.First,
            Change = weights.Second,
            Rate = (float)rate,
            Rho = (float)_rho,
            Rest = (float)(1 - _rho),
            Momentum = (float)_momentum,
            Epsilon = (float)_epsilon,
        },
        weights.Length, Level);

    private struct Kernel : IElementKernel
    {
        public float* Weight, Gradient, Square, Change;
        public float Rate, Rho, Rest, Momentum, Epsilon;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector g = TLanes.Load(Gradient + i);
            TVector v = TLanes.MultiplyAdd(TLanes.Broadcast(Rho), TLanes.Load(Square + i),
                TLanes.Multiply(TLanes.Broadcast(Rest), TLanes.Multiply(g, g)));
            TLanes.Store(v, Square + i);
            TVector step = TLanes.Divide(TLanes.Multiply(TLanes.Broadcast(Rate), g), TLanes.Sqrt(TLanes.Add(v, TLanes.Broadcast(Epsilon))));
            TVector change = TLanes.MultiplyAdd(TLanes.Broadcast(Momentum), TLanes.Load(Change + i), step);
            TLanes.Store(change, Change + i);
            TLanes.Store(TLanes.Subtract(TLanes.Load(Weight + i), change), Weight + i);
        }
    }
}
