using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Numerics.Tests.Layers;

public class ActivationAndDropoutTests
{
    [Fact]
    public void ReluCutsAndItsGradientFollows()
    {
        foreach (SimdLevel level in Simd.Supported)
        {
            var relu = new ActivationLayer([37], Activation.Relu, new Workspace(level));
            AlignedBuffer x = new(37), gradient = new(37);
            for (int i = 0; i < 37; i++)
                (x.Span[i], gradient.Span[i]) = (i - 18, 100 + i);
            relu.Forward(x, x, new Pass(1));
            relu.Backward(x, x, gradient, gradient, new Pass(1));
            for (int i = 0; i < 37; i++)
            {
                Assert.Equal(Math.Max(0, i - 18), x.Span[i]);
                Assert.Equal(i > 18 ? 100 + i : 0, gradient.Span[i]);
            }
        }
    }

    [Fact]
    public void ReluKeepsNaN()
    {
        foreach (SimdLevel level in Simd.Supported)
        {
            AlignedBuffer x = new(20);
            x.Span.Fill(float.NaN);
            new ActivationLayer([20], Activation.Relu, new Workspace(level)).Forward(x, x, new Pass(1));
            Assert.True(x.Span.ToArray().All(float.IsNaN), $"{level}");
        }
    }

    [Fact]
    public void DropoutKeepsTheMeanAndItsGradientTakesTheSameMask()
    {
        const int count = 20_000;
        var dropout = new Dropout([count], 0.3f, new Workspace());
        AlignedBuffer x = new(count), gradient = new(count);
        x.Span.Fill(2f);
        gradient.Span.Fill(2f);
        var pass = new Pass(1, new RandomSource(1));
        dropout.Forward(x, x, pass);
        dropout.Backward(x, x, gradient, gradient, pass);
        Assert.Equal(x.Span.ToArray(), gradient.Span.ToArray());
        Assert.Equal(2, x.Span.ToArray().Distinct().Count());
        // Standard deviation of the share of zeros: sqrt(0.3 * 0.7 / 20000) = 0.003.
        Assert.Equal(0.3, x.Span.Count(0f) / (double)count, 0.015);
        Assert.Equal(2, x.Span.ToArray().Average(), 0.05);
    }

    [Fact]
    public void DropoutOfNothingChangesNothing()
    {
        AlignedBuffer x = new(10);
        x.Span.Fill(3f);
        new Dropout([10], 0, new Workspace()).Forward(x, x, new Pass(1, new RandomSource(1)));
        Assert.True(x.Span.IndexOfAnyExcept(3f) < 0);
    }

    [Fact]
    public void OutsideOfTrainingNothingIsDropped()
    {
        AlignedBuffer x = new(10), y = new(10);
        x.Span.Fill(3f);
        var dropout = new Dropout([10], 0.5f, new Workspace());
        dropout.Forward(x, y, new Pass(1));
        dropout.Backward(x, y, y, x, new Pass(1));
        Assert.True(y.Span.IndexOfAnyExcept(3f) < 0 && x.Span.IndexOfAnyExcept(3f) < 0);
    }
}
