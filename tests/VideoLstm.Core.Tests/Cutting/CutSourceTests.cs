using System.Text.Json;
using VideoLstm.Core.Cutting;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Tests.Cutting;

public sealed class CutSourceTests
{
    private const string Video = """{"index": 0, "codec_type": "video", "codec_name": "h264", "width": 8, "height": 6, "time_base": "1/90000", "r_frame_rate": "25/1", "avg_frame_rate": "25/1"}""";

    [Fact]
    public void What_a_video_holds_besides_is_counted_by_kind()
    {
        CutSource source = Describe(
            """{"index": 1, "codec_type": "audio"}""", """{"index": 2, "codec_type": "data"}""", """{"index": 3, "codec_type": "data"}""", """{"index": 4, "codec_type": "attachment"}""",
            """{"index": 5, "codec_type": "subtitle"}""", """{"index": 6, "codec_type": "video", "disposition": {"attached_pic": 1}}""", """{"index": 7, "codec_type": "video", "nb_frames": "1"}""", "{}");

        Assert.Equal(["3 data", "1 video"], source.Others);
        Assert.Equal((1, 1, 1, 1), (source.AudioTracks.Count, source.Subtitles.Count, source.Covers.Count, source.Attachments));
    }

    [Fact]
    public void Thousands_of_streams_take_memory_in_proportion()
    {
        string[] streams = [.. Enumerable.Repeat("{}", 4000)];
        Describe(streams);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(["4000 data"], Describe(streams).Others);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
    }

    private static CutSource Describe(params string[] others)
    {
        using JsonDocument answer = JsonText.Parse($$"""{"streams": [{{Video}}, {{string.Join(", ", others)}}]}""");
        using JsonDocument first = JsonText.Parse($$"""{"streams": [{{Video}}]}""");
        return CutSource.Describe(VideoProbe.Describe("video.mp4", first.RootElement, null, CancellationToken.None), answer.RootElement);
    }
}
