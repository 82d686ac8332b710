using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>What has to be known of a video to cut it.</summary>
internal sealed record CutSource
{
    private const int HighestRate = 48000;

    /// <summary>What every step knows of it.</summary>
    public required VideoInfo Video { get; init; }

    /// <summary>Seconds per unit of time of the pictures.</summary>
    public required Rational TimeBase { get; init; }

    /// <summary>What is time 0 for all who read the pictures, in the time of the file, seconds.</summary>
    public required double StartSeconds { get; init; }

    /// <summary>Width as coded.</summary>
    public required int Width { get; init; }

    /// <summary>Height as coded.</summary>
    public required int Height { get; init; }

    /// <summary>Width over height of a pixel; null if it is not stated.</summary>
    public required Rational? PixelAspect { get; init; }

    /// <summary>Pixel format, as ffmpeg names it.</summary>
    public required string PixelFormat { get; init; }

    /// <summary>Profile of the codec, as ffprobe names it.</summary>
    public required string Profile { get; init; }

    /// <summary>Level of the codec, as it is coded.</summary>
    public required int Level { get; init; }

    /// <summary>Whether frames are stated to be of two fields.</summary>
    public required bool IsInterlaced { get; init; }

    /// <summary>How the picture is turned when shown, 9 numbers as in an MP4's track header; null if it is not.</summary>
    public required int[]? Matrix { get; init; }

    /// <summary>What the container keeps for the decoder: an avcC record, or a start of the stream.</summary>
    public required byte[] Extradata { get; init; }

    /// <summary>All audio tracks.</summary>
    public required IReadOnlyList<AudioInfo> AudioTracks { get; init; }

    /// <summary>What the container says of the pictures.</summary>
    public required StreamNotes Notes { get; init; }

    /// <summary>By what name the container calls their codec, e.g. <c>hev1</c>.</summary>
    public required string CodecTag { get; init; }

    /// <summary>Whether the pictures can be transparent.</summary>
    public required bool IsTransparent { get; init; }

    /// <summary>Whether they are so by a second stream, which only libvpx decodes (VP8, VP9).</summary>
    public required bool HasAlphaStream { get; init; }

    /// <summary>All tracks of subtitles.</summary>
    public required IReadOnlyList<SubtitleInfo> Subtitles { get; init; }

    /// <summary>Cover pictures: the number of each stream, and its codec.</summary>
    public required IReadOnlyList<(int Stream, string Codec)> Covers { get; init; }

    /// <summary>Number of files that are attached, such as fonts.</summary>
    public required int Attachments { get; init; }

    /// <summary>All chapters.</summary>
    public required IReadOnlyList<Chapter> Chapters { get; init; }

    /// <summary>What the file says of itself: title, date and such.</summary>
    public required IReadOnlyList<(string Name, string Value)> Tags { get; init; }

    /// <summary>What the file holds besides, each kind in words.</summary>
    public required IReadOnlyList<string> Others { get; init; }

    /// <summary>Asks ffprobe.</summary>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    public static CutSource Read(string path, CancellationToken ct)
    {
        VideoInfo video = VideoProbe.Read(path, ct);
        return VideoProbe.Ask(path, (root, _) => Describe(video, root), ["-show_data", "-show_chapters"], ct);
    }

    /// <summary>What ffprobe's answer says of a video.</summary>
    /// <exception cref="InputException">It does not say enough.</exception>
    internal static CutSource Describe(VideoInfo video, JsonElement root)
    {
        JsonElement[] streams = [.. root.Items("streams")];
        int picturesAt = Array.FindIndex(streams, s => VideoProbe.Integer(s, "index") == video.StreamIndex);
        JsonElement pictures = picturesAt < 0 ? default : streams[picturesAt];
        // ffmpeg counts from where the file starts, and in streams for broadcast from where the pictures do.
        JsonElement starts = video.IsBroadcast ? pictures : root.Property("format") ?? default;
        JsonElement[] chapters = [.. root.Items("chapters")];
        IEnumerable<JsonElement> Of(string type) => streams.Where(s => s.Text("codec_type") == type);
        // In MP4 the names of chapters are a track of text.
        IEnumerable<JsonElement> others = streams.Where((s, i) => i != picturesAt
            && s.Text("codec_type") is not ("audio" or "subtitle" or "attachment") && !VideoProbe.IsPicture(s))
            .Where(s => chapters.Length == 0 || s.Text("codec_type") != "data" || s.Text("codec_tag_string") != "text");
        bool hasAlphaStream = pictures.Text("codec_name") is "vp8" or "vp9"
            && StreamNotes.TagsOf(pictures).Any(t => t.Name.Equals("alpha_mode", StringComparison.OrdinalIgnoreCase) && t.Value == "1");
        double start = starts.Real("start_time") is { } seconds && Math.Abs(seconds) < 1e6 ? seconds : 0;
        return new CutSource
        {
            Video = video,
            TimeBase = Rational.Parse(pictures.Text("time_base"))
                ?? throw new InputException($"{video.Path}: does not say in what unit it counts time; replace the file"),
            StartSeconds = start,
            Width = VideoProbe.Integer(pictures, "width"),
            Height = VideoProbe.Integer(pictures, "height"),
            PixelAspect = Rational.Parse((pictures.Text("sample_aspect_ratio") ?? "").Replace(':', '/')),
            PixelFormat = pictures.Text("pix_fmt") ?? "unknown",
            Profile = pictures.Text("profile") ?? "unknown",
            Level = VideoProbe.Integer(pictures, "level"),
            IsInterlaced = pictures.Text("field_order") is "tt" or "bb" or "tb" or "bt",
            Matrix = pictures.Items("side_data_list").Select(s => s.Text("displaymatrix")).OfType<string>().Select(ParseMatrix)
                .FirstOrDefault(),
            Extradata = ParseDump(pictures.Text("extradata") ?? ""),
            AudioTracks = [.. Of("audio").Select(DescribeAudio)],
            Notes = StreamNotes.Of(pictures),
            CodecTag = pictures.Text("codec_tag_string") ?? "",
            IsTransparent = hasAlphaStream || Container.IsTransparent(pictures.Text("pix_fmt") ?? ""),
            HasAlphaStream = hasAlphaStream,
            Subtitles = [.. Of("subtitle").Select((s, i) => new SubtitleInfo(i, s.Text("codec_name") ?? "unknown", StreamNotes.Of(s)))],
            Covers = [.. streams.Where(VideoProbe.IsPicture)
                .Select(s => (VideoProbe.Integer(s, "index"), s.Text("codec_name") ?? "unknown"))],
            Attachments = Of("attachment").Count(),
            Chapters = [.. chapters.Select(c => new Chapter(
                (c.Real("start_time") ?? 0) - start, (c.Real("end_time") ?? 0) - start, [.. StreamNotes.TagsOf(c)]))],
            Tags = root.Property("format") is { } format ? [.. StreamNotes.TagsOf(format)] : [],
            Others = [.. others.Select(s => s.Text("codec_tag_string") == "tmcd" ? "time code" : s.Text("codec_type") ?? "data")
                .CountBy(kind => kind).Select(kind => Invariant($"{kind.Value} {kind.Key}"))],
        };
    }

    private static AudioInfo DescribeAudio(JsonElement stream)
    {
        int channels = VideoProbe.Integer(stream, "channels");
        // Rates beyond what all encoders take, and arrangements of loudspeakers that have no one name, become the common ones.
        return new AudioInfo(
            stream.Text("codec_name") ?? "unknown",
            stream.Whole("sample_rate") is >= 8000 and <= HighestRate and var rate ? (int)rate : HighestRate,
            AudioTrack.Layouts.ContainsKey(channels) ? channels : 2, StreamNotes.Of(stream));
    }

    // Lines "00000000:   0   65536   0".
    private static int[]? ParseMatrix(string text)
    {
        int[] values =
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(line => line[(line.IndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(word => int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : 0),
        ];
        const int one = 1 << 16, unit = 1 << 30;
        return values.Length == 9 && !values.SequenceEqual([one, 0, 0, 0, one, 0, 0, 0, unit]) ? values : null;
    }

    // Lines "00000000: 0164 000d ffe1  text", up to 8 groups each.
    private static byte[] ParseDump(string text)
    {
        var bytes = new List<byte>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string hex = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimStart();
            int end = hex.IndexOf("  ", StringComparison.Ordinal);
            hex = (end < 0 ? hex : hex[..end]).Replace(" ", "", StringComparison.Ordinal);
            if (hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
                return [];
            bytes.AddRange(Convert.FromHexString(hex));
        }
        return [.. bytes];
    }
}
