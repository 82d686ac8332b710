namespace VideoLstm.Core.Compute;

/// <summary>The largest value of each channel of a picture: <c>[height, width, channels]</c> to <c>[channels]</c>.</summary>
public sealed record GlobalMaxPooling2DSpec : SpatialSpec
{
    /// <inheritdoc/>
    public override string Kind => "global_max_pooling2d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return [.. input.SkipLast(3), input[^1]];
    }
}
