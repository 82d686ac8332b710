using VideoLstm.Core.Classification;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Reports;

/// <summary>
/// A labelled video as a small moving picture: frames spread evenly over it, each under its label, 10 a second, as to_gif of Keras'
/// examples shows a clip.
/// </summary>
internal static class LabelledGif
{
    /// <summary>Frames at most.</summary>
    public const int MostFrames = 100;

    private const int Rate = 10, LongerSide = 320, Smallest = 16, Heading = 26, TextSize = 16, Margin = 6;
    private const byte Paper = 250;

    /// <summary>Writes the picture, whole or not at all.</summary>
    /// <param name="output">The file.</param>
    /// <param name="video">The video.</param>
    /// <param name="labelled">How it was labelled.</param>
    /// <param name="ct">Stops the work; nothing stays.</param>
    /// <exception cref="InputException">It cannot be written, or no frame can be read.</exception>
    public static void Write(string output, string video, VideoClassification labelled, CancellationToken ct)
    {
        VideoInfo info = VideoProbe.Read(video, ct);
        double scale = (double)LongerSide / Math.Max(info.Width, info.Height);
        int height = Math.Max(Smallest, (int)Math.Round(info.Height * scale)),
            width = Math.Max(Smallest, (int)Math.Round(info.Width * scale));
        long count = labelled.Timing.Frames;
        long[] chosen = FrameSampler.Indices(count, (int)Math.Min(MostFrames, count), FrameSampling.Even);
        List<byte[]> pictures = [];
        using (FrameReader reader = new FrameReader(video, height, width, frames: chosen, ct: ct))
        {
            byte[] rgb = new byte[height * width * 3];
            while (pictures.Count < chosen.Length && reader.Read(rgb, out _))
                pictures.Add(UnderHeading(rgb, width));
        }
        if (pictures.Count == 0)
            throw new InputException($"{output}: cannot be written, no frame of {video} can be read again");
        List<PictureText> texts = [];
        for (int first = 0, next; first < pictures.Count; first = next)
        {
            string label = LabelOf(labelled, chosen[first]);
            next = first + 1;
            while (next < pictures.Count && LabelOf(labelled, chosen[next]) == label)
                next++;
            texts.Add(new PictureText(label, Margin, Margin - 1, TextSize, width - 2 * Margin) { Pictures = (first, next) });
        }
        PictureFile.WriteGif(output, pictures, height + Heading, width, Rate, texts, ct);
    }

    // With its probability, where it is a class.
    private static string LabelOf(VideoClassification labelled, long frame)
    {
        (int number, ProbabilityStep step) = labelled.Steps.Index().First(s => frame < s.Item.EndFrame);
        string label = labelled.Labels[number];
        return labelled.Classes.Index().Where(c => c.Item == label).Select(c => Invariant($"{label}: {step.Probabilities[c.Index]:0.00}"))
            .FirstOrDefault(label);
    }

    private static byte[] UnderHeading(byte[] rgb, int width)
    {
        byte[] picture = new byte[Heading * width * 3 + rgb.Length];
        picture.AsSpan(0, Heading * width * 3).Fill(Paper);
        rgb.CopyTo(picture, Heading * width * 3);
        return picture;
    }
}
