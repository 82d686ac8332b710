using VideoLstm.Core.Datasets;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Clips;

/// <summary>Which clips are to be cut out of a recording.</summary>
/// <param name="LengthSeconds">How long each is, seconds.</param>
/// <param name="StepSeconds">From the start of one to that of the next in the same segment, seconds.</param>
/// <param name="Set">Which set all are for; null to divide them.</param>
/// <param name="TestShare">Divided, the share of each class that is for the test, above 0 and below 1.</param>
/// <param name="IncludeUnknown">Whether <see cref="Segment.Unknown"/> is a class like the others.</param>
public sealed record ClipOptions(double LengthSeconds, double StepSeconds, ClipSet? Set, double TestShare, bool IncludeUnknown);
