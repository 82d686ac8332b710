using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Tests.Samples;

public sealed class AugmentationTests
{
    private static readonly Augmentation All = new()
    {
        ZoomRange = 0.1, HorizontalFlip = true, RotationRange = 8, WidthShiftRange = 0.2, HeightShiftRange = 0.3, BrightnessLow = 0.8, BrightnessHigh = 1.3,
    };

    [Fact]
    public void DrawsFillTheirRangesEvenly()
    {
        FrameTransform[] drawn = [.. Enumerable.Range(0, 2000).Select(i => All.Draw(200, 100, 1, $"train/A/{i % 50}", i / 50))];

        AssertUniform(drawn.Select(t => t.Rotation), -8, 8);
        AssertUniform(drawn.Select(t => t.ShiftDown), -60, 60);
        AssertUniform(drawn.Select(t => t.ShiftAcross), -20, 20);
        AssertUniform(drawn.Select(t => t.ZoomDown), 0.9, 1.1);
        AssertUniform(drawn.Select(t => t.ZoomAcross), 0.9, 1.1);
        AssertUniform(drawn.Select(t => t.Brightness), 0.8, 1.3);
        Assert.InRange(drawn.Count(t => t.Flip), 900, 1100);
        Assert.InRange(drawn.Count(t => t.ZoomDown > t.ZoomAcross), 900, 1100);
    }

    [Fact]
    public void WhatCameLaterIsDrawnBehindTheRest()
    {
        Augmentation more = All with { ShearRange = 10, VerticalFlip = true, ChannelShiftRange = 30, Fill = FillMode.Constant, FillValue = 9 };
        FrameTransform[] drawn = [.. Enumerable.Range(0, 2000).Select(i => more.Draw(200, 100, 1, $"train/A/{i % 50}", i / 50))];

        AssertUniform(drawn.Select(t => t.Shear), -10, 10);
        AssertUniform(drawn.Select(t => t.ChannelShift), -30, 30);
        Assert.InRange(drawn.Count(t => t.FlipVertical), 900, 1100);
        FrameTransform before = All.Draw(200, 100, 1, "train/A/a", 3), now = more.Draw(200, 100, 1, "train/A/a", 3);
        Assert.Equal(before, now with { Shear = 0, FlipVertical = false, ChannelShift = 0, Fill = FillMode.Nearest, FillValue = 0 });
        Assert.EndsWith(", shear 10, vertical flip, channel shift 30, fill 9", more.ToString(), StringComparison.Ordinal);
        Assert.True(more.ChangesFrames);
        Assert.False(new Augmentation { Fill = FillMode.Wrap }.ChangesFrames);
    }

    [Fact]
    public void ADrawDependsOnSeedClipAndEpochAlone()
    {
        FrameTransform drawn = All.Draw(200, 100, 1, "train/A/a", 3);

        Assert.Equal(drawn, All.Draw(200, 100, 1, "train/A/a", 3));
        FrameTransform[] others = [All.Draw(200, 100, 2, "train/A/a", 3), All.Draw(200, 100, 1, "train/A/b", 3), All.Draw(200, 100, 1, "train/A/a", 4), All.Draw(200, 100, 1, "3 train/A/a", 0)];
        Assert.Equal(4, others.Select(t => t.Rotation).Append(drawn.Rotation).Distinct().Count() - 1);
        // Fixed, so that a training can be repeated on any machine and by any later version.
        Assert.Equal(drawn.Rotation, (All with { ZoomRange = 0, HorizontalFlip = false, BrightnessLow = 1, BrightnessHigh = 1 }).Draw(200, 100, 1, "train/A/a", 3).Rotation);
    }

    [Fact]
    public void NoRangeChangesNothing()
    {
        Assert.Equal(new FrameTransform(), Augmentation.None.Draw(200, 100, 1, "a", 0));
        Assert.Equal("", Augmentation.None.ToString());
        Assert.Equal("", new FrameTransform().ToString());
        Assert.Equal("zoom 0.1, flip, rotation 8, shift 0.2 across, shift 0.3 down, brightness 0.8 to 1.3", All.ToString());
        Assert.Equal(
            "scaled 0.50 x 1.25, turned 3.1° right, moved 4 up and 7 left, mirrored, brightness 1.20",
            new FrameTransform { ZoomDown = 2, ZoomAcross = 0.8, Rotation = -3.1, ShiftDown = 4, ShiftAcross = -7, Flip = true, Brightness = 1.2 }.ToString());
    }

    [Fact]
    public void RangesThatMakeNoSenseAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { ZoomRange = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { RotationRange = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { WidthShiftRange = 1.1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { HeightShiftRange = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { BrightnessLow = -0.1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { BrightnessHigh = 11 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { ShearRange = 91 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { ChannelShiftRange = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { FillValue = 256 });
    }

    // Each tenth of the range gets its share of 2000 draws: 200, give or take 4.5 deviations.
    private static void AssertUniform(IEnumerable<double> values, double least, double most)
    {
        int[] tenths = new int[10];
        foreach (double value in values)
            tenths[(int)Math.Floor((value - least) / (most - least) * 10)]++;
        Assert.All(tenths, count => Assert.InRange(count, 140, 260));
    }
}
