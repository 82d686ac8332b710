using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Optimizers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Optimizers;

public class AdamTests
{
    [Fact]
    public void StepsEqualPyTorch()
    {
        TensorFixture fixture = TensorFixture.Load("Optimizers", "adam");
        foreach (SimdLevel level in Simd.Supported)
        {
            var parameter = new Parameter("p", fixture["weight"].Length);
            fixture["weight"].CopyTo(parameter.Value.Span);
            var adam = new Adam(0.01, decay: 0.1, level: level);
            float[] before = fixture["weight"];
            for (int t = 1; t <= 3; t++)
            {
                fixture[$"gradient{t}"].CopyTo(parameter.Gradient.Span);
                adam.Step([parameter]);
                float[] expected = fixture[$"weight{t}"];
                TensorFixture.AssertClose(expected, parameter.Value.Span, 1e-6, $"{level}: weights after step {t}");

                // The change itself is small beside the weights: as exact as their last digits allow.
                for (int i = 0; i < expected.Length; i++)
                    Assert.Equal(expected[i] - before[i], parameter.Value.Span[i] - before[i], 4e-7 * Math.Max(1, Math.Abs(expected[i])));
                before = expected;
            }
            Assert.Equal(3, adam.Steps);
        }
    }

    [Fact]
    public void AZeroGradientChangesNothing()
    {
        var parameter = new Parameter("p", 33);
        parameter.Value.Span.Fill(1f);
        new Adam().Step([parameter]);
        Assert.True(parameter.Value.Span.IndexOfAnyExcept(1f) < 0);
    }

    [Fact]
    public void TheFirstStepIsAsLongAsTheRate()
    {
        var parameter = new Parameter("p", 2);
        parameter.Gradient.Span[0] = 1e-3f;
        parameter.Gradient.Span[1] = -1e3f;
        new Adam(0.5).Step([parameter]);
        Assert.Equal(-0.5, parameter.Value.Span[0], 0.01);
        Assert.Equal(0.5, parameter.Value.Span[1], 1e-5);
    }

    [Fact]
    public void FindsTheBottomOfABowl()
    {
        var parameter = new Parameter("p", 40);
        var adam = new Adam(0.05, decay: 1e-3);
        for (int step = 0; step < 2000; step++)
        {
            for (int i = 0; i < 40; i++)
                parameter.Gradient.Span[i] = 2 * (i + 1) * (parameter.Value.Span[i] - (i - 20) / 10f);
            adam.Step([parameter]);
        }
        for (int i = 0; i < 40; i++)
            Assert.Equal((i - 20) / 10f, parameter.Value.Span[i], 1e-3);
    }
}
