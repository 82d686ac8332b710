namespace VideoLstm.Numerics.Layers;

/// <summary>What a layer is told of a pass over a batch.</summary>
/// <param name="Batch">Samples.</param>
/// <param name="Dropout">
/// Where dropout and the like draw from; null outside of training, which also makes batch normalization use its moving statistics.
/// </param>
/// <param name="Mask">
/// <c>[batch, time]</c>: which steps of each sequence are real, as Keras' masks; null: all. Steps that are not change
/// nothing that comes after.
/// </param>
/// <param name="Step">In training: steps that were taken before.</param>
public readonly record struct Pass(int Batch, RandomSource? Dropout = null, bool[]? Mask = null, long Step = 0)
{
    /// <summary>Whether the network learns from this pass.</summary>
    public bool Training => Dropout is not null;

    /// <summary>Whether a step counts.</summary>
    /// <param name="step">Its place in the batch: sample · time + t.</param>
    public bool IsReal(int step) => Mask is null || Mask[step];

    /// <summary>How many steps of a sample count.</summary>
    /// <param name="sample">From 0.</param>
    /// <param name="time">Steps of each sample.</param>
    public int CountReal(int sample, int time) => Mask is null ? time : Mask.AsSpan(sample * time, time).Count(true);
}
