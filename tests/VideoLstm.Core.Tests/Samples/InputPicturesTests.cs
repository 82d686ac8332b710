using VideoLstm.Core.Samples;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Samples;

public sealed class InputPicturesTests
{
    private const int Height = 40, Width = 60;

    private static readonly TensorFixture Fixture = TensorFixture.Load("Samples", "pictures");

    [Fact]
    public void GrayEqualsOpenCv() =>
        Assert.Equal(Fixture["gray"], InputPictures.Gray(Texture.Frame(Height, Width)).Select(v => (float)v));

    [Fact]
    public void PaintEqualsOpenCv()
    {
        var rgb = new byte[Height * Width * 3];
        InputPictures.Paint(Fixture["flow"], rgb);

        Assert.All(Fixture["painted"].Zip(rgb), pair => Assert.InRange(pair.Second, pair.First - 0.51, pair.First + 0.51));
    }

    [Theory]
    [InlineData(40, 60)]
    [InlineData(5, 9)]
    [InlineData(1, 3)]
    public void MaskedFramesEqualOpenCv(int height, int width)
    {
        TensorFixture masked = TensorFixture.Load("Samples", "masked");
        byte[] first = Texture.Frame(height, width), second = Turned(first, 3), painted = [.. first.Chunk(3 * width).Reverse().SelectMany(row => row)];

        AssertNear(masked[$"diff_{height}_{width}"], InputPictures.Make(FrameInput.DiffMask, [first, second], height, width)[0]);
        MaskedFrame.Make(first, second, painted, width);
        AssertNear(masked[$"flow_{height}_{width}"], painted);

        static byte[] Turned(byte[] frame, int size) => [.. frame.Chunk(size).Reverse().SelectMany(pixel => pixel)];
        static void AssertNear(float[] expected, byte[] picture) => Assert.All(expected.Zip(picture), pair => Assert.InRange(pair.Second, pair.First - 0.51, pair.First + 0.51));
    }

    [Fact]
    public void AFlowMaskIsThatOfTheFlowBetweenItsFrames()
    {
        byte[][] frames = Clip(4), flow = InputPictures.Make(FrameInput.Flow, frames, Height, Width), pictures = InputPictures.Make(FrameInput.FlowMask, frames, Height, Width);
        Assert.Equal((3, 8, 8), (pictures.Length, InputPictures.FramesFor(FrameInput.FlowMask, 7), InputPictures.FramesFor(FrameInput.DiffMask, 7)));
        for (int i = 0; i < 3; i++)
        {
            MaskedFrame.Make(frames[i], frames[i + 1], flow[i], Width);
            Assert.Equal(flow[i], pictures[i]);
        }
    }

    [Fact]
    public void AStillPicturesNoiseStaysDark()
    {
        float[] noise = [.. Enumerable.Range(0, 2 * Height * Width).Select(i => i % 7 * 0.01f)];
        var rgb = new byte[Height * Width * 3];

        InputPictures.Paint(noise, rgb);

        Assert.InRange(rgb.Max(), 1, 25);
        InputPictures.Paint(new float[noise.Length], rgb);
        Assert.Equal(new byte[rgb.Length], rgb);
    }

    [Fact]
    public void FramesBecomePicturesOfEachKind()
    {
        byte[][] frames = Clip(7);

        Assert.Same(frames, InputPictures.Make(FrameInput.Rgb, frames, Height, Width));

        byte[][] gray = InputPictures.Make(FrameInput.Gray, frames, Height, Width);
        Assert.Equal(7, gray.Length);
        Assert.All(gray.Zip(frames), pair => Assert.Equal(InputPictures.Gray(pair.Second).SelectMany(v => new[] { v, v, v }), pair.First));

        byte[][] diff = InputPictures.Make(FrameInput.Diff, frames, Height, Width);
        Assert.Equal(6, diff.Length);
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(gray[i].Zip(gray[i + 1], (a, b) => (byte)Math.Abs(a - b)), diff[i]));

        Assert.Equal((7, 7, 8, 8), (InputPictures.FramesFor(FrameInput.Rgb, 7), InputPictures.FramesFor(FrameInput.Gray, 7), InputPictures.FramesFor(FrameInput.Diff, 7), InputPictures.FramesFor(FrameInput.Flow, 7)));
        Assert.Throws<ArgumentOutOfRangeException>(() => InputPictures.Make(FrameInput.Diff, frames, Height, Width + 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void FlowIsThatOfEachPair(int frameCount)
    {
        byte[][] frames = Clip(frameCount);

        byte[][] pictures = InputPictures.Make(FrameInput.Flow, frames, Height, Width);

        Assert.Equal(frameCount - 1, pictures.Length);
        var flow = new FarnebackFlow(Height, Width);
        for (int i = 0; i + 1 < frameCount; i++)
        {
            FlowExpansion first = flow.CreateExpansion(), second = flow.CreateExpansion();
            flow.Expand(InputPictures.Gray(frames[i]), first);
            flow.Expand(InputPictures.Gray(frames[i + 1]), second);
            var field = new float[2 * Height * Width];
            flow.Estimate(first, second, field);
            var painted = new byte[Height * Width * 3];
            InputPictures.Paint(field, painted);
            Assert.Equal(painted, pictures[i]);
        }
    }

    private static byte[][] Clip(int frames) =>
        [.. Enumerable.Range(0, frames).Select(i => Texture.Frame(Height, Width, new Texture.Motion(Dx: 0.4 * i * i, Dy: -i, Zoom: 1)))];
}
