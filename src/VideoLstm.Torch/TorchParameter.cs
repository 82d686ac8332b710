using System.Runtime.InteropServices;
using TorchSharp;
using VideoLstm.Core.Compute;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>Weights of a layer as torch has them.</summary>
/// <param name="spec">What they are.</param>
/// <param name="layout">How they lie in the tensors.</param>
/// <param name="tensors">On the device; they live as long as the network.</param>
internal sealed class TorchParameter(ParameterSpec spec, ParameterLayout layout, params Tensor[] tensors) : IDisposable
{
    /// <summary>Name, shape in Keras' layout, and whether training changes them.</summary>
    public ParameterSpec Spec => spec;

    /// <summary>What torch computes with.</summary>
    public IReadOnlyList<Tensor> Tensors => tensors;

    /// <summary>Weights of one tensor that is made for them.</summary>
    public static TorchParameter Create(ParameterSpec spec, ParameterLayout layout, Device device, float value = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable without = no_grad();
        Tensor keras = full([.. spec.Shape.Select(s => (long)s)], value, float32, device);
        Tensor[] tensors = layout.ToTorch(keras);
        foreach (ref Tensor tensor in tensors.AsSpan())
        {
            tensor = tensor.detach().clone().contiguous().DetachFromDisposeScope();
            tensor.requires_grad = spec.Trainable;
        }
        return new TorchParameter(spec, layout, tensors);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in tensors)
            tensor.Dispose();
    }

    /// <summary>Takes values in Keras' layout.</summary>
    public void Load(ReadOnlySpan<float> values) => Load(values, tensors);

    /// <summary>The values in Keras' layout: a copy.</summary>
    public float[] Save() => Save(tensors);

    /// <summary>Fills tensors like these, an optimizer's memory of them.</summary>
    public void Load(ReadOnlySpan<float> values, IReadOnlyList<Tensor> targets)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable without = no_grad();
        Tensor host = HostTensor.Of(MemoryMarshal.AsBytes(values), [.. spec.Shape.Select(s => (long)s)], float32);
        foreach ((Tensor source, Tensor target) in layout.ToTorch(host.to(targets[0].device)).Zip(targets))
            target.copy_(source);
    }

    /// <summary>The values of tensors like these in Keras' layout: a copy.</summary>
    public float[] Save(IReadOnlyList<Tensor> sources)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable without = no_grad();
        return HostTensor.ToArray(layout.ToKeras([.. sources]));
    }
}
