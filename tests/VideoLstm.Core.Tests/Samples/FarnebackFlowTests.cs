using VideoLstm.Core.Samples;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Samples;

public sealed class FarnebackFlowTests
{
    private static readonly TensorFixture Fixture = TensorFixture.Load("Samples", "flows");

    /// <summary>The pairs of pictures of tests/references/frames.py.</summary>
    public static TheoryData<string, int, int, double, double, double, double> Motions => new()
    {
        { "tiny", 12, 20, 0.6, -0.4, 0, 1 },
        { "shift", 70, 97, 3.3, -1.6, 0, 1 },
        { "turn", 150, 131, 0, 0, 2.5, 1 },
        { "zoom", 260, 257, 2.0, 0, 0, 1.04 },
        { "far", 257, 290, 11.0, 7.5, -1, 1 },
    };

    [Theory]
    [MemberData(nameof(Motions))]
    public void EqualsOpenCv(string name, int height, int width, double dx, double dy, double degrees, double zoom)
    {
        float[] flow = Flow(height, width, new Texture.Motion(dx, dy, degrees, zoom)), expected = Fixture[name];

        int rows = (height + 2) / 3, columns = (width + 2) / 3;
        float[] found = [.. Enumerable.Range(0, expected.Length).Select(i => flow[(i / (rows * columns) * height + i / columns % rows * 3) * width + i % columns * 3])];
        double[] errors = [.. expected.Zip(found, (a, b) => (double)Math.Abs(a - b)).Order()];
        // Pixels; where the flow goes astray, rounding decides a little more than elsewhere.
        Assert.InRange(errors[errors.Length / 2], 0, 2e-6);
        Assert.InRange(errors[^1], 0, 0.01);
    }

    [Theory]
    [InlineData(200, 220, 1.5, -2.25, 0, 1, 0.02)]
    [InlineData(200, 220, 0, 0, 3, 1, 0.05)]
    [InlineData(200, 220, 0, 0, 0, 1.05, 0.08)]
    [InlineData(200, 220, -3, 2, -1, 0.98, 0.05)]
    public void FindsTheMotionThatThereIs(int height, int width, double dx, double dy, double degrees, double zoom, double tolerance)
    {
        var motion = new Texture.Motion(dx, dy, degrees, zoom);

        float[] flow = Flow(height, width, motion);

        double error = 0;
        int count = 0;
        for (int y = 30; y < height - 30; y++)
        {
            for (int x = 30; x < width - 30; x++)
            {
                (double fromX, double fromY) = (x - (width - 1) / 2.0, y - (height - 1) / 2.0);
                (double toX, double toY) = motion.Of(fromX, fromY);
                error += Math.Sqrt(Math.Pow(flow[y * width + x] - (toX - fromX), 2) + Math.Pow(flow[(height + y) * width + x] - (toY - fromY), 2));
                count++;
            }
        }
        Assert.InRange(error / count, 0, tolerance);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(40, 2)]
    [InlineData(100, 100)]
    public void NothingMovesWhereNothingChanges(int height, int width)
    {
        Assert.Equal(new float[2 * height * width], Flow(new byte[height * width], new byte[height * width], height, width));
        float[] flow = Flow(height, width, new Texture.Motion(Zoom: 1));
        // What is at the edge has no neighbour to look at, and is a little unsure.
        Assert.All(flow, value => Assert.InRange(value, -0.3, 0.3));
        if (Math.Min(height, width) > 50)
            Assert.InRange(flow.Average(Math.Abs), 0, 0.005);
    }

    [Fact]
    public void AnExpansionServesBothItsNeighbours()
    {
        byte[][] pictures = [.. Enumerable.Range(0, 3).Select(i => Texture.Gray(80, 90, 0, new Texture.Motion(Dx: 1.5 * i, Zoom: 1)))];
        var flow = new FarnebackFlow(80, 90);
        FlowExpansion[] expansions = [.. pictures.Select(p => Expand(flow, p))];
        var field = new float[2 * 80 * 90];

        flow.Estimate(expansions[0], expansions[1], field);
        Assert.Equal(Flow(pictures[0], pictures[1], 80, 90), field);
        flow.Estimate(expansions[1], expansions[2], field);
        Assert.Equal(Flow(pictures[1], pictures[2], 80, 90), field);
        Assert.Throws<ArgumentOutOfRangeException>(() => flow.Estimate(expansions[0], expansions[1], new float[80 * 90]));
        Assert.Throws<ArgumentOutOfRangeException>(() => flow.Expand(new byte[80], expansions[0]));
    }

    private static float[] Flow(int height, int width, Texture.Motion motion) =>
        Flow(Texture.Gray(height, width), Texture.Gray(height, width, 0, motion), height, width);

    private static float[] Flow(byte[] first, byte[] second, int height, int width)
    {
        var flow = new FarnebackFlow(height, width);
        var field = new float[2 * height * width];
        flow.Estimate(Expand(flow, first), Expand(flow, second), field);
        return field;
    }

    private static FlowExpansion Expand(FarnebackFlow flow, byte[] gray)
    {
        FlowExpansion expansion = flow.CreateExpansion();
        flow.Expand(gray, expansion);
        return expansion;
    }
}
