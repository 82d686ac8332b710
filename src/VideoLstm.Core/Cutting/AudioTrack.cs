using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>
/// The samples of one audio track of a video, from the video's start on, gaps filled with silence: sample n is that of the time
/// n / rate. Read from the front to the back; going back means decoding anew.
/// </summary>
internal sealed class AudioTrack : IDisposable
{
    /// <summary>The arrangements of loudspeakers that ffmpeg takes each number of channels for.</summary>
    public static readonly Dictionary<int, string> Layouts = new()
    {
        [1] = "mono", [2] = "stereo", [4] = "4.0", [5] = "5.0", [6] = "5.1", [8] = "7.1",
    };

    private readonly CutSource _source;
    private readonly int _number;
    private readonly CancellationToken _ct;
    private readonly byte[] _skipped = new byte[1 << 16];
    private MediaProcess? _process;
    private long _position;
    private bool _ended;

    /// <summary>Opens a track.</summary>
    /// <param name="source">The video.</param>
    /// <param name="number">Which of its tracks, from 0.</param>
    /// <param name="ct">Ends the decoder.</param>
    public AudioTrack(CutSource source, int number, CancellationToken ct) => (_source, _number, _ct) = (source, number, ct);

    /// <summary>What it is.</summary>
    public AudioInfo Info => _source.AudioTracks[_number];

    /// <summary>Bytes of a sample of all channels: 32-bit floats, the highest byte first.</summary>
    public int SampleBytes => 4 * Info.Channels;

    /// <summary>Number of samples that could be decoded so far.</summary>
    public long Decoded { get; private set; }

    /// <summary>What the decoder complains of; null if nothing.</summary>
    public string? Complaint => _process?.Complaint;

    /// <summary>Reads samples; silence beyond the end of the track.</summary>
    /// <param name="first">Number of the first.</param>
    /// <param name="samples">Filled; a whole number of samples.</param>
    public void Read(long first, Span<byte> samples)
    {
        if (_process is null || first < _position)
            Start();
        while (_position < first && !_ended)
            Next(_skipped.AsSpan(0, (int)Math.Min(first - _position, _skipped.Length / SampleBytes) * SampleBytes));
        int read = _ended ? 0 : Next(samples);
        samples[read..].Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _process?.Dispose();

    private int Next(Span<byte> samples)
    {
        int read = _process!.Read(samples);
        read -= read % SampleBytes;
        _ended = read < samples.Length;
        _position += read / SampleBytes;
        Decoded += read / SampleBytes;
        return read;
    }

    private void Start()
    {
        _process?.Dispose();
        string resampled = Invariant($"{Info.Rate}:async=1:min_hard_comp=0.01:first_pts={Math.Round(_source.StartSeconds * Info.Rate):0}");
        string filters = $"aresample={resampled},aformat=sample_fmts=flt:sample_rates={Info.Rate}:channel_layouts={Layouts[Info.Channels]}";
        _process = new MediaProcess(
            "ffmpeg",
            [.. Ffmpeg.Start(), "-copyts", .. Ffmpeg.Input(_source.Video.Path), "-map", Invariant($"0:a:{_number}"), "-af", filters, "-c:a",
                "pcm_f32be", "-f", "f32be", "pipe:1"],
            ct: _ct);
        _process.Input.Close();
        (_position, _ended, Decoded) = (0, false, 0);
    }
}
