using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Optimizers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Optimizers;

public class OptimizerTests
{
    [Theory]
    [InlineData("sgd")]
    [InlineData("sgd_momentum")]
    [InlineData("sgd_nesterov")]
    [InlineData("rmsprop")]
    [InlineData("rmsprop_momentum")]
    [InlineData("adadelta")]
    [InlineData("adagrad")]
    public void StepsEqualPyTorch(string name)
    {
        TensorFixture fixture = TensorFixture.Load("Optimizers", name);
        foreach (SimdLevel level in Simd.Supported)
        {
            var parameter = new Parameter("p", fixture["weight"].Length);
            fixture["weight"].CopyTo(parameter.Value.Span);
            Optimizer optimizer = Create(name, level);
            for (int t = 1; t <= 4; t++)
            {
                fixture[$"gradient{t}"].CopyTo(parameter.Gradient.Span);
                optimizer.Step([parameter]);
                TensorFixture.AssertClose(fixture[$"weight{t}"], parameter.Value.Span, 1e-6, $"{level}: weights after step {t}");
            }
        }
    }

    /// <summary>PyTorch's is outside of the root: the formula itself, by hand.</summary>
    [Fact]
    public void RmsPropsEpsilonIsInsideTheRoot()
    {
        var parameter = new Parameter("p", 1);
        parameter.Gradient.Span[0] = 1e-3f;
        new RmsProp(0.01, epsilon: 1e-4).Step([parameter]);
        Assert.Equal(-0.01 * 1e-3 / Math.Sqrt(0.1 * 1e-6 + 1e-4), parameter.Value.Span[0], 1e-9);
    }

    /// <summary>PyTorch's is outside of the root; the sum of squares begins at 0.1, with Keras' defaults.</summary>
    [Fact]
    public void AdagradsEpsilonIsInsideTheRoot()
    {
        var parameter = new Parameter("p", 1);
        parameter.Gradient.Span[0] = 1e-3f;
        new Adagrad(0.01, epsilon: 0.3).Step([parameter]);
        Assert.Equal(-0.01 * 1e-3 / Math.Sqrt(0.1 + 1e-6 + 0.3), parameter.Value.Span[0], 1e-9);
        var ofKeras = new Parameter("p", 1);
        ofKeras.Gradient.Span[0] = 2;
        new Adagrad().Step([ofKeras]);
        Assert.Equal(-0.001 * 2 / Math.Sqrt(4.1), ofKeras.Value.Span[0], 1e-9);
    }

    /// <summary>The first step with Keras' defaults, by hand.</summary>
    [Fact]
    public void AdadeltasFirstStepIsSmall()
    {
        var parameter = new Parameter("p", 1);
        parameter.Gradient.Span[0] = 2;
        new Adadelta().Step([parameter]);
        Assert.Equal(-0.001 * 2 * Math.Sqrt(1e-7) / Math.Sqrt(0.05 * 4 + 1e-7), parameter.Value.Span[0], 1e-11);
    }

    [Fact]
    public void TheRateDecays()
    {
        var parameter = new Parameter("p", 1);
        var sgd = new Sgd(0.5, decay: 1);
        foreach (double expected in (double[])[0.5, 0.75, 0.75 + 0.5 / 3])
        {
            parameter.Gradient.Span[0] = -1;
            sgd.Step([parameter]);
            Assert.Equal(expected, parameter.Value.Span[0], 1e-6);
        }
    }

    /// <summary>A damaged file may say any number of steps.</summary>
    [Theory]
    [InlineData("sgd")]
    [InlineData("rmsprop")]
    [InlineData("adam")]
    [InlineData("adadelta")]
    [InlineData("adagrad")]
    public void ResumesAfterAnyNumberOfStepsAtOnce(string name)
    {
        var parameter = new Parameter("p", 1);
        Optimizer optimizer = Create(name, Simd.Level);
        optimizer.Resume(long.MaxValue / 2);
        parameter.Gradient.Span[0] = 1;
        optimizer.Step([parameter]);
        Assert.True(float.IsFinite(parameter.Value.Span[0]));
    }

    [Theory]
    [InlineData("sgd_nesterov")]
    [InlineData("rmsprop_momentum")]
    [InlineData("adam")]
    [InlineData("adadelta")]
    [InlineData("adagrad")]
    public void AResumedOneGoesOnAsIfItHadNeverStopped(string name)
    {
        Parameter whole = new("p", 40), first = new("p", 40), second = new("p", 40);
        Optimizer undisturbed = Create(name), before = Create(name), after = Create(name);
        for (int step = 0; step < 6; step++)
        {
            Gradient(whole, step);
            undisturbed.Step([whole]);
        }
        for (int step = 0; step < 3; step++)
        {
            Gradient(first, step);
            before.Step([first]);
        }
        first.Value.Span.CopyTo(second.Value.Span);
        foreach ((AlignedBuffer from, AlignedBuffer to) in before.State(first).Zip(after.State(second)))
            from.Span.CopyTo(to.Span);
        after.Resume(before.Steps);
        for (int step = 3; step < 6; step++)
        {
            Gradient(second, step);
            after.Step([second]);
        }
        Assert.Equal(whole.Value.Span, second.Value.Span);

        static void Gradient(Parameter parameter, int step)
        {
            for (int i = 0; i < parameter.Length; i++)
                parameter.Gradient.Span[i] = MathF.Sin(i + 10 * step) / (1 + step);
        }
    }

    [Fact]
    public void FrozenWeightsStay()
    {
        var parameter = new Parameter("p", 3) { Trainable = false };
        parameter.Gradient.Span.Fill(1f);
        new Sgd().Step([parameter]);
        Assert.True(parameter.Value.Span.IndexOfAnyExcept(0f) < 0);
    }

    private static Optimizer Create(string name, SimdLevel? level = null) => name switch
    {
        "sgd" => new Sgd(0.1, level: level),
        "sgd_momentum" => new Sgd(0.1, momentum: 0.9, level: level),
        "sgd_nesterov" => new Sgd(0.1, momentum: 0.9, nesterov: true, level: level),
        "rmsprop" => new RmsProp(0.01, epsilon: 0, level: level),
        "rmsprop_momentum" => new RmsProp(0.01, momentum: 0.8, epsilon: 0, level: level),
        "adadelta" => new Adadelta(0.5, level: level),
        "adagrad" => new Adagrad(0.1, epsilon: 0, level: level),
        _ => new Adam(0.01, level: level),
    };
}
