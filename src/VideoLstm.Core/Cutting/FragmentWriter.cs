using System.Numerics;
using System.Text;

namespace VideoLstm.Core.Cutting;

/// <summary>
/// Hands coded pictures and plain audio to ffmpeg through a pipe, with exact times: a QuickTime file in fragments (ISO/IEC 14496-12,
/// section 8.8), which needs no seeking and no memory.
/// </summary>
internal sealed class FragmentWriter
{
    private const uint DefaultBaseIsMoof = 0x20000, HasOffset = 0x1, HasDuration = 0x100, HasSize = 0x200, HasFlags = 0x400,
        HasComposition = 0x800;
    private const uint IsNoKey = 0x10000;
    private const int SamplesPerEntry = 1024;

    private static readonly byte[] Upright = Join(U32(1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30));

    private readonly Stream _output;
    private readonly bool _hasPictures;
    private readonly IReadOnlyList<AudioInfo> _audioTracks;
    private uint _sequence;

    /// <summary>Writes the head of the file.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="pictures">The pictures, the first track; null if there are none.</param>
    /// <param name="audioTracks">The audio tracks, 32-bit floats, highest byte first.</param>
    public FragmentWriter(Stream output, PictureTrack? pictures, IReadOnlyList<AudioInfo> audioTracks)
    {
        _output = output;
        _hasPictures = pictures is not null;
        _audioTracks = audioTracks;
        var tracks = new List<byte[]>();
        if (pictures is not null)
            tracks.Add(Track(1, pictures.TimeScale, "vide", Box("vmhd", U32(1, 0, 0)), Picture(pictures), (pictures.Width, pictures.Height),
                pictures.Matrix, pictures.Start));
        foreach (AudioInfo audio in audioTracks)
            tracks.Add(Track((uint)tracks.Count + 1, (uint)audio.Rate, "soun", Box("smhd", U32(0, 0)), Audio(audio), (0, 0), null, 0));
        byte[] extends = Box("mvex", [.. Enumerable.Range(1, tracks.Count).Select(id => Box("trex", U32(0, (uint)id, 1, 0, 0, 0)))]);
        byte[] head = Box("mvhd", U32(0, 0, 0, 1000, 0, 1 << 16, 0x0100_0000, 0, 0), Upright, new byte[24], U32((uint)tracks.Count + 1));
        _output.Write(Box("ftyp", "qt  "u8.ToArray(), U32(0x200), "qt  "u8.ToArray()));
        _output.Write(Box("moov", [head, .. tracks, extends]));
    }

    /// <summary>Writes frames, in the order in which they are decoded.</summary>
    public void WritePictures(IReadOnlyList<CodedFrame> frames)
    {
        byte[] entries = Join([.. frames.Select(f => U32(
            (uint)f.Duration, (uint)f.Data.Length, f.IsKey ? 0 : IsNoKey, (uint)(f.Shown - f.Decoded)))]);
        Write(1, frames[0].Decoded, HasDuration | HasSize | HasFlags | HasComposition, frames.Count, entries,
            [.. frames.Select(f => f.Data)]);
    }

    /// <summary>Writes samples of an audio track.</summary>
    /// <param name="track">Its number, from 0.</param>
    /// <param name="first">Number of the first sample.</param>
    /// <param name="samples">The samples.</param>
    public void WriteAudio(int track, long first, byte[] samples)
    {
        int size = 4 * _audioTracks[track].Channels, count = samples.Length / size;
        // Each entry of the table stands for many samples: tables of single ones would be larger than they are.
        var entries = new List<byte[]>();
        for (int i = 0; i < count; i += SamplesPerEntry)
            entries.Add(U32((uint)Math.Min(SamplesPerEntry, count - i), (uint)(Math.Min(SamplesPerEntry, count - i) * size)));
        Write((uint)(track + (_hasPictures ? 2 : 1)), first, HasDuration | HasSize, entries.Count, Join([.. entries]), [samples]);
    }

    private void Write(uint id, long time, uint fields, int count, byte[] entries, IReadOnlyList<byte[]> data)
    {
        byte[] Fragment(uint offset) => Box("moof",
            Box("mfhd", U32(0, _sequence)),
            Box("traf",
                Box("tfhd", U32(DefaultBaseIsMoof, id)),
                Box("tfdt", U32(0x0100_0000, (uint)(time >> 32), (uint)time)),
                Box("trun", U32(HasOffset | fields, (uint)count, offset), entries)));
        _sequence++;
        _output.Write(Fragment((uint)Fragment(0).Length + 8));
        _output.Write(U32(checked((uint)(8 + data.Sum(d => (long)d.Length)))));
        _output.Write("mdat"u8);
        foreach (byte[] part in data)
            _output.Write(part);
    }

    private static byte[] Track(uint id, uint timeScale, string handler, byte[] mediaHead, byte[] sampleEntry,
        (int Width, int Height) size, int[]? matrix, uint start)
    {
        byte[] turned = matrix is null ? Upright : U32([.. matrix.Select(v => (uint)v)]);
        byte[] samples = Box("stbl", Box("stsd", U32(0, 1), sampleEntry), Box("stts", U32(0, 0)), Box("stsc", U32(0, 0)),
            Box("stsz", U32(0, 0, 0)), Box("stco", U32(0, 0)));
        byte[] information = Box("minf", mediaHead, Box("dinf", Box("dref", U32(0, 1), Box("url ", U32(1)))), samples);
        byte[] media = Box("mdia",
            Box("mdhd", U32(0, 0, 0, timeScale, 0, 0x55C4_0000)), Box("hdlr", U32(0, 0), Encoding.ASCII.GetBytes(handler), new byte[13]),
                information);
        return Box("trak", Box("tkhd", U32(7, 0, 0, id, 0, 0, 0, 0, 0, 0), turned, U32((uint)size.Width << 16, (uint)size.Height << 16)),
            Box("edts", Box("elst", U32(0, 1, 0, start, 1 << 16))), media);
    }

    private static byte[] Picture(PictureTrack track) => Box("avc1",
        new byte[6], U16(1), new byte[16], U16((ushort)track.Width, (ushort)track.Height), U32(72 << 16, 72 << 16, 0), U16(1), new byte[32],
        U16(24, 0xFFFF),
        Box("avcC", track.Configuration),
        track.PixelAspect is { Numerator: <= uint.MaxValue, Denominator: <= uint.MaxValue } aspect
            ? Box("pasp", U32((uint)aspect.Numerator, (uint)aspect.Denominator))
            : []);

    private static byte[] Audio(AudioInfo audio) => Box("fl32",
        new byte[6], U16(1), new byte[8], U16((ushort)audio.Channels, 32), U32(0, (uint)audio.Rate << 16));

    private static byte[] Box(string type, params byte[][] content)
    {
        byte[] body = Join(content);
        return Join(U32((uint)body.Length + 8), Encoding.ASCII.GetBytes(type), body);
    }

    private static byte[] U32(params ReadOnlySpan<uint> values) => BigEndian(values, sizeof(uint));

    private static byte[] U16(params ReadOnlySpan<ushort> values) => BigEndian(values, sizeof(ushort));

    private static byte[] BigEndian<T>(ReadOnlySpan<T> values, int size) where T : IBinaryInteger<T>
    {
        byte[] bytes = new byte[size * values.Length];
        for (int i = 0; i < values.Length; i++)
            values[i].WriteBigEndian(bytes, size * i);
        return bytes;
    }

    private static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p)];
}
