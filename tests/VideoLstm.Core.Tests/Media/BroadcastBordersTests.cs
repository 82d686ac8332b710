using System.Globalization;
using System.Text.RegularExpressions;
using VideoLstm.Core.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Media;

/// <summary>Black pictures and silences, as blocks of commercials have them around.</summary>
public sealed partial class BroadcastBordersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Black_is_found_where_ffmpeg_finds_it()
    {
        // Black from 1 s to 1.4 s, dark grey from 2 s on, black with a bright spot from 3 s, black at the end.
        string video = MadeClip.Make(
            Path.Combine(_folder.Path, "a.mkv"),
            "testsrc2=s=96x64:r=25:d=5,drawbox=t=fill:c=black:enable='between(t,1,1.39)+gte(t,3)',drawbox=t=fill:c=0x303030:enable='between(t,2,2.5)',"
                + "drawbox=x=8:y=8:w=24:h=24:t=fill:c=white:enable='between(t,3,4)',drawbox=t=fill:c=black:enable='between(t,2.72,2.72)'",
            "-c:v", "ffv1");
        var detector = new BlackDetector();
        using (var reader = new FrameReader(video, 64, 96))
        {
            foreach ((byte[] rgb, _) in MadeClip.ReadAll(reader, 64, 96))
                detector.Add(rgb);
        }
        detector.Complete();
        Assert.Equal([(25, 35), (101, 125)], detector.Stretches);

        var ffmpeg = new List<string>();
        using var process = new MediaProcess(
            "ffmpeg", [.. Ffmpeg.Start("info"), "-i", video, "-vf", "blackdetect=d=0.08", "-f", "null", "-"], ffmpeg.Add);
        process.Input.Close();
        process.Wait();
        double[] theirs =
        [
            .. ffmpeg.SelectMany(l => Black().Matches(l)).SelectMany(m => m.Groups.Values.Skip(1)).Select(g => double.Parse(g.Value, CultureInfo.InvariantCulture)),
        ];
        // It ends the last at the beginning of the last frame.
        Assert.Equal([1, 1.4, 4.04, 4.96], theirs.Select(t => Math.Round(t, 2)));
    }

    [Fact]
    public void Silence_is_found_and_a_video_without_audio_has_none()
    {
        string loud = Path.Combine(_folder.Path, "loud.mkv");
        MadeClip.Make(loud, "testsrc2=s=64x48:r=25:d=4", "-f", "lavfi", "-i", "sine=d=4,volume=0:enable='between(t,1,1.5)+gte(t,3.2)'", "-c:v", "ffv1", "-c:a", "flac");
        IReadOnlyList<(double Start, double End)> found = Silences(loud);
        Assert.Equal(2, found.Count);
        Assert.Equal(1, found[0].Start, 0.05);
        Assert.Equal(1.5, found[0].End, 0.05);
        Assert.Equal(3.2, found[1].Start, 0.05);
        Assert.True(found[1].End >= 3.99);

        string mute = MadeClip.Make(Path.Combine(_folder.Path, "mute.mkv"), "testsrc2=s=64x48:r=25:d=1", "-c:v", "ffv1");
        Assert.Empty(Silences(mute));
    }

    private static IReadOnlyList<(double Start, double End)> Silences(string video)
    {
        using var detector = new SilenceDetector(VideoProbe.Read(video), CancellationToken.None);
        return detector.Find();
    }

    [GeneratedRegex(@"black_start:([0-9.]+) black_end:([0-9.]+)")]
    private static partial Regex Black();
}
