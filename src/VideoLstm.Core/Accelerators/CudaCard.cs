namespace VideoLstm.Core.Accelerators;

/// <summary>A graphics card of NVIDIA, as its driver describes it.</summary>
/// <param name="Index">Its number among those that this process may see, from 0.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Memory">Bytes that it has.</param>
/// <param name="Capability">Its compute capability: which code runs on it.</param>
public sealed record CudaCard(int Index, string Name, long Memory, Version Capability)
{
    private const double Gibibyte = 1 << 30;

    /// <summary>Name and memory.</summary>
    public override string ToString() => Invariant($"{Name}, {Memory / Gibibyte:0.0} GiB");
}
