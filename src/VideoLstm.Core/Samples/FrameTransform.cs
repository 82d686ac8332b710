using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Serialization;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Samples;

/// <summary>
/// One change of frames, as Keras' ImageDataGenerator.apply_transform makes it: the pixel at p of the result is what the frame shows at
/// rotation * shift * shear * zoom * (p - centre) + centre, p = (row, column), centre = (height / 2 - 0.5, width / 2 - 0.5), between four
/// pixels (bilinear) and beyond the edge as <see cref="FillMode"/> says; then its colours are shifted, it is mirrored, and made brighter or
/// darker. Unlike there, brightness does not first stretch each frame's values to 0..255, which would make a clip flicker.
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

    /// <summary>Degrees by which columns lean: the matrix is (1, -sin; 0, cos).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Shear { get; init; }

    /// <summary>Whether top and bottom change places.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FlipVertical { get; init; }

    /// <summary>What is added to all values, which stay between the smallest and the largest of the frame.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double ChannelShift { get; init; }

    /// <summary>What is seen beyond the edge.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FillMode Fill { get; init; }

    /// <summary>The value of <see cref="FillMode.Constant"/>, 0 to 255.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double FillValue { get; init; }

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
        (double down, double right) = (FlipVertical ? ShiftDown : -ShiftDown, Flip ? ShiftAcross : -ShiftAcross);
        return Words.Join(
            (ZoomDown != 1 || ZoomAcross != 1, $"scaled {1 / ZoomDown:0.00} x {1 / ZoomAcross:0.00}"),
            (Rotation != 0, $"turned {Math.Abs(Rotation):0.0}° {(Rotation < 0 != (Flip != FlipVertical) ? "left" : "right")}"),
            (down != 0 || right != 0,
                $"moved {Math.Abs(down):0} {(down < 0 ? "up" : "down")} and {Math.Abs(right):0} {(right < 0 ? "left" : "right")}"),
            (Shear != 0, $"sheared {Shear:0.0}°"),
            (Flip, $"mirrored"),
            (FlipVertical, $"upside down"),
            (ChannelShift != 0, $"colours shifted by {ChannelShift:0.0}"),
            (Brightness != 1, $"brightness {Brightness:0.00}"));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Warp(byte[] source, ref byte result, int height, int width)
    {
        (double sin, double cos) = Math.SinCos(Rotation * Math.PI / 180);
        (double lean, double upright) = Math.SinCos(Shear * Math.PI / 180);
        double centreY = height / 2.0 - 0.5, centreX = width / 2.0 - 0.5;
        // Mirrored about the centre, rows and columns count the other way.
        double mirrorY = FlipVertical ? -1 : 1, mirrorX = Flip ? -1 : 1;
        double yByRow = cos * ZoomDown * mirrorY, yByColumn = (-cos * lean - sin * upright) * ZoomAcross * mirrorX,
            xByRow = sin * ZoomDown * mirrorY, xByColumn = (cos * upright - sin * lean) * ZoomAcross * mirrorX;
        double y0 = cos * ShiftDown - sin * ShiftAcross + centreY, x0 = sin * ShiftDown + cos * ShiftAcross + centreX;
        var brightness = Vector128.Create((float)Math.Max(Brightness, 0));
        (Vector128<float> least, Vector128<float> most) = (Vector128<float>.Zero, Vector128.Create(255f));
        var shift = Vector128.Create((float)ChannelShift);
        (FillMode fill, float outside) = (Fill, (float)FillValue);
        ref byte first = ref MemoryMarshal.GetArrayDataReference(source);

        if (ChannelShift != 0)
        {
            Vector128<float> smallest = most, largest = least;
            for (int row = 0; row < height; row++)
            {
                double yOfRow = yByRow * (row - centreY) + y0, xOfRow = xByRow * (row - centreY) + x0;
                for (int column = 0; column < width; column++)
                {
                    double y = yOfRow + yByColumn * (column - centreX), x = xOfRow + xByColumn * (column - centreX);
                    Vector128<float> value = Seen(ref first, y, x, height, width, fill, outside);
                    (smallest, largest) = (Vector128.Min(smallest, value), Vector128.Max(largest, value));
                }
            }
            least = Vector128.Create(MathF.Min(MathF.Min(smallest[0], smallest[1]), smallest[2]));
            most = Vector128.Create(MathF.Max(MathF.Max(largest[0], largest[1]), largest[2]));
        }
        for (int row = 0; row < height; row++)
        {
            double yOfRow = yByRow * (row - centreY) + y0, xOfRow = xByRow * (row - centreY) + x0;
            for (int column = 0; column < width; column++)
            {
                double y = yOfRow + yByColumn * (column - centreX), x = xOfRow + xByColumn * (column - centreX);
                Vector128<float> seen = Seen(ref first, y, x, height, width, fill, outside);
                Vector128<float> shifted = Vector128.Min(Vector128.Max(seen + shift, least), most);
                Vector128<float> value = Vector128.Min(shifted * brightness + Vector128.Create(0.5f), Vector128.Create(255f));
                Vector128<int> rounded = Vector128.ConvertToInt32(value);
                Vector128<ushort> words = Vector128.Narrow(rounded.AsUInt32(), rounded.AsUInt32());
                uint pixel = Vector128.Narrow(words, words).AsUInt32().ToScalar();
                Unsafe.WriteUnaligned(ref result, (ushort)pixel);
                Unsafe.Add(ref result, 2) = (byte)(pixel >> 16);
                result = ref Unsafe.Add(ref result, 3);
            }
        }
    }

    // What a frame shows at a place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Seen(ref byte first, double y, double x, int height, int width, FillMode fill, float outside)
    {
        if (fill == FillMode.Constant && !(y >= 0 && y <= height - 1 && x >= 0 && x <= width - 1))
            return Vector128.Create(outside);
        (int top, int bottom, float alongY) = Place(y, height, fill);
        (int left, int right, float alongX) = Place(x, width, fill);
        ref byte above = ref Unsafe.Add(ref first, top * width * 3), below = ref Unsafe.Add(ref first, bottom * width * 3);
        Vector128<float> part = Vector128.Create(alongX);
        Vector128<float> upper = Between(Pixel(ref Unsafe.Add(ref above, left * 3)), Pixel(ref Unsafe.Add(ref above, right * 3)), part);
        Vector128<float> lower = Between(Pixel(ref Unsafe.Add(ref below, left * 3)), Pixel(ref Unsafe.Add(ref below, right * 3)), part);
        return Between(upper, lower, Vector128.Create(alongY));
    }

    // The two pixels of a line of so many that a place lies between, and how far it is from the first to the second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int First, int Second, float Part) Place(double at, int count, FillMode fill)
    {
        if (fill == FillMode.Reflect)
        {
            double floor = Math.Floor(at);
            return (Reflected(floor, count), Reflected(floor + 1, count), (float)(at - floor));
        }
        if (fill == FillMode.Wrap && count > 1)
            at -= (count - 1) * Math.Floor(at / (count - 1));
        at = Math.Clamp(at, 0, count - 1);
        int first = (int)at;
        return (first, Math.Min(first + 1, count - 1), (float)(at - first));
    }

    private static int Reflected(double pixel, int count)
    {
        int inPeriod = (int)(pixel - 2.0 * count * Math.Floor(pixel / (2.0 * count)));
        return inPeriod < count ? inPeriod : 2 * count - 1 - inPeriod;
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
