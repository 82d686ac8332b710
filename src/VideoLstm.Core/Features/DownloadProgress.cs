namespace VideoLstm.Core.Features;

/// <summary>How far a download is.</summary>
/// <param name="Bytes">Bytes there.</param>
/// <param name="Total">Bytes in all, where the server says it.</param>
public readonly record struct DownloadProgress(long Bytes, long? Total);
