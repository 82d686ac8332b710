namespace VideoLstm.Core.Media;

/// <summary>
/// Finds where a video is black, while its frames go by: where at least 98 of 100 pixels are darker than a tenth of the range from black to
/// white, as ffmpeg's blackdetect has it (its pic_th and pix_th), for two frames or more.
/// </summary>
public sealed class BlackDetector
{
    private const double BlackShare = 0.98;
    private const int Dark = 255 / 10, LeastFrames = 2;

    private readonly List<(long First, long End)> _stretches = [];
    private long _frame, _first = -1;

    /// <summary>The first frame of each black stretch that has ended, and the frame after its last, rising.</summary>
    public IReadOnlyList<(long First, long End)> Stretches => _stretches;

    /// <summary>Takes the next frame.</summary>
    /// <param name="rgb"><c>[height, width, 3]</c>.</param>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        if (!IsBlack(rgb))
            Complete();
        else if (_first < 0)
            _first = _frame;
        _frame++;
    }

    /// <summary>Ends the stretch that the video ends with.</summary>
    public void Complete()
    {
        if (_first >= 0 && _frame - _first >= LeastFrames)
            _stretches.Add((_first, _frame));
        _first = -1;
    }

    private static bool IsBlack(ReadOnlySpan<byte> rgb)
    {
        int bright = (int)((1 - BlackShare) * (rgb.Length / 3));
        for (int at = 0; at + 2 < rgb.Length; at += 3)
        {
            // Luma as BT.601 weighs it, in 256ths.
            if ((77 * rgb[at] + 150 * rgb[at + 1] + 29 * rgb[at + 2]) >> 8 > Dark && --bright < 0)
                return false;
        }
        return true;
    }
}
