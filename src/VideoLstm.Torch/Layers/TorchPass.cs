using VideoLstm.Numerics;

namespace VideoLstm.Torch.Layers;

/// <summary>What a layer is told of a pass over a batch.</summary>
/// <param name="Batch">Samples.</param>
/// <param name="Random">Where dropout draws from; null outside of training.</param>
/// <param name="Mask">Which steps are real; null: all.</param>
/// <param name="Step">In training: steps that were taken before.</param>
internal sealed record TorchPass(int Batch, RandomSource? Random, StepMask? Mask, long Step = 0)
{
    /// <summary>Whether the network learns from this pass.</summary>
    public bool Training => Random is not null;
}
