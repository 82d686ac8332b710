using VideoLstm.Core.Samples;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Samples;

public sealed class FrameTransformTests
{
    private const int Height = 37, Width = 53;

    private static readonly TensorFixture Fixture = TensorFixture.Load("Samples", "transforms");

    public static TheoryData<string, FrameTransform> Transforms => new()
    {
        { "rotation", new FrameTransform { Rotation = 8 } },
        { "shift", new FrameTransform { ShiftDown = 5.25, ShiftAcross = -9.5 } },
        { "zoom", new FrameTransform { ZoomDown = 1.1, ZoomAcross = 0.9 } },
        { "flip", new FrameTransform { Flip = true } },
        { "brightness", new FrameTransform { Brightness = 1.3 } },
        { "all", new FrameTransform { Rotation = -31, ShiftDown = -4.5, ShiftAcross = 7.75, ZoomDown = 0.8, ZoomAcross = 1.15, Flip = true, Brightness = 0.85 } },
        { "row", new FrameTransform { Rotation = 20, ShiftAcross = 1.5 } },
    };

    public static TheoryData<string, FrameTransform> Fills => new()
    {
        { "shear", new FrameTransform { Shear = 20 } },
        { "vertical", new FrameTransform { FlipVertical = true } },
        { "channel", new FrameTransform { ChannelShift = -41.25 } },
        { "constant", Far with { Fill = FillMode.Constant, FillValue = 77 } },
        { "reflect", Far with { Fill = FillMode.Reflect } },
        { "wrap", Far with { Fill = FillMode.Wrap } },
        { "everything", Far with { Shear = -33, Flip = true, FlipVertical = true, ChannelShift = 23.5, Brightness = 0.9, Fill = FillMode.Reflect } },
    };

    // Most of it is beyond the edge.
    private static FrameTransform Far { get; } = new() { Rotation = 27, ShiftDown = -40.25, ShiftAcross = 61.5, ZoomDown = 2.3, ZoomAcross = 2.7 };

    [Theory]
    [MemberData(nameof(Fills))]
    public void FillsAsSciPyDoes(string name, FrameTransform transform)
    {
        TensorFixture fixture = TensorFixture.Load("Samples", "fills");
        byte[] result = Apply(transform, Texture.Frame(Height, Width), Height, Width);
        Assert.All(fixture[name].Zip(result), pair => Assert.InRange(pair.Second, pair.First - 0.5005, pair.First + 0.5005));
    }

    [Theory]
    [MemberData(nameof(Transforms))]
    public void EqualsThePublishedFormulas(string name, FrameTransform transform)
    {
        int[] shape = Fixture.Shape(name);
        byte[] result = Apply(transform, Texture.Frame(shape[0], shape[1]), shape[0], shape[1]);

        // Rounded to the nearest value, as exactly as single precision goes.
        Assert.All(Fixture[name].Zip(result), pair => Assert.InRange(pair.Second, pair.First - 0.5002, pair.First + 0.5002));
    }

    [Fact]
    public void NothingChangesWhereNothingIsAsked()
    {
        byte[] frame = Texture.Frame(Height, Width);
        byte[] mirrored = Apply(new FrameTransform { Flip = true }, frame, Height, Width);

        Assert.Equal(frame, Apply(new FrameTransform(), frame, Height, Width));
        Assert.NotEqual(frame, mirrored);
        Assert.Equal(frame, Apply(new FrameTransform { Flip = true }, mirrored, Height, Width));
        // Whole pixels are moved, not blurred, and the edge is repeated.
        byte[] shifted = Apply(new FrameTransform { ShiftDown = -2, ShiftAcross = 3 }, frame, Height, Width);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                int from = (Math.Clamp(y - 2, 0, Height - 1) * Width + Math.Clamp(x + 3, 0, Width - 1)) * 3;
                Assert.Equal(frame[from..(from + 3)], shifted[((y * Width + x) * 3)..][..3]);
            }
        }
    }

    [Fact]
    public void FramesOfAClipAreTransformedAlike()
    {
        byte[][] frames = [.. Enumerable.Range(0, 9).Select(i => Texture.Frame(Height, Width, new Texture.Motion(Dx: i, Zoom: 1)))];
        var transform = new FrameTransform { Rotation = 12, ZoomAcross = 1.2, Brightness = 1.1 };

        byte[][] results = transform.Apply(frames, Height, Width);

        Assert.Equal(9, results.Length);
        Assert.All(results.Zip(frames), pair => Assert.Equal(Apply(transform, pair.Second, Height, Width), pair.First));
        Assert.Equal(Texture.Frame(Height, Width), frames[0]);
        transform.Apply(frames[0], frames[0], Height, Width);
        Assert.Equal(results[0], frames[0]);
    }

    [Fact]
    public void WrongSizesAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameTransform().Apply(new byte[10], new byte[10], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameTransform().Apply(new byte[12], new byte[9], 2, 2));
    }

    private static byte[] Apply(FrameTransform transform, byte[] frame, int height, int width)
    {
        var result = new byte[frame.Length];
        transform.Apply(frame, result, height, width);
        return result;
    }
}
