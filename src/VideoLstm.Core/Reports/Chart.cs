using System.Globalization;
using System.Text;

namespace VideoLstm.Core.Reports;

/// <summary>Lines over epochs, drawn as SVG.</summary>
internal sealed class Chart
{
    private const int Width = 460, Height = 250;
    private const int Left = 56, Right = 14, Top = 14, Bottom = 30;

    // A factor of more than this is better seen on a logarithmic scale.
    private const double LogarithmicFrom = 20;

    private readonly IReadOnlyList<int> _epochs;
    private readonly IReadOnlyList<ChartLine> _lines;
    private readonly bool _logarithmic;
    private readonly double _low, _high;

    /// <summary>A chart.</summary>
    /// <param name="epochs">Numbers of the epochs, rising, at least one.</param>
    /// <param name="lines">At least one.</param>
    /// <param name="range">What the vertical axis spans; null: what the values need.</param>
    /// <param name="mayBeLogarithmic">Whether values that differ by magnitudes are drawn by their logarithms.</param>
    public Chart(IReadOnlyList<int> epochs, IReadOnlyList<ChartLine> lines, (double Low, double High)? range = null,
        bool mayBeLogarithmic = false)
    {
        _epochs = epochs;
        _lines = lines;
        double[] values = [.. lines.SelectMany(l => l.Values).Where(double.IsFinite).DefaultIfEmpty(0)];
        (double low, double high) = range ?? (values.Min(), values.Max());
        _logarithmic = mayBeLogarithmic && low > 0 && high / low > LogarithmicFrom;
        if (_logarithmic)
        {
            (_low, _high) = (Math.Floor(Math.Log10(low)), Math.Ceiling(Math.Log10(high)));
            return;
        }
        // Curves that come near 0 are shown down to it.
        low = low > 0 && low < 0.5 * high ? 0 : low;
        double step = Step(high - low, 4);
        (_low, _high) = (Math.Floor(low / step + 1e-9) * step, Math.Ceiling(high / step - 1e-9) * step);
        if (_high <= _low)
            _high = _low + step;
    }

    /// <summary>The picture.</summary>
    /// <param name="description">What it says, for those who do not see it.</param>
    /// <param name="best">The epoch to mark, if any.</param>
    /// <param name="format">How values are written on the axis.</param>
    public Markup Draw(string description, int? best, string format)
    {
        var svg = new Html();
        svg.Add($"""<svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{description}">""");
        foreach (double tick in Ticks())
        {
            double y = Y(tick);
            svg.Add($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y:0.#}" y2="{y:0.#}"/>"""
                + $"""<text x="{Left - 8}" y="{y + 5:0.#}" text-anchor="end">{Label(tick, format)}</text>""");
        }
        foreach (int epoch in EpochTicks())
            svg.Add($"""<text x="{X(epoch):0.#}" y="{Height - 8}" text-anchor="middle">{epoch}</text>""");
        if (best is { } marked)
            svg.Add($"""<line class="best" x1="{X(marked):0.#}" x2="{X(marked):0.#}" y1="{Top}" y2="{Height - Bottom}"/>""");
        svg.Add($"""<line class="cursor" x1="0" x2="0" y1="{Top}" y2="{Height - Bottom}"/>""");
        foreach (ChartLine line in _lines)
        {
            var points = new StringBuilder();
            for (int i = 0; i < _epochs.Count; i++)
                points.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? " " : "")}{X(_epochs[i]):0.##},{YOf(line.Values[i]):0.##}");
            svg.Add($"""<polyline class="{line.Style}" data-name="{line.Name}" data-column="{line.Column}" """
                + $"""points="{points.ToString()}"/>""");
            // A single point makes no line.
            if (_epochs.Count == 1)
                svg.Add($"""<circle class="{line.Style}" cx="{X(_epochs[0]):0.##}" cy="{YOf(line.Values[0]):0.##}" r="4"/>""");
        }
        svg.Add($"</svg>");
        return svg.ToMarkup();
    }

    private double X(int epoch) => _epochs.Count == 1
        ? (Left + Width - Right) / 2.0
        : Left + (double)(epoch - _epochs[0]) / (_epochs[^1] - _epochs[0]) * (Width - Left - Right);

    private double Y(double position) => Height - Bottom - (position - _low) / (_high - _low) * (Height - Top - Bottom);

    // What is no number is out of range upwards.
    private double YOf(double value) =>
        Y(Math.Clamp(!double.IsFinite(value) ? _high : _logarithmic ? Math.Log10(value) : value, _low, _high));

    private IEnumerable<double> Ticks()
    {
        double step = _logarithmic ? Math.Max(1, Math.Ceiling((_high - _low) / 5)) : Step(_high - _low, 4);
        for (int i = 0; _low + i * step <= _high + 1e-9 * step; i++)
            yield return _low + i * step;
    }

    private IEnumerable<int> EpochTicks()
    {
        int step = (int)Math.Max(1, Step(_epochs[^1] - _epochs[0], 6));
        int first = _epochs[0];
        yield return first;
        for (int epoch = (first / step + 1) * step; epoch <= _epochs[^1]; epoch += step)
        {
            // Not so near to the first that they run into each other.
            if (X(epoch) - X(first) > 24)
                yield return epoch;
        }
    }

    private string Label(double tick, string format) => _logarithmic
        ? Invariant($"1e{tick:0}")
        : (Math.Abs(tick) < 1e-12 * Math.Abs(_high) ? 0 : tick).ToString(format, CultureInfo.InvariantCulture);

    // 1, 2 or 5 times a power of ten, so that a range has about so many steps.
    private static double Step(double range, int steps)
    {
        if (range <= 0)
            return 1;
        double rough = range / steps, power = Math.Pow(10, Math.Floor(Math.Log10(rough))), digit = rough / power;
        return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
    }
}
