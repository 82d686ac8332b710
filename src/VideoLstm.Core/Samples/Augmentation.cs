using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using VideoLstm.Core.Datasets;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Samples;

/// <summary>
/// How far the frames of a clip may be changed at random before a network learns from them: the ranges of the same names of Keras'
/// ImageDataGenerator, as generators of video use it, one transform for all frames of a clip and another in each epoch. Shifts go
/// with the axis that they are named after, which some versions of Keras swap.
/// </summary>
public sealed record Augmentation
{
    /// <summary>Frames stay as they are.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Frames are scaled by 1 - this to 1 + this, drawn for height and width apart; under 1.</summary>
    public double ZoomRange { get; init => field = Check(value, 0, 0.99, nameof(ZoomRange)); }

    /// <summary>Whether every other clip is mirrored, left for right.</summary>
    public bool HorizontalFlip { get; init; }

    /// <summary>Frames are turned by up to so many degrees, to either side; at most 180.</summary>
    public double RotationRange { get; init => field = Check(value, 0, 180, nameof(RotationRange)); }

    /// <summary>Frames are moved to either side by up to this part of their width; at most 1.</summary>
    public double WidthShiftRange { get; init => field = Check(value, 0, 1, nameof(WidthShiftRange)); }

    /// <summary>Frames are moved up or down by up to this part of their height; at most 1.</summary>
    public double HeightShiftRange { get; init => field = Check(value, 0, 1, nameof(HeightShiftRange)); }

    /// <summary>Values of pixels are multiplied by this at least; 0 to 10.</summary>
    public double BrightnessLow { get; init => field = Check(value, 0, 10, nameof(BrightnessLow)); } = 1;

    /// <summary>Values of pixels are multiplied by this at most; 0 to 10.</summary>
    public double BrightnessHigh { get; init => field = Check(value, 0, 10, nameof(BrightnessHigh)); } = 1;

    /// <summary>Frames are sheared by up to so many degrees, to either side; at most 90.</summary>
    public double ShearRange { get; init => field = Check(value, 0, 90, nameof(ShearRange)); }

    /// <summary>Whether every other clip is turned upside down, mirrored.</summary>
    public bool VerticalFlip { get; init; }

    /// <summary>Up to so much is added to or taken from all values, of 0 to 255; at most 255.</summary>
    public double ChannelShiftRange { get; init => field = Check(value, 0, 255, nameof(ChannelShiftRange)); }

    /// <summary>What is seen beyond the edge of a frame.</summary>
    public FillMode Fill { get; init; }

    /// <summary>The value of <see cref="FillMode.Constant"/>, 0 to 255.</summary>
    public double FillValue { get; init => field = Check(value, 0, 255, nameof(FillValue)); }

    /// <summary>Whether any frame is changed.</summary>
    public bool ChangesFrames => this with { Fill = FillMode.Nearest, FillValue = 0 } != None;

    /// <summary>
    /// Draws the transform of a clip in an epoch. It depends on nothing but the arguments: not on other clips, nor on their order,
    /// and no range changes what is drawn for another.
    /// </summary>
    /// <param name="height">Height of the frames, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="clip">What the clip is called: <see cref="Clip.Label"/>.</param>
    /// <param name="epoch">Number of the epoch.</param>
    public FrameTransform Draw(int height, int width, ulong seed, string clip, int epoch)
    {
        ArgumentNullException.ThrowIfNull(clip);
        byte[] name = SHA256.HashData(Encoding.UTF8.GetBytes(Invariant($"augmentation {epoch} {clip}")));
        var random = new RandomSource(seed, BinaryPrimitives.ReadUInt64LittleEndian(name));
        double Symmetric(double range) => range * (2 * random.NextUniform() - 1);
        // Keras' order; what came later is drawn last, so that all else is as it was.
        return new FrameTransform
        {
            Rotation = Symmetric(RotationRange),
            ShiftDown = Symmetric(HeightShiftRange) * height,
            ShiftAcross = Symmetric(WidthShiftRange) * width,
            ZoomDown = 1 + Symmetric(ZoomRange),
            ZoomAcross = 1 + Symmetric(ZoomRange),
            Flip = random.NextUniform() < 0.5 && HorizontalFlip,
            Brightness = BrightnessLow + (BrightnessHigh - BrightnessLow) * random.NextUniform(),
            Shear = Symmetric(ShearRange),
            FlipVertical = random.NextUniform() < 0.5 && VerticalFlip,
            ChannelShift = Symmetric(ChannelShiftRange),
            Fill = Fill,
            FillValue = FillValue,
        };
    }

    /// <summary>
    /// Copies of clips for networks that learn from stored features: copy n of a clip has the transform of epoch n and seed 0.
    /// Only train clips have copies.
    /// </summary>
    /// <param name="clips">The clips.</param>
    /// <param name="copies">How many of each.</param>
    /// <param name="height">Height of the frames, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    public IReadOnlyList<ClipVariant> Copies(IEnumerable<Clip> clips, int copies, int height, int width) =>
    [
        .. clips.Where(c => c.Set == ClipSet.Train)
            .SelectMany(c => Enumerable.Range(1, copies)
            .Select(n => new ClipVariant(c, new ClipCopy(n, Draw(height, width, seed: 0, c.Label, n))))),
    ];

    /// <summary>The ranges in words, e.g. <c>zoom 0.1, flip, rotation 8</c>; empty if there are none.</summary>
    public override string ToString() => Words.Join(
        (ZoomRange > 0, $"zoom {ZoomRange:0.###}"),
        (HorizontalFlip, $"flip"),
        (RotationRange > 0, $"rotation {RotationRange:0.###}"),
        (WidthShiftRange > 0, $"shift {WidthShiftRange:0.###} across"),
        (HeightShiftRange > 0, $"shift {HeightShiftRange:0.###} down"),
        (BrightnessLow != 1 || BrightnessHigh != 1, $"brightness {BrightnessLow:0.###} to {BrightnessHigh:0.###}"),
        (ShearRange > 0, $"shear {ShearRange:0.###}"),
        (VerticalFlip, $"vertical flip"),
        (ChannelShiftRange > 0, $"channel shift {ChannelShiftRange:0.###}"),
        (Fill == FillMode.Constant, $"fill {FillValue:0.###}"),
        (Fill is FillMode.Reflect or FillMode.Wrap, $"fill {(Fill == FillMode.Wrap ? "wrap" : "reflect")}"));

    private static double Check(double value, double least, double most, string name) =>
        value >= least && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(name, value, Invariant($"expected {least} to {most}"));
}
