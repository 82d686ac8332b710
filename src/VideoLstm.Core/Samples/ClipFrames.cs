using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Samples;

/// <summary>All that a network sees of a clip, in memory: its chosen frames, transformed, as pictures of the chosen kind.</summary>
public static class ClipFrames
{
    /// <summary>Reads the frames that stand for a clip.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="spec">Frames wanted, their size and sampling.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <returns>The frames, RGB <c>[height, width, 3]</c> each.</returns>
    /// <exception cref="InputException">The clip is missing, damaged, or shorter than the sequence, or the sampling is not of one sequence
    /// a clip.</exception>
    public static byte[][] Read(DataFolder data, Clip clip, SequenceSpec spec, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Sampling == FrameSampling.Sliding)
            throw new InputException(
                "sliding sampling makes many sequences of a clip, where one for the whole clip is wanted; take even, stride or head");
        if (clip.Frames < spec.Length)
            throw new InputException(
                $"{clip.Label}: {clip.Frames} frames, {spec.Length} are needed; take a longer clip or a smaller seq_length");
        return Read(SequenceSource.Find(data, clip), clip, FrameSampler.Indices(clip.Frames, spec.Length, spec.Sampling), spec, ct);
    }

    /// <summary>Reads chosen frames of a clip, to its end, and refuses it if it is damaged.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="chosen">Numbers of the frames, rising.</param>
    /// <param name="spec">Their size.</param>
    /// <param name="ct">Stops the reading.</param>
    internal static byte[][] Read(SequenceSource source, Clip clip, long[] chosen, SequenceSpec spec, CancellationToken ct)
    {
        using FrameReader reader = source.Open(chosen, spec, threads: 0, ct);
        var frames = new byte[chosen.Length][];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = new byte[spec.Height * spec.Width * 3];
            if (!reader.Read(frames[i], out _))
                throw new InputException(
                    $"{clip.Label}: ended after {i} of {chosen.Length} chosen frames, data_file.csv says it has {clip.Frames}",
                    Remedy.ExtractFilesAgain);
        }
        // A decoder tells of damage only at the end of its input.
        reader.ReadToEnd();
        _ = source.Accept(reader, clip, ct);
        return frames;
    }

    /// <summary>Reads a clip and makes of it what a network sees.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="spec">Pictures wanted, their size and sampling.</param>
    /// <param name="input">What is to be seen.</param>
    /// <param name="transform">Applied to the frames first; null for none.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <returns><see cref="SequenceSpec.Length"/> pictures, RGB <c>[height, width, 3]</c> each.</returns>
    /// <exception cref="InputException">The clip is missing, damaged, or shorter than the sequence, or the sampling is not of one sequence
    /// a clip.</exception>
    public static byte[][] ReadInput(
        DataFolder data, Clip clip, SequenceSpec spec, FrameInput input, FrameTransform? transform = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        byte[][] frames = Read(data, clip, spec with { Length = InputPictures.FramesFor(input, spec.Length) }, ct);
        return InputPictures.Make(input, transform?.Apply(frames, spec.Height, spec.Width) ?? frames, spec.Height, spec.Width);
    }
}
