using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>Between spans in .NET's memory and tensors.</summary>
internal static class HostTensor
{
    /// <summary>A tensor in the host's memory with a copy of values.</summary>
    public static Tensor Of(ReadOnlySpan<byte> values, long[] shape, ScalarType type, bool pinned = false)
    {
        Tensor host = Empty(shape, type, pinned);
        values.CopyTo(host.bytes);
        return host;
    }

    /// <summary>A tensor in the host's memory, of any values.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="type">Its type.</param>
    /// <param name="pinned">Whether a card may read it while the program goes on.</param>
    public static Tensor Empty(long[] shape, ScalarType type, bool pinned)
    {
        Tensor host = empty(shape, type, CPU);
        if (!pinned)
            return host;
        using (host)
            return host.pin_memory();
    }

    /// <summary>Values that go to a device.</summary>
    public static Tensor Send<T>(ReadOnlySpan<T> values, long[] shape, ScalarType type, Device device)
        where T : unmanaged
    {
        bool isCard = device.type == DeviceType.CUDA;
        Tensor host = Of(MemoryMarshal.AsBytes(values), shape, type, isCard);
        return isCard ? host.to(device, non_blocking: true) : host;
    }

    /// <summary>A tensor's floats, row by row: a copy.</summary>
    public static float[] ToArray(Tensor tensor)
    {
        float[] values = new float[tensor.numel()];
        CopyTo(tensor, values);
        return values;
    }

    /// <summary>Copies a tensor's floats, row by row.</summary>
    public static void CopyTo(Tensor tensor, Span<float> values)
    {
        using DisposeScope scope = NewDisposeScope();
        MemoryMarshal.Cast<byte, float>(tensor.detach().cpu().contiguous().bytes).CopyTo(values);
    }
}
