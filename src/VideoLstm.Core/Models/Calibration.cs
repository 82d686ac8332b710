namespace VideoLstm.Core.Models;

/// <summary>
/// Makes probabilities worth what they say: of predictions with probability 0.8, 8 of 10 are right. One number, the temperature, divides
/// the logits (C. Guo et al. 2017, "On Calibration of Modern Neural Networks"); which class is the likeliest stays.
/// </summary>
public static class Calibration
{
    // How far from 1 a temperature is likely to be, as a standard deviation of its logarithm, and as a limit.
    private const double Spread = 0.5, Limit = 3;
    private const int Steps = 40, Bins = 15;
    private const float LeastProbability = 1e-30f;

    /// <summary>
    /// The likeliest temperature: that at which predictions have the lowest cross-entropy, but the nearer to 1 the fewer they are, for
    /// where all of a few are right, no temperature would be low enough (a log-normal prior around 1).
    /// </summary>
    /// <param name="predictions">
    /// Probabilities <c>[classes]</c> that add up to 1, and the number of the right class: of clips that were not learnt from, at least
    /// one.
    /// </param>
    public static double FitTemperature(IReadOnlyCollection<(IReadOnlyList<float> Probabilities, int Label)> predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentOutOfRangeException.ThrowIfZero(predictions.Count, nameof(predictions));
        double[][] logits = [.. predictions.Select(p => p.Probabilities.Select(v => Math.Log(Math.Max(v, LeastProbability))).ToArray())];
        int[] labels = [.. predictions.Select(p => p.Label)];
        // Golden-section search.
        double ratio = (Math.Sqrt(5) - 1) / 2, low = -Limit, high = Limit;
        for (int i = 0; i < Steps; i++)
        {
            double width = ratio * (high - low), left = high - width, right = low + width;
            (low, high) = Cost(left) < Cost(right) ? (low, right) : (left, high);
        }
        return Math.Exp((low + high) / 2);

        double Cost(double logarithm) => logarithm * logarithm / (2 * Spread * Spread)
            - logits.Zip(labels).Sum(p => Math.Log(Math.Max(Softmax(p.First, Math.Exp(-logarithm))[p.Second], double.Epsilon)));
    }

    /// <summary>Replaces probabilities by calibrated ones.</summary>
    /// <param name="probabilities"><c>[classes]</c>, which add up to 1.</param>
    /// <param name="temperature">See <see cref="FitTemperature"/>; 1 changes nothing.</param>
    public static void Apply(Span<float> probabilities, double temperature)
    {
        if (temperature == 1)
            return;
        double[] logits = new double[probabilities.Length];
        for (int c = 0; c < logits.Length; c++)
            logits[c] = Math.Log(Math.Max(probabilities[c], LeastProbability));
        double[] found = Softmax(logits, 1 / temperature);
        for (int c = 0; c < found.Length; c++)
            probabilities[c] = (float)found[c];
    }

    /// <summary>
    /// The expected calibration error: how far the probability of the predicted class and the share of right predictions lie apart, in the
    /// mean over 15 bins of the probability (Guo et al. 2017, section 2), 0 to 1.
    /// </summary>
    /// <param name="predictions">As for <see cref="FitTemperature"/>.</param>
    /// <param name="temperature">What they are calibrated by first.</param>
    public static double ErrorOf(IEnumerable<(IReadOnlyList<float> Probabilities, int Label)> predictions, double temperature)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        double[] surplus = new double[Bins];
        int count = 0;
        foreach ((IReadOnlyList<float> given, int label) in predictions)
        {
            float[] probabilities = [.. given];
            Apply(probabilities, temperature);
            float highest = probabilities.Max();
            bool isRight = Array.IndexOf(probabilities, highest) == label;
            surplus[Math.Min(Bins - 1, (int)(highest * Bins))] += highest - (isRight ? 1 : 0);
            count++;
        }
        return surplus.Sum(Math.Abs) / Math.Max(1, count);
    }

    private static double[] Softmax(double[] logits, double scale)
    {
        double highest = logits.Max();
        double[] powers = Array.ConvertAll(logits, l => Math.Exp(scale * (l - highest)));
        double sum = powers.Sum();
        return Array.ConvertAll(powers, p => p / sum);
    }
}
