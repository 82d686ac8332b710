namespace VideoLstm.Core.Cutting;

/// <summary>A coded picture of a splice.</summary>
/// <param name="Data">NAL units, each after its length in 4 bytes.</param>
/// <param name="Frame">Number of the frame in the source.</param>
/// <param name="IsKey">Whether decoding can begin with it.</param>
internal readonly record struct SplicedFrame(byte[] Data, int Frame, bool IsKey);
