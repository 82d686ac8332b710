using TorchSharp;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>How the values of a parameter, which files hold in Keras' layout, lie in the tensors that torch computes with.</summary>
/// <param name="ToTorch">From one tensor in Keras' layout to torch's, which may be views of it.</param>
/// <param name="ToKeras">The way back.</param>
internal sealed record ParameterLayout(Func<Tensor, Tensor[]> ToTorch, Func<Tensor[], Tensor> ToKeras)
{
    /// <summary>The same.</summary>
    public static ParameterLayout Same { get; } = new(keras => [keras], torch => torch[0]);

    /// <summary>Gates z, r, h next to each other in a bias <c>[2, 3 · units]</c>, and torch's r, z, n in two biases.</summary>
    public static ParameterLayout GruBias { get; } = new(
        keras => [.. keras.unbind(0).Select(SwapGates)], torch => stack([.. torch.Select(SwapGates)]));

    /// <summary>Gates z, r, h in the columns of a kernel, and torch's r, z, n in the rows of its transposed.</summary>
    public static ParameterLayout GruKernel { get; } = new(keras => [SwapGates(keras.t())], torch => SwapGates(torch[0]).t());

    /// <summary>Other places of the dimensions.</summary>
    /// <param name="order">Which of Keras' dimensions stands at each place of torch's.</param>
    public static ParameterLayout Permuted(params long[] order)
    {
        long[] back = [.. order.Index().OrderBy(p => p.Item).Select(p => (long)p.Index)];
        return new(keras => [keras.permute(order)], torch => torch[0].permute(back));
    }

    private static Tensor SwapGates(Tensor rows)
    {
        Tensor[] gates = rows.chunk(3, 0);
        return cat([gates[1], gates[0], gates[2]], 0);
    }
}
