using System.Globalization;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>
/// Cuts H.264 without coding it anew but for the frames around the cuts: from the first key frame of a range to the last point that
/// B-frames do not reach over, packets are those of the source; what is before and after is coded by x264, with profile, level
/// and colours of the source and a parameter set under a number of its own, so that the two never meet.
/// What cannot be done is an <see cref="InvalidDataException"/> that says why.
/// </summary>
internal sealed class H264Splice : IDisposable
{
    private const int LongestPiece = 1 << 29, MostCodedFrames = 600;

    private readonly CutSource _source;
    private readonly FrameIndex _index;
    private readonly CancellationToken _ct;
    private readonly List<byte[]> _sets;
    private readonly int _lengthBytes, _freeId;
    private readonly int[] _keyFrames;
    private readonly Dictionary<int, List<byte[]>> _coded = [];
    private List<byte[]>? _codedSets;
    private MediaProcess? _packets;
    private int _nextPacket;

    /// <summary>Prepares a splice.</summary>
    /// <exception cref="InvalidDataException">The video is none that can be spliced: why.</exception>
    public H264Splice(CutSource source, FrameIndex index, CancellationToken ct)
    {
        (_source, _index, _ct) = (source, index, ct);
        string? reason = source.Video.Codec != "h264" ? $"the source is {source.Video.Codec}, not h264"
            : !Ffmpeg.HasEncoder(Ffmpeg.H264Encoder) ? $"this ffmpeg has no {Ffmpeg.H264Encoder}"
            : source.PixelFormat is not (
                "yuv420p" or "yuvj420p") || ProfileName is null ? $"the source is {source.PixelFormat}, profile {source.Profile}"
            : source.IsInterlaced ? "the source is interlaced"
            : index.Sizes.Length == 0 ? "its packets do not tell their times"
            : TimeScale > int.MaxValue / 2 ? "its time base is too fine"
            : null;
        if (reason is not null)
            throw new InvalidDataException(reason);
        (_sets, _lengthBytes) = H264Stream.ReadExtradata(source.Extradata);
        _sets.RemoveAll(s => H264Stream.TypeOf(s) is not (H264Stream.SequenceSet or H264Stream.PictureSet) || s.Length < 4);
        if (_sets.Count(s => H264Stream.TypeOf(s) == H264Stream.SequenceSet) != 1 || _sets.Count == 1)
            throw new InvalidDataException("it does not have one sequence parameter set with its picture parameter sets");
        _freeId = Enumerable.Range(1, 31).Except(_sets.Select(H264Stream.IdOf)).First();
        _keyFrames = [.. Enumerable.Range(0, index.Keys.Length).Where(i => index.Keys[i]).Select(i => index.Frames[i]).Order()];
    }

    /// <summary>Units of time per second.</summary>
    public long TimeScale => _source.TimeBase.Denominator;

    /// <summary>By how many frames decoding has to be ahead of showing.</summary>
    public int Delay => Enumerable.Range(0, _index.Frames.Length).Max(i => i - _index.Frames[i]);

    private string? ProfileName =>
        _source.Profile switch { "Constrained Baseline" or "Baseline" => "baseline", "Main" => "main", "High" => "high", _ => null };

    /// <summary>
    /// The avcC record of what comes out: the source's parameter sets and, where a frame of these ranges is re-encoded, x264's.
    /// </summary>
    public byte[] Configuration(IReadOnlyList<FrameRange> ranges)
    {
        if (ranges.SelectMany(r => Coded(r)).FirstOrDefault(r => r.Count > MostCodedFrames) is { Count: > 0 } far)
            throw new InvalidDataException(Invariant(
                $"from {_index.Seconds(far.First):0.###} s on no key frame is near that needs no frames before it"));
        FrameRange piece = ranges.SelectMany(r => Coded(r)).FirstOrDefault();
        if (piece.Count > 0 && _codedSets is null)
            _coded[piece.First] = Encode(piece);
        return H264Stream.Configuration([.. _sets, .. piece.Count > 0 ? _codedSets! : []]);
    }

    /// <summary>How many frames of these ranges are re-encoded.</summary>
    public long CountCoded(IEnumerable<FrameRange> ranges) => ranges.SelectMany(r => Coded(r)).Sum(r => (long)r.Count);

    /// <summary>The frames of a range, in the order in which they are decoded.</summary>
    public IEnumerable<SplicedFrame> Frames(FrameRange range)
    {
        FrameRange copied = Copied(range);
        foreach (FrameRange piece in (FrameRange[])[range with { End = copied.First }, copied, range with { First = copied.End }])
        {
            if (piece.Count == 0)
                continue;
            if (piece == copied)
            {
                for (int i = piece.First; i < piece.End; i++)
                    yield return new SplicedFrame(Packet(i, mustBeKey: i == piece.First), _index.Frames[i], _index.Keys[i]);
                continue;
            }
            if (!_coded.Remove(piece.First, out List<byte[]>? pictures))
                pictures = Encode(piece);
            for (int i = 0; i < pictures.Count; i++)
                yield return new SplicedFrame(pictures[i], piece.First + i, i == 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _packets?.Dispose();

    private IEnumerable<FrameRange> Coded(FrameRange range)
    {
        FrameRange copied = Copied(range);
        return ((FrameRange[])[range with { End = copied.First }, range with { First = copied.End }]).Where(r => r.Count > 0);
    }

    // At a clean point as many packets lie before as frames, so the numbers of frames are also those of packets.
    private FrameRange Copied(FrameRange range)
    {
        int first = range.First, end = range.End;
        while (first < end && !(_index.Clean[first] && _index.Keys[first] && _index.Frames[first] == first))
            first++;
        while (end > first && !_index.Clean[end])
            end--;
        return end > first ? new FrameRange(first, end) : new FrameRange(range.End, range.End);
    }

    private byte[] Packet(int number, bool mustBeKey)
    {
        if (_packets is null || number < _nextPacket)
        {
            _packets?.Dispose();
            _packets = new MediaProcess(
                "ffmpeg", [.. Ffmpeg.Start(), .. Ffmpeg.Input(_source.Video.Path), "-map", _source.Video.Map, "-c", "copy", "-copyinkf",
                    "-f", "rawvideo", "pipe:1"], ct: _ct);
            _packets.Input.Close();
            _nextPacket = 0;
        }
        byte[] data = [];
        for (; _nextPacket <= number; _nextPacket++)
        {
            if (data.Length != _index.Sizes[_nextPacket])
                data = new byte[_index.Sizes[_nextPacket]];
            if (_packets.Read(data) != data.Length)
                throw new InvalidDataException("its packets are fewer than its index says");
        }
        List<byte[]> units = _lengthBytes > 0 ? H264Stream.SplitLengths(data, _lengthBytes) : H264Stream.SplitStartCodes(data);
        if (mustBeKey && !units.Any(u => H264Stream.TypeOf(u) == H264Stream.Idr))
            throw new InvalidDataException(Invariant($"the key frame at {_index.Seconds(number):0.###} s needs frames before it"));
        if (units.Any(u => H264Stream.TypeOf(u) is H264Stream.SequenceSet or H264Stream.PictureSet
            && !_sets.Any(s => s.AsSpan().SequenceEqual(u))))
            throw new InvalidDataException(Invariant($"its parameter sets change at {_index.Seconds(_index.Frames[number]):0.###} s"));
        units.RemoveAll(u => H264Stream.TypeOf(u) is H264Stream.SequenceSet or H264Stream.PictureSet or H264Stream.Delimiter);
        return H264Stream.Join(units);
    }

    // Without B-frames: decoded in the order in which they are shown.
    private List<byte[]> Encode(FrameRange range)
    {
        int key = Array.BinarySearch(_keyFrames, range.First);
        key = key >= 0 ? key : ~key - 1;
        double seek = key > 0 ? Math.Max(0, _index.Seconds(_keyFrames[key]) - 0.1) : 0;
        string parameters = Invariant($"sps-id={_freeId}:aud=1:keyint=infinite:scenecut=0:repeat-headers=1");
        string[] arguments =
        [
            .. Ffmpeg.Start(), "-copyts", "-noautorotate", "-ss", seek.ToString("F6", CultureInfo.InvariantCulture),
            .. Ffmpeg.Input(_source.Video.Path), "-map", _source.Video.Map, "-vf", new CutPlan(_index, [range]).Filters(),
            "-frames:v", range.Count.ToString(CultureInfo.InvariantCulture), .. Ffmpeg.Passthrough, .. Ffmpeg.SourceTimeBase,
            "-c:v", "libx264", "-preset", "medium", "-crf", "16", "-bf", "0", "-profile:v", ProfileName!, "-level",
            _source.Level.ToString(CultureInfo.InvariantCulture), "-x264-params", parameters, "-f", "h264", "pipe:1",
        ];
        using var process = new MediaProcess("ffmpeg", arguments, ct: _ct);
        process.Input.Close();
        using var stream = new MemoryStream();
        byte[] buffer = new byte[1 << 18];
        int read;
        while ((read = process.Read(buffer)) > 0 && stream.Length < LongestPiece)
            stream.Write(buffer, 0, read);
        process.Wait();

        var pictures = new List<List<byte[]>>();
        var sets = new List<byte[]>();
        foreach (byte[] unit in H264Stream.SplitStartCodes(stream.GetBuffer().AsSpan(0, (int)stream.Length)))
        {
            switch (H264Stream.TypeOf(unit))
            {
                case H264Stream.Delimiter:
                    pictures.Add([]);
                    break;
                case H264Stream.SequenceSet or H264Stream.PictureSet:
                    sets.Add(unit);
                    break;
                case H264Stream.Supplement:
                    break;
                default:
                    if (pictures.Count == 0)
                        throw new InvalidDataException("x264 begins without a mark");
                    pictures[^1].Add(unit);
                    break;
            }
        }
        if (pictures.Count != range.Count)
            throw new InvalidDataException(
                Invariant($"around {_index.Seconds(range.First):0.###} s {pictures.Count} frames could be decoded, its index says ")
                    + Invariant($"{range.Count}{VideoProbe.Because(process.Complaint)}"));
        _codedSets ??= sets;
        if (sets.Count != 2 || !sets.Zip(_codedSets, (a, b) => a.AsSpan().SequenceEqual(b)).All(same => same))
            throw new InvalidDataException("x264's parameter sets differ from piece to piece");
        return [.. pictures.Select(H264Stream.Join)];
    }
}
