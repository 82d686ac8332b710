using System.Globalization;
using VideoLstm.Core.Training;

namespace VideoLstm.Cli;

/// <summary>What an accuracy has to be compared with, in a line.</summary>
internal static class BaselineDisplay
{
    public static string Text(Baselines baselines) => string.Create(CultureInfo.InvariantCulture,
        $"majority {baselines.Majority:0.000}, random {baselines.Random:0.000}");
}
