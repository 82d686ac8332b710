using VideoLstm.Numerics;

namespace VideoLstm.Core.Samples;

/// <summary>
/// From frames to what a network sees of them, RGB pictures <c>[height, width, 3]</c> in any case: grey ones have three equal values.
/// Differences and flow are between neighbours in the sequence, as keras-video-generators' OpticalFlowGenerator has them, so they
/// take a frame more than they give pictures.
/// </summary>
internal static class InputPictures
{
    // ITU-R BT.601, in units of 2^-15, as OpenCV has them.
    private const int RedWeight = 9798, GreenWeight = 19235, BlueWeight = 3735, WeightBits = 15;

    /// <summary>How many frames make so many pictures.</summary>
    public static int FramesFor(FrameInput input, int pictures) => input is FrameInput.Rgb or FrameInput.Gray ? pictures : pictures + 1;

    /// <summary>Makes the pictures, several at once on several threads.</summary>
    /// <param name="input">What is to be seen.</param>
    /// <param name="frames">The frames, RGB <c>[height, width, 3]</c> each, as many as <see cref="FramesFor"/> says.</param>
    /// <param name="height">Their height, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <returns>The pictures; the frames themselves where these are what is seen.</returns>
    public static byte[][] Make(FrameInput input, byte[][] frames, int height, int width)
    {
        foreach (byte[] frame in frames)
            ArgumentOutOfRangeException.ThrowIfNotEqual(frame.Length, height * width * 3, nameof(frames));
        if (input == FrameInput.Rgb)
            return frames;
        if (input == FrameInput.Flow)
            return FlowPictures(frames, height, width);
        if (input is FrameInput.FlowMask or FrameInput.DiffMask)
        {
            byte[][] masks = Make(input == FrameInput.FlowMask ? FrameInput.Flow : FrameInput.Diff, frames, height, width);
            Workers.For(masks.Length, i => MaskedFrame.Make(frames[i], frames[i + 1], masks[i], width));
            return masks;
        }

        byte[][] gray = Gray(frames);
        if (input == FrameInput.Gray)
            return [.. gray.Select(Spread)];
        var pictures = new byte[Math.Max(frames.Length - 1, 0)][];
        Workers.For(pictures.Length, i => pictures[i] = Spread(Difference(gray[i], gray[i + 1])));
        return pictures;
    }

    /// <summary>Luma of a frame.</summary>
    /// <param name="rgb">The frame, RGB <c>[height, width, 3]</c>.</param>
    /// <returns><c>[height, width]</c>.</returns>
    public static byte[] Gray(ReadOnlySpan<byte> rgb)
    {
        var gray = new byte[rgb.Length / 3];
        for (int i = 0; i < gray.Length; i++)
        {
            ReadOnlySpan<byte> pixel = rgb.Slice(i * 3, 3);
            gray[i] = (byte)((pixel[0] * RedWeight + pixel[1] * GreenWeight + pixel[2] * BlueWeight
                + (1 << (WeightBits - 1))) >> WeightBits);
        }
        return gray;
    }

    /// <summary>
    /// Paints a flow: hue 0 (red) moves right, 90 down, 180 left, 270 up; the stillest pixel of the picture is black, the fastest bright.
    /// Where these differ by under a pixel the picture stays darker, so that the noise of a still picture does not fill it.
    /// </summary>
    /// <param name="flow"><c>[2, height, width]</c>, pixels to the right and pixels down.</param>
    /// <param name="rgb">Filled with <c>[height, width, 3]</c>.</param>
    public static void Paint(ReadOnlySpan<float> flow, Span<byte> rgb)
    {
        int pixels = flow.Length / 2;
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, pixels * 3, nameof(rgb));
        ReadOnlySpan<float> across = flow[..pixels], down = flow[pixels..];
        var length = new float[pixels];
        (float least, float most) = (float.PositiveInfinity, 0);
        for (int i = 0; i < pixels; i++)
        {
            length[i] = MathF.Sqrt(across[i] * across[i] + down[i] * down[i]);
            (least, most) = (Math.Min(least, length[i]), Math.Max(most, length[i]));
        }
        float scale = 255 / Math.Max(most - least, 1);
        for (int i = 0; i < pixels; i++)
        {
            float value = (length[i] - least) * scale, sixth = MathF.Atan2(down[i], across[i]) * (3 / MathF.PI);
            if (sixth < 0)
                sixth += 6;
            // A full colour has one part at its value, one at 0, one between.
            int sector = Math.Min((int)sixth, 5);
            float part = sixth - sector, rising = value * part, falling = value * (1 - part);
            (float red, float green, float blue) = sector switch
            {
                0 => (value, rising, 0f),
                1 => (falling, value, 0f),
                2 => (0f, value, rising),
                3 => (0f, falling, value),
                4 => (rising, 0f, value),
                _ => (value, 0f, falling),
            };
            Span<byte> pixel = rgb.Slice(i * 3, 3);
            pixel[0] = (byte)(red + 0.5f);
            pixel[1] = (byte)(green + 0.5f);
            pixel[2] = (byte)(blue + 0.5f);
        }
    }

    private static byte[][] Gray(byte[][] frames)
    {
        var gray = new byte[frames.Length][];
        Workers.For(frames.Length, i => gray[i] = Gray(frames[i].AsSpan()));
        return gray;
    }

    private static byte[] Difference(byte[] a, byte[] b)
    {
        var difference = new byte[a.Length];
        for (int i = 0; i < difference.Length; i++)
            difference[i] = (byte)Math.Abs(a[i] - b[i]);
        return difference;
    }

    private static byte[] Spread(byte[] gray)
    {
        var rgb = new byte[gray.Length * 3];
        for (int i = 0; i < gray.Length; i++)
            rgb.AsSpan(i * 3, 3).Fill(gray[i]);
        return rgb;
    }

    // A few pairs at a time, one a thread: expansions are twelve times as large as a frame.
    private static byte[][] FlowPictures(byte[][] frames, int height, int width)
    {
        var pictures = new byte[Math.Max(frames.Length - 1, 0)][];
        var flow = new FarnebackFlow(height, width);
        int together = Math.Min(Workers.Count, pictures.Length);
        FlowExpansion[] expansions = [.. Enumerable.Range(0, together + 1).Select(_ => flow.CreateExpansion())];
        float[][] fields = [.. Enumerable.Range(0, together).Select(_ => new float[2 * height * width])];
        for (int first = 0; first < pictures.Length; first += together)
        {
            int count = Math.Min(together, pictures.Length - first), begin = first;
            int known = first == 0 ? 0 : 1;
            Workers.For(count + 1 - known, i => flow.Expand(Gray(frames[begin + known + i].AsSpan()), expansions[known + i]));
            Workers.For(count, i =>
            {
                flow.Estimate(expansions[i], expansions[i + 1], fields[i]);
                Paint(fields[i], pictures[begin + i] = new byte[height * width * 3]);
            });
            (expansions[0], expansions[count]) = (expansions[count], expansions[0]);
        }
        return pictures;
    }
}
