namespace VideoLstm.Core.Compute;

/// <summary>Where in a file a tensor is.</summary>
/// <param name="Entry">Its name there; null: it is not there, and has the same value everywhere.</param>
/// <param name="Shape">Its shape there.</param>
internal sealed record StoredTensor(string? Entry, IReadOnlyList<long> Shape)
{
    /// <summary>One as the network has it.</summary>
    public StoredTensor(string? entry, ParameterSpec parameter)
        : this(entry, [.. parameter.Shape])
    {
    }

    /// <summary>From the order of the file to that of the network; null: they are the same.</summary>
    public Func<float[], float[]>? Convert { get; init; }

    /// <summary>The value of one that is not there.</summary>
    public float Fill { get; init; }
}
