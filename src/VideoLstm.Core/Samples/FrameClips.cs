namespace VideoLstm.Core.Samples;

/// <summary>
/// The frames around each frame, for networks that see several at once: evenly apart, the frame itself in their middle. Beyond the ends of
/// the video its first and its last frame stand in. Frames are kept as long as clips need them.
/// </summary>
/// <param name="count">Frames of a clip.</param>
/// <param name="stride">From one of them to the next.</param>
/// <param name="frameBytes">Bytes of a frame.</param>
internal sealed class FrameClips(int count, int stride, int frameBytes)
{
    private readonly LinkedList<(long Number, byte[] Rgb)> _kept = [];
    private readonly Stack<byte[]> _free = [];
    private readonly Queue<long> _wanted = [];

    /// <summary>The clips of a network; null: it sees a frame at a time.</summary>
    /// <param name="spec">What its sequences are.</param>
    public static FrameClips? Of(SequenceSpec spec) => spec.Onnx is { ClipFrames: > 1 } network
        ? new FrameClips(network.ClipFrames, network.ClipStride, spec.Height * spec.Width * 3) : null;

    /// <summary>Bytes of a clip.</summary>
    public int Bytes => checked(count * frameBytes);

    /// <summary>Numbers of all frames that the clips around some frames are of, rising.</summary>
    /// <param name="frames">Numbers of those frames.</param>
    /// <param name="end">Frames of the video.</param>
    public long[] Around(IEnumerable<long> frames, long end) =>
        [.. frames.SelectMany(f => Enumerable.Range(0, count).Select(i => Math.Clamp(Number(f, i), 0, end - 1))).Distinct().Order()];

    /// <summary>Wants the clip around a frame; frames are wanted in rising order.</summary>
    public void Want(long frame) => _wanted.Enqueue(frame);

    /// <summary>A frame, to be filled, before it is added.</summary>
    public byte[] NewFrame() => _free.TryPop(out byte[]? rgb) ? rgb : new byte[frameBytes];

    /// <summary>Adds a frame; frames are added in rising order.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="rgb">One of <see cref="NewFrame"/>.</param>
    public void Add(long number, byte[] rgb) => _kept.AddLast((number, rgb));

    /// <summary>Takes the first clip that is wanted, if its frames have come.</summary>
    /// <param name="isOver">Whether no more frames come.</param>
    /// <param name="rgb">Filled, <c>[count, height, width, 3]</c>.</param>
    /// <param name="frame">The frame in its middle.</param>
    public bool TryTake(bool isOver, Span<byte> rgb, out long frame)
    {
        if (!_wanted.TryPeek(out frame) || _kept.Last is not { } last || (!isOver && last.Value.Number < Number(frame, count - 1)))
            return false;
        _wanted.Dequeue();
        LinkedListNode<(long Number, byte[] Rgb)> at = _kept.First!;
        for (int i = 0; i < count; i++)
        {
            // The frame, or the nearest that is there: the first before the beginning, the last behind the end.
            while (at.Next is { } next && at.Value.Number < Number(frame, i))
                at = next;
            at.Value.Rgb.CopyTo(rgb[(i * frameBytes)..]);
        }
        Forget();
        return true;
    }

    /// <summary>Forgets frames that no clip needs any more.</summary>
    /// <param name="before">Where nothing is wanted: number of the next frame that may be.</param>
    public void Forget(long? before = null)
    {
        if (!_wanted.TryPeek(out long frame) && before is null)
            return;
        long needed = Number(_wanted.Count > 0 ? frame : before!.Value, 0);
        while (_kept.First is { Next: not null } first && first.Value.Number < needed)
        {
            _free.Push(first.Value.Rgb);
            _kept.RemoveFirst();
        }
    }

    private long Number(long frame, int place) => frame + (place - (count - 1) / 2) * (long)stride;
}
