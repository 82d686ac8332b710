using System.Security.Cryptography;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Samples;

/// <summary>Where the frames of one clip come from: its JPEG frames where they exist, else the clip.</summary>
public sealed class SequenceSource
{
    private readonly Lazy<string> _digest;

    private SequenceSource(SequenceSourceKind kind, IReadOnlyList<string> files)
    {
        Kind = kind;
        Files = files;
        _digest = new Lazy<string>(ComputeDigest);
    }

    /// <summary>JPEG frames or the clip.</summary>
    public SequenceSourceKind Kind { get; }

    /// <summary>The clip, or its JPEG frames in order.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>SHA-256 of the content of all files, so that neither a copy nor a new date of the data means work.</summary>
    public string Digest => _digest.Value;

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
                ? new SequenceSource(SequenceSourceKind.Frames, pictures)
                : throw new InputException($"{clip.Label}: data_file.csv says {clip.Frames} frames, {pictures.Count} JPEG frames are there",
                    Remedy.ExtractFilesAgain);
        }
        return data.FindClip(clip) is { } file
            ? new SequenceSource(SequenceSourceKind.Clip, [file])
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

    private string ComputeDigest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 17];
        foreach (string file in Files)
        {
            using FileStream stream = File.OpenRead(file);
            int read;
            while ((read = stream.Read(buffer)) > 0)
                hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
