using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Samples;

/// <summary>
/// One change of frames, as Keras' ImageDataGenerator.apply_transform makes it: the pixel at p of the result is what the frame shows at
/// rotation * shift * zoom * (p - centre) + centre, p = (row, column), centre = (height / 2 - 0.5, width / 2 - 0.5), between four
/// pixels (bilinear) and beyond the edge the nearest pixel; then it is mirrored, then made brighter or darker. Unlike there,
/// brightness does not first stretch each frame's values to 0..255, which would make a clip flicker.
/// </summary>
public sealed record FrameTransform
{
    /// <summary>Degrees, of the way that the frame is looked at.</summary>
    public double Rotation { get; init; }

    /// <summary>Pixels downwards, of the place where the frame is looked at: the picture itself moves up.</summary>
    public double ShiftDown { get; init; }

    /// <summary>Pixels to the right, of the place where the frame is looked at.</summary>
    public double ShiftAcross { get; init; }

    /// <summary>Over 1 shows more of the height, smaller.</summary>
    public double ZoomDown { get; init; } = 1;

    /// <summary>Over 1 shows more of the width, smaller.</summary>
    public double ZoomAcross { get; init; } = 1;

    /// <summary>Whether left and right change places.</summary>
    public bool Flip { get; init; }

    /// <summary>What pixels are multiplied by; under 0 counts as 0.</summary>
    public double Brightness { get; init; } = 1;

    /// <summary>Transforms frames, several at once on several threads.</summary>
    /// <param name="frames">Frames, RGB <c>[height, width, 3]</c> each.</param>
    /// <param name="height">Their height, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <returns>New frames, as many.</returns>
    public byte[][] Apply(IReadOnlyList<byte[]> frames, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var results = new byte[frames.Count][];
        Workers.For(frames.Count, i => Apply(frames[i], results[i] = new byte[frames[i].Length], height, width));
        return results;
    }

    /// <summary>Transforms a frame.</summary>
    /// <param name="rgb">The frame, RGB <c>[height, width, 3]</c>.</param>
    /// <param name="result">Filled with the transformed frame; may be the same memory.</param>
    /// <param name="height">Height of both, pixels.</param>
    /// <param name="width">Width of both, pixels.</param>
    public void Apply(ReadOnlySpan<byte> rgb, Span<byte> result, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, height * width * 3, nameof(rgb));
        ArgumentOutOfRangeException.ThrowIfNotEqual(result.Length, rgb.Length, nameof(result));
        // A byte more, so that any pixel can be read as four bytes.
        byte[] padded = ArrayPool<byte>.Shared.Rent(rgb.Length + 1);
        rgb.CopyTo(padded);
        Warp(padded, ref MemoryMarshal.GetReference(result), height, width);
        ArrayPool<byte>.Shared.Return(padded);
    }

    /// <summary>
    /// What becomes of the picture, in words, e.g. <c>scaled 0.95 x 1.02, moved 4 down and 7 left</c>, height before width; empty if it
    /// changes nothing.
    /// </summary>
    public override string ToString()
    {
        (double down, double right) = (-ShiftDown, Flip ? ShiftAcross : -ShiftAcross);
        return Words.Join(
            (ZoomDown != 1 || ZoomAcross != 1, $"scaled {1 / ZoomDown:0.00} x {1 / ZoomAcross:0.00}"),
            (Rotation != 0, $"turned {Math.Abs(Rotation):0.0}° {(Rotation < 0 != Flip ? "left" : "right")}"),
            (down != 0 || right != 0,
                $"moved {Math.Abs(down):0} {(down < 0 ? "up" : "down")} and {Math.Abs(right):0} {(right < 0 ? "left" : "right")}"),
            (Flip, $"mirrored"),
            (Brightness != 1, $"brightness {Brightness:0.00}"));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Warp(byte[] source, ref byte result, int height, int width)
    {
        (double sin, double cos) = Math.SinCos(Rotation * Math.PI / 180);
        double centreY = height / 2.0 - 0.5, centreX = width / 2.0 - 0.5;
        // Mirrored about the centre, columns count the other way.
        double mirror = Flip ? -1 : 1;
        double yByRow = cos * ZoomDown, yByColumn = -sin * ZoomAcross * mirror, xByRow = sin * ZoomDown,
            xByColumn = cos * ZoomAcross * mirror;
        double y0 = cos * ShiftDown - sin * ShiftAcross + centreY, x0 = sin * ShiftDown + cos * ShiftAcross + centreX;
        var brightness = Vector128.Create((float)Math.Max(Brightness, 0));
        ref byte first = ref MemoryMarshal.GetArrayDataReference(source);
        int stride = width * 3;

        for (int row = 0; row < height; row++)
        {
            double yOfRow = yByRow * (row - centreY) + y0, xOfRow = xByRow * (row - centreY) + x0;
            for (int column = 0; column < width; column++)
            {
                double y = Math.Clamp(yOfRow + yByColumn * (column - centreX), 0, height - 1);
                double x = Math.Clamp(xOfRow + xByColumn * (column - centreX), 0, width - 1);
                int top = (int)y, left = (int)x;
                ref byte corner = ref Unsafe.Add(ref first, top * stride + left * 3);
                int down = top < height - 1 ? stride : 0, right = left < width - 1 ? 3 : 0;
                var alongX = Vector128.Create((float)(x - left));
                var alongY = Vector128.Create((float)(y - top));
                Vector128<float> upper = Between(Pixel(ref corner), Pixel(ref Unsafe.Add(ref corner, right)), alongX);
                Vector128<float> lower = Between(
                    Pixel(ref Unsafe.Add(ref corner, down)), Pixel(ref Unsafe.Add(ref corner, down + right)), alongX);
                Vector128<float> value = Vector128.Min(
                    Between(upper, lower, alongY) * brightness + Vector128.Create(0.5f), Vector128.Create(255f));
                Vector128<int> rounded = Vector128.ConvertToInt32(value);
                Vector128<ushort> words = Vector128.Narrow(rounded.AsUInt32(), rounded.AsUInt32());
                uint pixel = Vector128.Narrow(words, words).AsUInt32().ToScalar();
                Unsafe.WriteUnaligned(ref result, (ushort)pixel);
                Unsafe.Add(ref result, 2) = (byte)(pixel >> 16);
                result = ref Unsafe.Add(ref result, 3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Between(Vector128<float> a, Vector128<float> b, Vector128<float> part) =>
        Vector128.MultiplyAddEstimate(b - a, part, a);

    // Red, green, blue, and a byte of the next pixel that nobody looks at.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Pixel(ref byte at)
    {
        Vector128<byte> bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref at)).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32());
    }
}
