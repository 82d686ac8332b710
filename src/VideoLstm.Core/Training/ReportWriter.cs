using VideoLstm.Core.Datasets;

namespace VideoLstm.Core.Training;

/// <summary>Writes a page of a training run, whole or not at all.</summary>
/// <param name="path">The file.</param>
/// <param name="content">What it tells.</param>
/// <param name="data">Where the frames of the evaluated clips are.</param>
/// <param name="ct">Stops the work.</param>
public delegate void ReportWriter(string path, ReportContent content, DataFolder data, CancellationToken ct);
