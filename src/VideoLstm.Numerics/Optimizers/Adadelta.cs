using System.Runtime.CompilerServices;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Optimizers;

/// <summary>
/// Adadelta as Keras computes it: a = rho a + (1 - rho) g², step = g sqrt(d + epsilon) / sqrt(a + epsilon), d = rho d + (1 - rho) step²,
/// weight -= rate step. The rate falls to rate / (1 + decay (t - 1)) at step t.
/// </summary>
/// <remarks>M. Zeiler, "ADADELTA: An Adaptive Learning Rate Method" (2012), whose rate is 1.</remarks>
public sealed unsafe class Adadelta : Optimizer
{
    private readonly double _rho, _epsilon;

    /// <summary>An optimizer that has seen nothing yet.</summary>
    /// <param name="learningRate">What its step is multiplied by.</param>
    /// <param name="decay">How fast the rate falls: after 1 / decay steps it is half.</param>
    /// <param name="rho">What the two means keep in a step, 0 to 1.</param>
    /// <param name="epsilon">Added to them below the root.</param>
    /// <param name="level">The instruction set, or null for <see cref="Simd.Level"/>.</param>
    public Adadelta(double learningRate = 0.001, double decay = 0, double rho = 0.95, double epsilon = 1e-7, SimdLevel? level = null)
        : base(learningRate, decay, 2, level) => (_rho, _epsilon) = (rho, epsilon);

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
            Epsilon = (float)_epsilon,
        },
        weights.Length, Level);

    private struct Kernel : IElementKernel
    {
        public float* Weight, Gradient, Square, Change;
        public float Rate, Rho, Rest, Epsilon;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector rho = TLanes.Broadcast(Rho), rest = TLanes.Broadcast(Rest), epsilon = TLanes.Broadcast(Epsilon);
            TVector g = TLanes.Load(Gradient + i), d = TLanes.Load(Change + i);
            TVector a = TLanes.MultiplyAdd(rho, TLanes.Load(Square + i), TLanes.Multiply(rest, TLanes.Multiply(g, g)));
            TLanes.Store(a, Square + i);
            TVector step = TLanes.Divide(TLanes.Multiply(g, TLanes.Sqrt(TLanes.Add(d, epsilon))), TLanes.Sqrt(TLanes.Add(a, epsilon)));
            TLanes.Store(TLanes.MultiplyAdd(rho, d, TLanes.Multiply(rest, TLanes.Multiply(step, step))), Change + i);
            TLanes.Store(TLanes.Subtract(TLanes.Load(Weight + i), TLanes.Multiply(TLanes.Broadcast(Rate), step)), Weight + i);
        }
    }
}
