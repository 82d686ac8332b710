namespace VideoLstm.Core.Cutting;

/// <summary>An audio track of a video.</summary>
/// <param name="Codec">As ffprobe names it.</param>
/// <param name="Rate">Samples/s.</param>
/// <param name="Channels">Number of channels.</param>
/// <param name="Notes">What the container says of it.</param>
internal sealed record AudioInfo(string Codec, int Rate, int Channels, StreamNotes Notes);
