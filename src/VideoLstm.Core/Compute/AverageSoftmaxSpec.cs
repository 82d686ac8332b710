namespace VideoLstm.Core.Compute;

/// <summary>
/// The mean over time of each step's softmax, as its logarithm: <c>[time, classes]</c> to <c>[classes]</c>. With the softmax behind a
/// network it makes the mean of the answers that the layers before give to each step by itself.
/// </summary>
/// <remarks>K. Simonyan, A. Zisserman, "Two-Stream Convolutional Networks for Action Recognition in Videos" (2014): the scores of a
/// video are the means of those of its frames.</remarks>
public sealed record AverageSoftmaxSpec : LayerSpec
{
    /// <inheritdoc/>
    public override string Kind => "average_softmax";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckSequence(input);
        return [input[1]];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => false;
}
