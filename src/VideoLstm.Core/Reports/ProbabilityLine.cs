using System.Globalization;
using System.Text;
using VideoLstm.Core.Classification;

namespace VideoLstm.Core.Reports;

/// <summary>
/// The probability of one class over time as a line of few points. Steps that differ by less than a picture can show are drawn as
/// one; where there are still too many, so are those of a stretch of time, by its lowest and its highest: no peak is lost.
/// </summary>
internal sealed class ProbabilityLine
{
    // Half a pixel of a line 50 pixels high.
    private const float Visible = 0.01f;

    private readonly List<(double Seconds, float Probability)> _points = [];

    /// <summary>Draws a line.</summary>
    /// <param name="steps">Steps in order of time.</param>
    /// <param name="label">The class, by its number in the steps.</param>
    /// <param name="most">The most points, at least 4.</param>
    public ProbabilityLine(IReadOnlyList<ProbabilityStep> steps, int label, int most)
    {
        double total = steps.Count > 0 ? steps[^1].End - steps[0].Start : 0, stretch = 0;
        Draw(steps, label, stretch);
        while (_points.Count > most)
        {
            stretch = Math.Max(2 * stretch, total / (1 << 16));
            Draw(steps, label, stretch);
        }
        IsThinned = stretch > 0;
    }

    /// <summary>The points, in order of time, which never falls; the line is straight between them.</summary>
    public IReadOnlyList<(double Seconds, float Probability)> Points => _points;

    /// <summary>Whether stretches are drawn by their lowest and their highest step.</summary>
    public bool IsThinned { get; }

    /// <summary>The points as SVG has them: seconds to the right, percent downwards from 100, closed along 0.</summary>
    public string ToSvg()
    {
        if (_points.Count == 0)
            return "";
        var text = new StringBuilder();
        Add(_points[0].Seconds, 0);
        foreach ((double seconds, float probability) in _points)
            Add(seconds, probability);
        Add(_points[^1].Seconds, 0);
        return text.ToString(0, text.Length - 1);

        void Add(double seconds, float probability) =>
            text.Append(CultureInfo.InvariantCulture, $"{seconds:0.##},{100 - 100 * probability:0.#} ");
    }

    private void Draw(IReadOnlyList<ProbabilityStep> steps, int label, double stretch)
    {
        _points.Clear();
        for (int first = 0, end; first < steps.Count; first = end)
        {
            (int lowest, int highest) = (first, first);
            for (end = first + 1; end < steps.Count; end++)
            {
                float value = Value(end), low = Math.Min(value, Value(lowest)), high = Math.Max(value, Value(highest));
                if (high - low > Visible && steps[end].End - steps[first].Start > stretch)
                    break;
                lowest = value < Value(lowest) ? end : lowest;
                highest = value > Value(highest) ? end : highest;
            }
            if (Value(highest) - Value(lowest) <= Visible)
            {
                float middle = (Value(highest) + Value(lowest)) / 2;
                _points.Add((steps[first].Start, middle));
                _points.Add((steps[end - 1].End, middle));
            }
            else
            {
                _points.Add(Centre(Math.Min(lowest, highest)));
                _points.Add(Centre(Math.Max(lowest, highest)));
            }
        }

        float Value(int step) => Math.Clamp(steps[step].Probabilities[label], 0, 1);

        (double, float) Centre(int step) => ((steps[step].Start + steps[step].End) / 2, Value(step));
    }
}
