namespace VideoLstm.Core.Reports;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What it shows, for people.</param>
/// <param name="Style">CSS class.</param>
/// <param name="Column">Column of the table of epochs that holds its values, from 0.</param>
/// <param name="Values">A value an epoch.</param>
internal sealed record ChartLine(string Name, string Style, int Column, IReadOnlyList<double> Values);
