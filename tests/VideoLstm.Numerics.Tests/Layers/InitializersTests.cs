using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Numerics.Tests.Layers;

public class InitializersTests
{
    [Theory]
    [InlineData(1, 4)]
    [InlineData(5, 20)]
    [InlineData(16, 16)]
    [InlineData(101, 101)]
    [InlineData(150, 600)]
    public void OrthogonalRowsAreOrthonormal(int rows, int columns)
    {
        var parameter = new Parameter("p", rows, columns);
        Initializers.Orthogonal(parameter, new RandomSource(1), new Workspace());
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double dot = 0;
                for (int k = 0; k < columns; k++)
                    dot += (double)parameter.Value.Span[i * columns + k] * parameter.Value.Span[j * columns + k];
                Assert.Equal(i == j ? 1 : 0, dot, 1e-5);
            }
        }
    }

    [Fact]
    public void TheArticlesRecurrentKernelIsOrthonormal()
    {
        const int rows = 2048, columns = 8192;
        var parameter = new Parameter("p", rows, columns);
        Initializers.Orthogonal(parameter, new RandomSource(1), new Workspace());
        var random = new RandomSource(2);
        for (int pair = 0; pair < 400; pair++)
        {
            int i = random.NextIndex(rows), j = pair % 2 == 0 ? i : random.NextIndex(rows);
            double dot = 0;
            for (int k = 0; k < columns; k++)
                dot += (double)parameter.Value.Span[i * columns + k] * parameter.Value.Span[j * columns + k];
            Assert.Equal(i == j ? 1 : 0, dot, 2e-6);
        }
    }

    /// <summary>In a random orthogonal matrix [n, m] the mean square of an element is 1 / m, and signs are even: no row or column is special.</summary>
    [Fact]
    public void OrthogonalMatricesFavourNoDirection()
    {
        const int rows = 60, columns = 240;
        var parameter = new Parameter("p", rows, columns);
        Initializers.Orthogonal(parameter, new RandomSource(2), new Workspace());
        float[] values = parameter.Value.Span.ToArray();
        Assert.Equal(0, values.Average(), 3 / Math.Sqrt(rows * columns * (double)columns));
        Assert.Equal(0.5, values.Count(v => v > 0) / (double)values.Length, 3 * 0.5 / Math.Sqrt(values.Length));
        Assert.InRange(values.Max(MathF.Abs), 3 / MathF.Sqrt(columns), 6 / MathF.Sqrt(columns));
    }

    [Fact]
    public void OrthogonalRefusesMoreRowsThanColumns() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializers.Orthogonal(new Parameter("p", 5, 4), new RandomSource(1), new Workspace()));

    [Fact]
    public void GlorotFillsItsRangeEvenly()
    {
        var parameter = new Parameter("p", 100, 200);
        Initializers.GlorotUniform(parameter, new RandomSource(1));
        double limit = Math.Sqrt(6.0 / 300);
        float[] values = parameter.Value.Span.ToArray();
        Assert.InRange(values.Max(), 0.999 * limit, limit);
        Assert.InRange(values.Min(), -limit, -0.999 * limit);
        Assert.Equal(limit * limit / 3, values.Average(v => (double)v * v), 0.03 * limit * limit / 3);
    }
}
