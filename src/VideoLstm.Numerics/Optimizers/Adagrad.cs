using System.Runtime.CompilerServices;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Optimizers;

/// <summary>
/// Adagrad as Keras 3 computes it: a += g², from <see cref="InitialAccumulator"/> on, and weight -= rate g / sqrt(a + epsilon). (PyTorch
/// adds its epsilon to the root.) The rate falls to rate / (1 + decay (t - 1)) at step t.
/// </summary>
/// <remarks>J. Duchi, E. Hazan, Y. Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization" (2011).</remarks>
public sealed unsafe class Adagrad : Optimizer
{
    /// <summary>Keras' initial_accumulator_value: the sum of squares before the first step.</summary>
    public const float InitialAccumulator = 0.1f;

    private readonly double _epsilon;

    /// <summary>An optimizer that has seen nothing yet.</summary>
    /// <param name="learningRate">The change of a weight in its first step, if its gradient is large.</param>
    /// <param name="decay">How fast the rate falls besides: after 1 / decay steps it is half.</param>
    /// <param name="epsilon">Added to the sum of squares.</param>
    /// <param name="level">The instruction set, or null for <see cref="Simd.Level"/>.</param>
    public Adagrad(double learningRate = 0.001, double decay = 0, double epsilon = 1e-7, SimdLevel? level = null)
        : base(learningRate, decay, 1, level) => _epsilon = epsilon;

    private protected override float InitialState => InitialAccumulator;

    private protected override void Update(Weights weights, double rate) => Elementwise.Run(
        new Kernel
        {
            Weight = weights.Value,
            Gradient = weights.Gradient,
            Squares = weights.First,
            Rate = (float)rate,
            Epsilon = (float)_epsilon,
        },
        weights.Length, Level);

    private struct Kernel : IElementKernel
    {
        public float* Weight, Gradient, Squares;
        public float Rate, Epsilon;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector g = TLanes.Load(Gradient + i), a = TLanes.MultiplyAdd(g, g, TLanes.Load(Squares + i));
            TLanes.Store(a, Squares + i);
            TVector step = TLanes.Divide(TLanes.Multiply(TLanes.Broadcast(Rate), g), TLanes.Sqrt(TLanes.Add(a, TLanes.Broadcast(Epsilon))));
            TLanes.Store(TLanes.Subtract(TLanes.Load(Weight + i), step), Weight + i);
        }
    }
}
