using VideoLstm.Core.Features;

namespace VideoLstm.Core.Tests.Features;

public class FrameFeedTests
{
    private const int FrameBytes = 12;

    [Theory]
    [InlineData(1, 20)]
    [InlineData(4, 20)]
    [InlineData(9, 3)]
    public void Frames_of_each_clip_come_once_and_in_its_order(int decoders, int clips)
    {
        using var feed = new FrameFeed<(int Clip, int Frame)>(
            clips, decoders, FrameBytes, (clip, sink, _) => Fill(clip, 5 + clip, sink), default);
        var frames = new Dictionary<int, List<int>>();
        byte[] rgb = new byte[FrameBytes];
        while (feed.Next(rgb, out (int Clip, int Frame) tag))
        {
            Assert.All(rgb, value => Assert.Equal((byte)(tag.Clip + 7 * tag.Frame), value));
            if (!frames.TryGetValue(tag.Clip, out List<int>? list))
                frames[tag.Clip] = list = [];
            list.Add(tag.Frame);
        }
        Assert.Equal(clips, frames.Count);
        Assert.All(frames, clip => Assert.Equal(Enumerable.Range(0, 5 + clip.Key), clip.Value));
        Assert.False(feed.Next(rgb, out _));
    }

    [Fact]
    public void A_clip_that_ends_in_the_middle_keeps_no_frame_from_the_others()
    {
        using var feed = new FrameFeed<(int Clip, int Frame)>(60, 3, FrameBytes, (clip, sink, _) =>
        {
            Fill(clip, 2, sink);
            // Read into, and not handed on.
            sink.Rgb[0] = 1;
        }, default);
        int frames = 0;
        while (feed.Next(new byte[FrameBytes], out _))
            frames++;
        Assert.Equal(120, frames);
    }

    [Theory]
    [InlineData(FrameBytes, 12)]
    [InlineData(60 << 20, 3)]
    public void Decoders_wait_when_so_many_frames_are_ahead(int frameBytes, int frames)
    {
        int decoded = 0;
        using var feed = new FrameFeed<int>(3, 3, frameBytes, (clip, sink, stopped) =>
        {
            while (true)
            {
                _ = sink.Rgb;
                Interlocked.Increment(ref decoded);
                sink.Add(clip);
            }
        }, default);
        byte[] rgb = new byte[frameBytes];
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref decoded) == frames, TimeSpan.FromMinutes(1)));
        Assert.True(feed.Next(rgb, out _));
        // One came back, and no more than that is filled.
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref decoded) == frames + 1, TimeSpan.FromMinutes(1)));
        Thread.Sleep(50);
        Assert.Equal(frames + 1, Volatile.Read(ref decoded));
    }

    [Fact]
    public void What_ends_one_decoder_ends_all_and_is_what_the_reader_meets()
    {
        int ended = 0;
        using var all = new Barrier(3);
        using var feed = new FrameFeed<int>(3, 3, FrameBytes, (clip, sink, stopped) =>
        {
            try
            {
                all.SignalAndWait(CancellationToken.None);
                if (clip == 1)
                    throw new MissingToolException("there is no ffmpeg");
                stopped.WaitHandle.WaitOne();
                stopped.ThrowIfCancellationRequested();
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        }, default);
        Assert.Equal("there is no ffmpeg", Assert.Throws<MissingToolException>(() => feed.Next(new byte[FrameBytes], out _)).Message);
        Assert.Equal(3, ended);
    }

    [Fact]
    public void Nobody_decodes_after_the_end_by_cancellation_or_by_the_caller()
    {
        using var cancel = new CancellationTokenSource();
        int begun = 0, ended = 0;
        void Endless(int clip, FrameFeed<int>.Sink sink, CancellationToken stopped)
        {
            Interlocked.Increment(ref begun);
            try
            {
                while (true)
                {
                    _ = sink.Rgb;
                    sink.Add(clip);
                }
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        }
        using (var feed = new FrameFeed<int>(10, 2, FrameBytes, Endless, cancel.Token))
        {
            Assert.True(feed.Next(new byte[FrameBytes], out _));
            cancel.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() =>
            {
                while (feed.Next(new byte[FrameBytes], out _))
                {
                    // Those that were there before.
                }
            });
            Assert.InRange(begun, 1, 2);
            Assert.Equal(begun, ended);
        }
        using (var feed = new FrameFeed<int>(10, 2, FrameBytes, Endless, default))
            Assert.True(feed.Next(new byte[FrameBytes], out _));
        Assert.Equal(begun, ended);
    }

    private static void Fill(int clip, int frames, FrameFeed<(int Clip, int Frame)>.Sink sink)
    {
        for (int frame = 0; frame < frames; frame++)
        {
            sink.Rgb.AsSpan().Fill((byte)(clip + 7 * frame));
            sink.Add((clip, frame));
        }
    }
}
