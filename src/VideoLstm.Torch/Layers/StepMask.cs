using static TorchSharp.torch;

namespace VideoLstm.Torch.Layers;

/// <summary>
/// Which steps of the sequences of a batch are real. A recurrent layer repeats its state at the others; to let torch compute all steps in
/// one call, the real ones are moved to the front before, and each step takes the output of the last real one behind.
/// Its tensors live as long as the scope in which they are asked for first.
/// </summary>
internal sealed class StepMask
{
    private readonly bool[] _real;
    private readonly int _batch, _time;
    private readonly Device _device;
    private readonly (Tensor Order, Tensor Last, Tensor Any)?[] _steps = new (Tensor, Tensor, Tensor)?[2];
    private Tensor? _hidden, _empty;

    /// <summary>A mask.</summary>
    /// <param name="real"><c>[batch, time]</c>.</param>
    /// <param name="batch">Sequences.</param>
    /// <param name="device">Where its tensors are.</param>
    public StepMask(ReadOnlySpan<bool> real, int batch, Device device) =>
        (_real, _batch, _time, _device) = (real.ToArray(), batch, real.Length / batch, device);

    /// <summary><c>[batch, time]</c>: steps that are not real.</summary>
    public Tensor Hidden => _hidden ??= HostTensor.Send<bool>(Array.ConvertAll(_real, r => !r), [_batch, _time], @bool, _device);

    /// <summary><c>[batch, 1]</c>: sequences without any real step.</summary>
    public Tensor Empty => _empty ??= HostTensor.Send<bool>(
        [.. Enumerable.Range(0, _batch).Select(b => !_real.AsSpan(b * _time, _time).Contains(true))], [_batch, 1], @bool, _device);

    /// <summary>How the steps are moved to the front and back.</summary>
    /// <param name="reversed">Of the sequences read from their ends.</param>
    /// <returns>
    /// <c>[batch, time, 1]</c> each: which step comes to each place, real ones first; at which place is the last real step that is not
    /// behind a step; and 1, or 0 where there is none.
    /// </returns>
    public (Tensor Order, Tensor Last, Tensor Any) Steps(bool reversed) => _steps[reversed ? 1 : 0] ??= MakeSteps(reversed);

    private (Tensor Order, Tensor Last, Tensor Any) MakeSteps(bool reversed)
    {
        long[] order = new long[_real.Length], last = new long[_real.Length];
        float[] any = new float[_real.Length];
        for (int b = 0; b < _batch; b++)
        {
            bool[] real = _real[(b * _time)..((b + 1) * _time)];
            if (reversed)
                Array.Reverse(real);
            int count = 0, behind = real.Count(r => r);
            for (int t = 0; t < _time; t++)
            {
                order[b * _time + (real[t] ? count++ : behind++)] = t;
                last[b * _time + t] = Math.Max(0, count - 1);
                any[b * _time + t] = count > 0 ? 1 : 0;
            }
        }
        long[] shape = [_batch, _time, 1];
        return (Send<long>(order, int64), Send<long>(last, int64), Send<float>(any, float32));

        Tensor Send<T>(T[] values, ScalarType type)
            where T : unmanaged => HostTensor.Send<T>(values, shape, type, _device);
    }
}
