using System.Runtime.CompilerServices;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Optimizers;

/// <summary>
/// Gradient descent as Keras computes it: v = momentum v - rate g, and weight += v; with Nesterov's momentum
/// weight += momentum v - rate g, by the new v. The rate falls to rate / (1 + decay (t - 1)) at step t.
/// </summary>
/// <remarks>I. Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013).</remarks>
public sealed unsafe class Sgd : Optimizer
{
    private readonly double _momentum;
    private readonly bool _nesterov;

    /// <summary>An optimizer that has seen nothing yet.</summary>
    /// <param name="learningRate">What a gradient is multiplied by.</param>
    /// <param name="decay">How fast the rate falls: after 1 / decay steps it is half.</param>
    /// <param name="momentum">Share of the last change that is made again, 0 to 1.</param>
    /// <param name="nesterov">Look ahead by the momentum.</param>
    /// <param name="level">The instruction set, or null for <see cref="Simd.Level"/>.</param>
    public Sgd(double learningRate = 0.01, double decay = 0, double momentum = 0, bool nesterov = false, SimdLevel? level = null)
        : base(learningRate, decay, 1, level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(momentum, 1);
        (_momentum, _nesterov) = (momentum, nesterov);
    }

    private protected override void Update(Weights weights, double rate) => Elementwise.Run(
        new Kernel
        {
            Weight = weights.Value,
            Gradient = weights.Gradient,
            Velocity = weights.First,
            Rate = (float)rate,
            Momentum = (float)_momentum,
            Nesterov = _nesterov,
        },
        weights.Length, Level);

    private struct Kernel : IElementKernel
    {
        public float* Weight, Gradient, Velocity;
        public float Rate, Momentum;
        public bool Nesterov;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector momentum = TLanes.Broadcast(Momentum), step = TLanes.Multiply(TLanes.Broadcast(Rate), TLanes.Load(Gradient + i));
            TVector velocity = TLanes.Subtract(TLanes.Multiply(momentum, TLanes.Load(Velocity + i)), step);
            TLanes.Store(velocity, Velocity + i);
            TVector change = Nesterov ? TLanes.Subtract(TLanes.Multiply(momentum, velocity), step) : velocity;
            TLanes.Store(TLanes.Add(TLanes.Load(Weight + i), change), Weight + i);
        }
    }
}
