using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>ActivationFunctions and their gradients, element by element.</summary>
internal static unsafe class ActivationFunctions
{
    /// <summary>y = activation(x). y may be x.</summary>
    public static void Forward(float* x, float* y, int count, Activation activation, SimdLevel level)
    {
        switch (activation)
        {
            case Activation.Relu:
                Elementwise.Run(new Kernel<One>(x, y), count, level);
                break;
            case Activation.Relu6:
                Elementwise.Run(new Kernel<Two>(x, y), count, level);
                break;
            case Activation.Tanh:
                Elementwise.Run(new Kernel<Three>(x, y), count, level);
                break;
            case Activation.Sigmoid:
                Elementwise.Run(new Kernel<Four>(x, y), count, level);
                break;
        }
    }

    /// <summary>dx = dy · the derivative, which follows from y. dx may be dy.</summary>
    public static void Backward(float* y, float* dy, float* dx, int count, Activation activation, SimdLevel level)
    {
        switch (activation)
        {
            case Activation.Relu:
                Elementwise.Run(new GradientKernel<One>(y, dy, dx), count, level);
                break;
            case Activation.Relu6:
                Elementwise.Run(new GradientKernel<Two>(y, dy, dx), count, level);
                break;
            case Activation.Tanh:
                Elementwise.Run(new GradientKernel<Three>(y, dy, dx), count, level);
                break;
            case Activation.Sigmoid:
                Elementwise.Run(new GradientKernel<Four>(y, dy, dx), count, level);
                break;
        }
    }

    /// <typeparam name="TActivation">The number of an <see cref="Activation"/>, so that each is compiled by itself.</typeparam>
    private readonly struct Kernel<TActivation>(float* source, float* target) : IElementKernel
        where TActivation : struct, IConstant
    {
        private readonly float* _source = source, _target = target;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector x = TLanes.Load(_source + i), zero = TLanes.Broadcast(0f);
            TVector y = (Activation)TActivation.Value switch
            {
                Activation.Relu => TLanes.Max(zero, x),
                Activation.Relu6 => Transcendental.Min<TVector, TLanes>(TLanes.Broadcast(6f), TLanes.Max(zero, x)),
                Activation.Tanh => Transcendental.Tanh<TVector, TLanes>(x),
                _ => Transcendental.Sigmoid<TVector, TLanes>(x),
            };
            TLanes.Store(y, _target + i);
        }
    }

    /// <inheritdoc cref="Kernel{TActivation}"/>
    private readonly struct GradientKernel<TActivation>(float* output, float* gradient, float* target) : IElementKernel
        where TActivation : struct, IConstant
    {
        private readonly float* _output = output, _gradient = gradient, _target = target;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector one = TLanes.Broadcast(1f), zero = TLanes.Broadcast(0f), y = TLanes.Load(_output + i), dy = TLanes.Load(_gradient + i);
            TVector dx = (Activation)TActivation.Value switch
            {
                Activation.Relu => TLanes.IfLess(zero, y, dy, zero),
                Activation.Relu6 => TLanes.IfLess(zero, y, TLanes.IfLess(y, TLanes.Broadcast(6f), dy, zero), zero),
                Activation.Tanh => TLanes.Multiply(dy, TLanes.Subtract(one, TLanes.Multiply(y, y))),
                _ => TLanes.Multiply(dy, TLanes.Multiply(y, TLanes.Subtract(one, y))),
            };
            TLanes.Store(dx, _target + i);
        }
    }
}
