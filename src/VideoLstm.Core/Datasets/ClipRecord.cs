namespace VideoLstm.Core.Datasets;

/// <summary>What `extract-files` knew of a clip of data_file.csv.</summary>
/// <param name="Path">Its file, relative to the data folder, with slashes.</param>
/// <param name="Stamp">The file as it was when its frames were counted.</param>
/// <param name="Frames">How many there were.</param>
/// <param name="HasPictures">Whether they were extracted.</param>
/// <param name="Stream">Of which video stream, where the user chose one.</param>
internal sealed record ClipRecord(string Path, FileStamp Stamp, long Frames, bool HasPictures, int? Stream)
{
    /// <summary>SHA-256 of the file; empty where an older version has listed it.</summary>
    public string Digest { get; init; } = "";

    /// <summary>SHA-256 of the extracted pictures, one after the other; empty where there are none.</summary>
    public string PictureDigest { get; init; } = "";

    /// <summary>Bytes of all of them.</summary>
    public long PictureBytes { get; init; }
}
