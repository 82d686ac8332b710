using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>The coded pictures of a file.</summary>
/// <param name="TimeScale">Units of time per second.</param>
/// <param name="Configuration">The avcC record (ISO/IEC 14496-15).</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="PixelAspect">Width over height of a pixel; null if it is not stated.</param>
/// <param name="Matrix">How the picture is turned, 9 numbers; null if it is not.</param>
/// <param name="Start">What is time 0, units of time.</param>
internal sealed record PictureTrack(
    uint TimeScale, byte[] Configuration, int Width, int Height, Rational? PixelAspect, int[]? Matrix, uint Start);
