namespace VideoLstm.Core.Cutting;

/// <summary>A track of subtitles.</summary>
/// <param name="Number">Its number among the tracks of subtitles, from 0.</param>
/// <param name="Codec">As ffprobe names it.</param>
/// <param name="Notes">What the container says of it.</param>
internal sealed record SubtitleInfo(int Number, string Codec, StreamNotes Notes)
{
    /// <summary>Whether it is text, not pictures.</summary>
    public bool IsText => Codec is "subrip" or "srt" or "ass" or "ssa" or "webvtt" or "mov_text" or "text";
}
