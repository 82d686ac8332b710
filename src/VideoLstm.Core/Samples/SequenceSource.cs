using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Samples;

/// <summary>Where the frames of one clip come from: its JPEG frames where they exist, else the clip.</summary>
public sealed class SequenceSource
{
    private readonly Lazy<string> _digest;
    private readonly ClipRecord? _listed;

    private SequenceSource(SequenceSourceKind kind, IReadOnlyList<string> files, ClipRecord? listed)
    {
        Kind = kind;
        Files = files;
        _listed = listed;
        _digest = new Lazy<string>(() => ListedClip ?? ContentDigest.Of(Files));
    }

    /// <summary>JPEG frames or the clip.</summary>
    public SequenceSourceKind Kind { get; }

    /// <summary>The clip, or its JPEG frames in order.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>
    /// SHA-256 of the content of all files, so that neither a copy nor a new date of the data means work. A clip that is by size and time
    /// what was listed is not read for it.
    /// </summary>
    public string Digest => _digest.Value;

    /// <summary>
    /// The digest that the content was listed with, if by all that can be known without reading it is the same: a clip has the size and time
    /// with which it was listed; pictures are as many, have as many bytes, and are older than what was made of them. Else null.
    /// </summary>
    /// <param name="made">A file that was made of them.</param>
    internal string? DigestWhen(string made)
    {
        if (Kind == SequenceSourceKind.Clip)
            return ListedClip;
        if (_listed is not { PictureDigest.Length: > 0 } || Files.Count != _listed.Frames)
            return null;
        long bytes = 0;
        DateTime time = File.GetLastWriteTimeUtc(made);
        foreach (string file in Files)
        {
            var picture = new FileInfo(file);
            if (picture.LastWriteTimeUtc > time)
                return null;
            bytes += picture.Length;
        }
        return bytes == _listed.PictureBytes ? _listed.PictureDigest : null;
    }

    /// <summary>When the newest of the files was written.</summary>
    public DateTime LastWrite => Files.Max(File.GetLastWriteTimeUtc);

    /// <summary>Finds the frames of a clip.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="timed">Whether the times of the frames are needed, which JPEG frames have not: then it is the clip.</param>
    /// <exception cref="InputException">There is neither clip nor frames, or another number of frames than data_file.csv says.</exception>
    public static SequenceSource Find(DataFolder data, Clip clip, bool timed = false)
    {
        IReadOnlyList<string> pictures = timed ? [] : FramePictures.Find(data.FolderOf(clip), clip.Name);
        if (pictures.Count > 0)
        {
            return pictures.Count == clip.Frames
                ? new SequenceSource(SequenceSourceKind.Frames, pictures, data.RecordOf(clip))
                : throw new InputException($"{clip.Label}: data_file.csv says {clip.Frames} frames, {pictures.Count} JPEG frames are there",
                    Remedy.ExtractFilesAgain);
        }
        return data.FindListed(clip) is ({ } file, var unchanged)
            ? new SequenceSource(SequenceSourceKind.Clip, [file], unchanged)
            : throw new InputException(
                $"{clip.Label}: in data_file.csv, but there is "
                    + $"{(timed ? "no clip, whose frames have times" : "neither clip nor JPEG frames")}",
                Remedy.ExtractFilesAgain);
    }

    /// <summary>Opens the chosen frames.</summary>
    /// <param name="frames">Numbers of the frames, from 0, rising.</param>
    /// <param name="spec">Size and fit.</param>
    /// <param name="threads">Threads that decode; 0: as many as the decoder likes.</param>
    /// <param name="ct">Stops the reader.</param>
    public FrameReader Open(long[] frames, SequenceSpec spec, int threads, CancellationToken ct) =>
        Open(frames, spec.Height, spec.Width, spec.Fit, threads, ct);

    /// <summary>Opens the chosen frames at another size than that of the sequences, pixels.</summary>
    internal FrameReader Open(long[] frames, int height, int width, FrameFit fit, int threads, CancellationToken ct) =>
        Kind == SequenceSourceKind.Frames
            ? FrameReader.OpenPictures([.. frames.Select(f => Files[(int)f])], height, width, fit, threads, ct)
            : FrameReader.OpenPresumed(Files[0], height, width, fit, frames, threads, ct);

    /// <summary>Says whether a clip that was read to its end can be used.</summary>
    /// <returns>One line that is worth knowing, or null.</returns>
    /// <exception cref="LeftOutException">It is damaged, and damaged clips are left out.</exception>
    /// <exception cref="InputException">It is too damaged.</exception>
    internal Finding? Accept(FrameReader reader, Clip clip, CancellationToken ct) => reader.Complaint is not { } complaint ? null
        : Kind == SequenceSourceKind.Clip ? VideoDamage.Find(Files[0], complaint, ct)?.Accept()
        : throw new InputException($"{clip.Label}: its JPEG frames are damaged: {complaint}", Remedy.ExtractFilesAgain);

    /// <summary>
    /// When each frame of the clip is shown, seconds, never falling; from any time on. Where the container does not say, the clip is
    /// decoded.
    /// </summary>
    /// <param name="frames">How many frames it has.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="InputException">The clip cannot be read.</exception>
    public IReadOnlyList<double> ReadTimes(long frames, CancellationToken ct)
    {
        return VideoProbe.PacketTimes(VideoProbe.Read(Files[0], ct), ct) is { } known && known.Count == frames
            ? known
            : FrameTimes.Decode(Files[0], ct).Times;
    }

    private string? ListedClip => Kind == SequenceSourceKind.Clip && _listed is { Digest.Length: > 0 } ? _listed.Digest : null;
}
