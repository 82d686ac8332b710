using VideoLstm.Core.Compute;
using VideoLstm.Numerics;
using static TorchSharp.torch;

namespace VideoLstm.Torch.Layers;

/// <summary>
/// A layer on a device, with Keras' semantics: <c>[batch, ...InputShape]</c> to <c>[batch, ...OutputShape]</c>, channels last. The gradient
/// is torch's.
/// </summary>
internal abstract class TorchLayer(NetworkLayer layer) : IDisposable
{
    /// <summary>Its weights, in the order of the description.</summary>
    public virtual IReadOnlyList<TorchParameter> Parameters => [];

    /// <summary>What holds the memory of its weights.</summary>
    protected virtual IEnumerable<IDisposable> Owned => Parameters;

    /// <summary>What it is.</summary>
    protected NetworkLayer Layer => layer;

    /// <summary>Computes it.</summary>
    public abstract Tensor Forward(Tensor x, TorchPass pass);

    /// <summary>Gives the memory of its weights back.</summary>
    public void Dispose()
    {
        foreach (IDisposable owned in Owned)
            owned.Dispose();
    }

    /// <summary>A tensor with dropout's mask, drawn as the CPU engine draws it.</summary>
    protected static Tensor DropoutMask(float rate, RandomSource random, Device device, params long[] shape)
    {
        float[] kept = new float[shape.Aggregate(1L, (a, b) => a * b)];
        random.FillDropoutMask(kept, rate);
        return HostTensor.Send<float>(kept, shape, float32, device);
    }

    /// <summary>The shape of a batch of samples.</summary>
    protected static long[] Batched(long batch, IEnumerable<int> sample) => [batch, .. sample.Select(s => (long)s)];
}
