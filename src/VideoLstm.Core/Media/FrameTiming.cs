namespace VideoLstm.Core.Media;

/// <summary>What is known of the times of a video's frames, gathered one by one in constant memory.</summary>
public sealed class FrameTiming
{
    // Containers that count milliseconds round each time.
    private const double RoundingSeconds = 0.0021;

    private double _longestStep;

    /// <summary>Frames so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Time of the first frame, seconds.</summary>
    public double FirstSeconds { get; private set; }

    /// <summary>Time of the last frame, seconds.</summary>
    public double LastSeconds { get; private set; }

    /// <summary>Shortest time between two frames, seconds; infinite before there are two.</summary>
    public double ShortestStep { get; private set; } = double.PositiveInfinity;

    /// <summary>Whether the frames follow each other at a constant rate.</summary>
    public bool IsConstant => Frames < 2
        || (ShortestStep > 0 && (_longestStep - ShortestStep <= RoundingSeconds || _longestStep <= 1.02 * ShortestStep));

    /// <summary>Mean time between two frames, seconds; a 25th before there are two.</summary>
    public double MeanStep => Frames > 1 && LastSeconds > FirstSeconds ? (LastSeconds - FirstSeconds) / (Frames - 1) : 1.0 / 25;

    /// <summary>The rate that the mean time between two frames makes, frames/s.</summary>
    internal Rational MeanRate => new((long)Math.Round(1_000_000 / MeanStep), 1_000_000);

    /// <summary>When the last frame ends, seconds.</summary>
    public double EndSeconds => LastSeconds + MeanStep;

    /// <summary>Adds the next frame.</summary>
    public void Add(double seconds)
    {
        if (Frames++ == 0)
        {
            FirstSeconds = seconds;
        }
        else
        {
            double step = seconds - LastSeconds;
            ShortestStep = Math.Min(ShortestStep, step);
            _longestStep = Math.Max(_longestStep, step);
        }
        LastSeconds = seconds;
    }
}
