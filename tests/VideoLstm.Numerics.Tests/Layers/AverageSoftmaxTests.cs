using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

public class AverageSoftmaxTests
{
    private const int Batch = 3, Time = 4, Classes = 5;

    [Fact]
    public void EqualsItsDefinition() => LayerRun.AssertEqualsDefinition(
        _ => [new AverageSoftmax(Time, Classes)], (x, _) => [.. x.Chunk(Time * Classes).SelectMany(Mean)], Batch);

    /// <summary>A sequence with masked steps is computed as one without them; one of masked steps alone is zeros.</summary>
    [Fact]
    public void HeedsTheMask()
    {
        bool[] mask = [true, false, true, false, false, false, false, false, true, true, true, true];
        AlignedBuffer x = new(Batch * Time * Classes), y = new(Batch * Classes), dy = new(y.Length), dx = new(x.Length);
        LayerRun.Values(x.Length, 1, scale: 30).CopyTo(x.Span);
        LayerRun.Values(dy.Length, 2).CopyTo(dy.Span);
        var layer = new AverageSoftmax(Time, Classes);
        layer.Forward(x, y, new Pass(Batch, Mask: mask));
        layer.Backward(x, y, dy, dx, new Pass(Batch, Mask: mask));

        double[][] steps = [.. x.Span.ToArray().Select(v => (double)v).Chunk(Classes)];
        TensorFixture.AssertClose([.. Mean([.. steps[0], .. steps[2]]).Select(v => (float)v)], y.Span[..Classes], 1e-5, "two steps");
        Assert.All(y.Span.Slice(Classes, Classes).ToArray(), v => Assert.Equal(0, v));
        TensorFixture.AssertClose([.. Mean([.. steps[8..].SelectMany(s => s)]).Select(v => (float)v)], y.Span[(2 * Classes)..], 1e-5, "all steps");
        Assert.All(dx.Span.ToArray().Chunk(Classes).Zip(mask).Where(s => !s.Second).SelectMany(s => s.First), g => Assert.Equal(0, g));
        Assert.All(dx.Span.ToArray(), g => Assert.True(float.IsFinite(g)));
    }

    private static double[] Mean(double[] steps)
    {
        double[][] answers = [.. steps.Chunk(Classes).Select(step =>
        {
            double most = step.Max(), sum = step.Sum(v => Math.Exp(v - most));
            return step.Select(v => Math.Exp(v - most) / sum).ToArray();
        })];
        return [.. Enumerable.Range(0, Classes).Select(c => Math.Log(answers.Average(a => a[c])))];
    }
}
