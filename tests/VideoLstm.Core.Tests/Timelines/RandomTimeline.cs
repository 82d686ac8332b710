using FsCheck;
using FsCheck.Fluent;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Tests.Timelines;

/// <summary>Timelines of random frames with the most awkward names.</summary>
internal static class RandomTimeline
{
    private static readonly double[] Rates = [24000 / 1001.0, 25, 30000 / 1001.0, 30, 48, 50];

    private static readonly string[] Pieces =
    [
        "Football", "a", " ", "  ", "\n", "\r\n", "\r", "\t", "\u2060", "\u2060\u2060", "-->", "--", ">", "<", "<i>", "</b", "<c.x>", "&", "&amp;", "&lt", "&#10;", "{", "}", "{\\an8}", "\\", "\\N", "\\n", "\\h",
        ",", ";", "\"", "'", "=", "#", "[CHAPTER]", "title=x", "NOTE", "WEBVTT", "0.97", " 0.97", "1.00", "12", "00:00:01,000 --> 00:00:02,000", "😀", "e\u0301", "עברית", "\u202eabc", "\u00a0", "\u2028",
        "\u0085", "\0", "\u001b", "\ufeff", "\ud800", "%s", "/", "..", "Dialogue: 0", "unknown",
    ];

    /// <summary>Names of 1 to 6 pieces.</summary>
    public static Gen<string> Name { get; } =
        from count in Gen.Choose(1, 6)
        from pieces in Gen.ArrayOf(Gen.Elements(Pieces), count)
        select string.Concat(pieces);

    /// <summary>A rate and segments between frames of it, anywhere in twelve hours.</summary>
    public static Arbitrary<Timeline> Arbitrary { get; } = Arb.From(
        from fps in Gen.Elements(Rates)
        from count in Gen.Choose(0, 8)
        from first in Gen.Choose(0, (int)(12 * 3600 * fps))
        from steps in Gen.ArrayOf(Gen.Choose(0, 40), count)
        from lengths in Gen.ArrayOf(Gen.Choose(1, 2000), count)
        from names in Gen.ArrayOf(Name, count)
        from probabilities in Gen.ArrayOf(Gen.Choose(-200, 1000), count)
        select Make(fps, first, steps, lengths, names, probabilities));

    /// <summary>Fails unless a property holds for many timelines.</summary>
    public static void ForAll(Action<Timeline> check, int tests = 300) =>
        Prop.ForAll(Arbitrary, check).Check(Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(1, 1));

    /// <summary>Number of the frame border nearest to a time.</summary>
    public static long Frame(Timeline timeline, double seconds) => (long)Math.Round(seconds * timeline.Fps!.Value);

    private static Timeline Make(double fps, int first, int[] steps, int[] lengths, string[] names, int[] probabilities)
    {
        var segments = new List<Segment>();
        long frame = first;
        for (int i = 0; i < names.Length; i++)
        {
            long start = frame + steps[i];
            frame = start + lengths[i];
            segments.Add(new Segment(start / fps, frame / fps, names[i], probabilities[i] < 0 ? null : probabilities[i] / 1000.0));
        }
        return new Timeline { Video = "a \"b\".mp4", Fps = fps, Frames = frame + 10, Segments = segments };
    }
}
