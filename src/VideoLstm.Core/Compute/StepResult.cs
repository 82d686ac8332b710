namespace VideoLstm.Core.Compute;

/// <summary>What a step made of its batch, before it changed anything.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Correct">Samples whose likeliest class is the right one.</param>
public readonly record struct StepResult(float Loss, int Correct)
{
    /// <summary>Samples whose class is among the <see cref="Numerics.Layers.SoftmaxCrossEntropy.Top"/> likeliest.</summary>
    public int CorrectInTop { get; init; }
}
