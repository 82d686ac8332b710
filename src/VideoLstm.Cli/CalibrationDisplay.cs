using System.Globalization;
using VideoLstm.Core.Training;

namespace VideoLstm.Cli;

/// <summary>How far probabilities can be trusted, in a line.</summary>
internal static class CalibrationDisplay
{
    public static string Line(ClassificationMetrics metrics, double temperature) => string.Create(CultureInfo.InvariantCulture,
        $"calibration error {metrics.CalibrationError(temperature):0.000} at temperature {temperature:0.00}, " +
            $"{metrics.CalibrationError(1):0.000} without");
}
