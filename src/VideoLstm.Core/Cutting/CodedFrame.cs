namespace VideoLstm.Core.Cutting;

/// <summary>A coded frame on its way into a file.</summary>
/// <param name="Data">NAL units, each after its length in 4 bytes.</param>
/// <param name="Decoded">When it is decoded, units of time.</param>
/// <param name="Shown">When it is shown, units of time; not before it is decoded.</param>
/// <param name="Duration">Time until the next one is decoded, units of time.</param>
/// <param name="IsKey">Whether decoding can begin with it.</param>
internal readonly record struct CodedFrame(byte[] Data, long Decoded, long Shown, long Duration, bool IsKey);
