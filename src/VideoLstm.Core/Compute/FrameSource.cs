namespace VideoLstm.Core.Compute;

/// <summary>Fills the next frame, RGB <c>[height, width, 3]</c>; false when there is none.</summary>
/// <typeparam name="TTag">What the caller wants to know of the frame when its features are there.</typeparam>
public delegate bool FrameSource<TTag>(Span<byte> rgb, out TTag tag);
