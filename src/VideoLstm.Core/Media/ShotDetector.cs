using System.Numerics.Tensors;

namespace VideoLstm.Core.Media;

/// <summary>
/// Finds where one shot of a video becomes another, while its frames go by: hard cuts, fades through black, and dissolves. It keeps a
/// small picture of some hundred frames, and a few bytes of every other.
/// </summary>
/// <remarks>
/// A hard cut is a change that stands out from those around it (the adaptive content detector of PySceneDetect, B. Castellano), unless
/// the picture before it comes back at once, as after a flash. A dissolve is a change over up to <see cref="Reaches"/> frames on both
/// sides between two pictures that stand still beside it, by way of their mixtures (A. Hanjalic, "Shot-boundary detection: unraveled and
/// resolved?", 2002); a camera that moves shows other pictures on its way.
/// </remarks>
/// <param name="height">Height of the frames, pixels.</param>
/// <param name="width">Their width, pixels.</param>
public sealed class ShotDetector(int height, int width)
{
    // Cells of the small picture along each side, each the mean of some dozens of pixels.
    private const int Grid = 16, Values = Grid * Grid * 3;

    // What a picture may have changed by, on a scale of 0 to 255, in the mean over its cells: that of a change that is seen at all, of two
    // pictures that are not the same, of what can be a dissolve.
    private const float LeastChange = 1.2f, OtherPicture = 10, LeastDissolve = 6;

    // A hard cut changes so much more than the frames beside it, which always change a little.
    private const float StandsOut = 3, AlwaysChanges = 0.3f;
    private const int Beside = 4, LongestFlash = 6;

    // A picture is black where hardly any cell is lighter than this.
    private const float Black = 24;
    private const int LightCells = Values / 20;

    // Frames of a fade on one side, and of the black between two, which otherwise is a shot of its own.
    private const int LongestFade = 40, LongestBlack = 40;

    // What is left of a dissolve's change beside it, and beside the straight way between both pictures.
    private const float Still = 0.45f, OffTheWay = 0.3f;

    /// <summary>Half the lengths of dissolves that are looked for, frames.</summary>
    private static readonly int[] Reaches = [4, 8, LongestReach];

    private const int LongestReach = 13;

    // Everything that decides of a frame has come by then.
    private const int Delay = LongestFade + 2 * LongestReach + 2, Kept = 256;

    private readonly int _step = Math.Max(1, Math.Min(height, width) / (8 * Grid));

    private readonly float[][] _pictures = new float[Kept][];
    private readonly List<float> _changes = [];
    private readonly List<float> _lights = [];
    private readonly List<bool> _blacks = [];
    private readonly List<long> _cuts = [];
    private readonly float[] _difference = new float[Values];
    private int _decided = 1;

    /// <summary>Numbers of the first frames of shots but the first, rising: those among the frames that are decided.</summary>
    public IReadOnlyList<long> Cuts => _cuts;

    /// <summary>Frames of which it is known whether a shot begins with them; some way behind those that were added.</summary>
    public long Decided => _decided;

    private int Frames => _changes.Count;

    /// <summary>The first of <see cref="Cuts"/> after a frame; null if there is none.</summary>
    public long? NextCut(long frame)
    {
        int index = _cuts.BinarySearch(frame + 1);
        index = index < 0 ? ~index : index;
        return index < _cuts.Count ? _cuts[index] : null;
    }

    /// <summary>Takes the next frame.</summary>
    /// <param name="rgb"><c>[height, width, 3]</c>.</param>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, height * width * 3, nameof(rgb));
        int frame = Frames;
        float[] picture = _pictures[frame % Kept] ??= new float[Values];
        Shrink(rgb, picture);
        _changes.Add(frame == 0 ? 0 : Difference(frame - 1, frame));
        _lights.Add(TensorPrimitives.Sum<float>(picture) / Values);
        _blacks.Add(picture.Count(v => v >= Black) <= LightCells);
        if (frame > Delay)
            Decide(_decided++);
    }

    /// <summary>There are no more frames: decides all that is left.</summary>
    public void Complete()
    {
        while (_decided < Frames)
            Decide(_decided++);
    }

    private void Decide(int frame)
    {
        if (IsMiddleOfFade(frame) || (!IsFade(frame) && (IsHardCut(frame) || IsMiddleOfDissolve(frame))))
            _cuts.Add(frame);
    }

    private bool IsHardCut(int frame)
    {
        float change = _changes[frame];
        if (change < LeastChange || change < StandsOut * Math.Max(Mean(frame - Beside, frame), Mean(frame + 1, frame + 1 + Beside))
            + AlwaysChanges)
            return false;
        // A flash, which begins or ends here.
        for (int i = 1; i <= LongestFlash; i++)
        {
            if ((frame + i < Frames && Difference(frame - 1, frame + i) < change / 2)
                || (frame - 1 - i >= 0 && Difference(frame - 1 - i, frame) < change / 2))
                return false;
        }
        return true;
    }

    private float Mean(int first, int end)
    {
        (first, end) = (Math.Max(first, 1), Math.Min(end, Frames));
        float sum = 0;
        for (int i = first; i < end; i++)
            sum += _changes[i];
        return first < end ? sum / (end - first) : 0;
    }

    private bool IsMiddleOfDissolve(int frame) => Array.Exists(Reaches, reach => IsMiddleOfDissolve(frame, reach));

    private bool IsMiddleOfDissolve(int frame, int reach)
    {
        (int before, int after) = (frame - reach, frame + reach);
        if (before - reach < 0 || after + reach >= Frames || Difference(before, after) is var change && change < LeastDissolve)
            return false;
        if (Math.Max(Difference(before - reach, before), Difference(after, after + reach)) > Still * change)
            return false;
        // Where the change is largest.
        for (int i = -reach; i <= reach; i++)
        {
            if (frame + i - reach >= 0 && frame + i + reach < Frames
                && Difference(before + i, after + i) is var other && (other > change || (other == change && i < 0)))
                return false;
        }
        for (int i = frame - 2 * reach; i <= frame + 2 * reach; i++)
        {
            if (i > 0 && (IsFade(i) || IsHardCut(i)))
                return false;
        }
        return (_cuts.Count == 0 || frame - _cuts[^1] > 2 * reach) && IsMixture(before, after, change);
    }

    // Whether all pictures between two lie on the straight way from one to the other.
    private bool IsMixture(int before, int after, float change)
    {
        float[] from = Picture(before);
        Span<float> way = stackalloc float[Values], step = stackalloc float[Values];
        TensorPrimitives.Subtract(Picture(after), from, way);
        float length = TensorPrimitives.SumOfSquares<float>(way);
        for (int i = before + 1; i < after; i++)
        {
            TensorPrimitives.Subtract(Picture(i), from, step);
            TensorPrimitives.MultiplyAdd(way, -TensorPrimitives.Dot<float>(step, way) / length, step, step);
            if (TensorPrimitives.SumOfMagnitudes<float>(step) / Values >= OffTheWay * change)
                return false;
        }
        return true;
    }

    // The middle of what is black for a short time between two pictures, or the begin and end of what is black for long.
    private bool IsMiddleOfFade(int frame)
    {
        (int start, int end) = BlackAround(frame);
        if (start == end)
            return frame > 0 && _blacks[frame - 1] && BlackAround(frame - 1) is var (s, e) && e - s > LongestBlack;
        if (end - start > LongestBlack)
            return frame == start && frame > 0;
        if (frame != (start + end) / 2 || start == 0 || end == Frames)
            return false;
        int before = start - 1, after = end;
        while (before > 0 && start - before < LongestFade && _lights[before - 1] > _lights[before] + AlwaysChanges)
            before--;
        while (after < Frames - 1 && after - end < LongestFade && _lights[after + 1] > _lights[after] + AlwaysChanges)
            after++;
        return Difference(before, after) > OtherPicture;
    }

    // Whether a frame is black, on its way to black, or back.
    private bool IsFade(int frame)
    {
        if (_blacks[frame])
            return true;
        // What changes with a frame is seen in it: of what follows black, the first frame belongs to the fade.
        for (int i = frame; i < Math.Min(Frames - 1, frame + LongestFade) && _lights[i + 1] < _lights[i] - AlwaysChanges; i++)
        {
            if (_blacks[i + 1])
                return true;
        }
        for (int i = frame; i > Math.Max(0, frame - LongestFade) && _lights[i - 1] < _lights[i] - AlwaysChanges; i--)
        {
            if (_blacks[i - 1])
                return true;
        }
        return _blacks[frame - 1];
    }

    // As far as it matters.
    private (int Start, int End) BlackAround(int frame)
    {
        if (!_blacks[frame])
            return (frame, frame);
        (int start, int end) = (frame, frame + 1);
        while (start > 0 && frame - start <= LongestBlack && _blacks[start - 1])
            start--;
        while (end < Frames && end - frame <= LongestBlack && _blacks[end])
            end++;
        return (start, end);
    }

    private float[] Picture(int frame) => _pictures[frame % Kept];

    private float Difference(int a, int b)
    {
        TensorPrimitives.Subtract(Picture(a), Picture(b), _difference);
        return TensorPrimitives.SumOfMagnitudes<float>(_difference) / Values;
    }

    private void Shrink(ReadOnlySpan<byte> rgb, float[] picture)
    {
        Array.Clear(picture);
        Span<int> counts = stackalloc int[Grid * Grid];
        counts.Clear();
        for (int y = 0; y < height; y += _step)
        {
            ReadOnlySpan<byte> row = rgb.Slice(y * width * 3, width * 3);
            int cells = y * Grid / height * Grid;
            for (int x = 0; x < width; x += _step)
            {
                int cell = cells + x * Grid / width;
                counts[cell]++;
                for (int c = 0; c < 3; c++)
                    picture[cell * 3 + c] += row[x * 3 + c];
            }
        }
        for (int i = 0; i < Values; i++)
            picture[i] /= Math.Max(1, counts[i / 3]);
    }
}
