using VideoLstm.Numerics;

namespace VideoLstm.Core.Samples;

/// <summary>What of the frames of clips a network learns from that has no extractor before it.</summary>
/// <param name="Sequences">Pictures of a sample, their size, and which frames they are made of.</param>
/// <param name="Input">What is seen of the frames.</param>
/// <param name="Scale">From bytes to numbers: byte · scale + offset.</param>
/// <param name="Offset">See <paramref name="Scale"/>.</param>
public sealed record FrameSpec(SequenceSpec Sequences, FrameInput Input, float Scale, float Offset)
{
    /// <summary>Frames that make the pictures of a sample.</summary>
    public int FrameCount => InputPictures.FramesFor(Input, Sequences.Length);

    /// <summary>The same, counted in frames.</summary>
    public SequenceSpec Frames => Sequences with { Length = FrameCount };

    /// <summary>Pictures as numbers.</summary>
    /// <param name="pictures">RGB <c>[height, width, 3]</c> each, at most <see cref="SequenceSpec.Length"/>.</param>
    /// <param name="x"><c>[length, height, width, 3]</c>, filled; zeros behind the pictures.</param>
    public void ToFloats(IReadOnlyList<byte[]> pictures, Memory<float> x)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        int size = Sequences.Height * Sequences.Width * 3;
        Workers.For(pictures.Count, i =>
        {
            Span<float> target = x.Span.Slice(i * size, size);
            ReadOnlySpan<byte> picture = pictures[i];
            for (int j = 0; j < picture.Length; j++)
                target[j] = picture[j] * Scale + Offset;
        });
        x.Span[(pictures.Count * size)..].Clear();
    }
}
