using VideoLstm.Core.Models;

namespace VideoLstm.Core.Tests.Models;

public sealed class CalibrationTests
{
    /// <summary>Labels are drawn from probabilities, and these are sharpened: the temperature says how much.</summary>
    [Theory]
    [InlineData(2.5)]
    [InlineData(1)]
    [InlineData(0.6)]
    public void The_temperature_undoes_how_much_too_sure_a_classifier_is(double sharpness)
    {
        var random = new Random(3);
        var given = new List<(IReadOnlyList<float> Probabilities, int Label)>();
        for (int i = 0; i < 20000; i++)
        {
            float[] honest = [random.NextSingle(), random.NextSingle(), random.NextSingle()];
            honest = [.. honest.Select(p => p / honest.Sum())];
            double at = random.NextDouble();
            int label = at < honest[0] ? 0 : at < honest[0] + honest[1] ? 1 : 2;
            Calibration.Apply(honest, 1 / sharpness);
            given.Add((honest, label));
        }
        double temperature = Calibration.FitTemperature(given);
        Assert.Equal(sharpness, temperature, 0.05 * sharpness);
        Assert.InRange(Calibration.ErrorOf(given, temperature), 0, 0.015);
        if (sharpness != 1)
            Assert.True(Calibration.ErrorOf(given, 1) > 3 * Calibration.ErrorOf(given, temperature));
    }

    [Fact]
    public void A_few_right_answers_make_a_classifier_no_surer_than_they_prove()
    {
        (IReadOnlyList<float>, int)[] Right(int count) => [.. Enumerable.Range(0, count).Select(_ => ((IReadOnlyList<float>)(float[])[0.9f, 0.1f], 0))];
        double few = Calibration.FitTemperature(Right(3)), many = Calibration.FitTemperature(Right(300));
        Assert.InRange(few, 0.7, 1);
        Assert.InRange(many, 0.1, 0.6);
    }

    [Fact]
    public void The_error_is_that_of_a_hand_calculation()
    {
        // Bins of 1/15: 0.9 three times, of which one is wrong; 0.55 once, right.
        (IReadOnlyList<float>, int)[] given = [((float[])[0.9f, 0.1f], 0), ((float[])[0.9f, 0.1f], 1), ((float[])[0.1f, 0.9f], 1), ((float[])[0.45f, 0.55f], 1)];
        Assert.Equal((Math.Abs(3 * 0.9 - 2) + Math.Abs(0.55 - 1)) / 4, Calibration.ErrorOf(given, 1), 1e-6);
    }

    [Fact]
    public void A_temperature_changes_no_order_and_keeps_the_sum()
    {
        float[] probabilities = [0.5f, 0, 0.2f, 0.3f];
        Calibration.Apply(probabilities, 3);
        Assert.Equal(1, probabilities.Sum(), 1e-6);
        Assert.Equal([1, 2, 3, 0], Enumerable.Range(0, 4).OrderBy(c => probabilities[c]));
        Assert.Equal(Math.Pow(0.5 / 0.2, 1.0 / 3), probabilities[0] / probabilities[2], 1e-5);
    }
}
