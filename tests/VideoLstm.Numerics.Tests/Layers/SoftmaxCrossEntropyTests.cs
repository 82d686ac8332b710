using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

public class SoftmaxCrossEntropyTests
{
    [Fact]
    public void HugeLogitsGiveProbabilities()
    {
        AlignedBuffer logits = new(6);
        ((ReadOnlySpan<float>)[1e30f, -1e30f, 0, 5000, 5000, -5000]).CopyTo(logits.Span);
        new SoftmaxCrossEntropy(3, new Workspace()).Forward(logits, 2);
        float[] expected = [1, 0, 0, 0.5f, 0.5f, 0];
        for (int i = 0; i < 6; i++)
            Assert.Equal(expected[i], logits.Span[i], 1e-6);
    }

    [Theory]
    [InlineData(0f, false)]
    [InlineData(0.2f, false)]
    [InlineData(0.1f, true)]
    public void GradientEqualsFiniteDifferencesOfTheLoss(float smoothing, bool weighted)
    {
        const int batch = 3, classes = 4;
        int[] labels = [2, 0, 3];
        var random = new RandomSource(1);
        AlignedBuffer values = new(batch * classes);
        foreach (ref float v in values.Span)
            v = (float)random.NextNormal();
        double[] logits = [.. values.Span.ToArray().Select(v => (double)v)];
        float[] weights = weighted ? [0.5f, 1f, 2f, 3f] : [1f, 1f, 1f, 1f];
        var softmax = new SoftmaxCrossEntropy(classes, new Workspace(), smoothing, weighted ? weights : null);
        softmax.Forward(values, batch);
        Assert.Equal(Loss(), softmax.Loss(values.Span, labels, out _), 1e-5);
        softmax.Backward(values, labels);
        double Loss() => Enumerable.Range(0, batch).Average(b =>
        {
            double[] row = logits[(b * classes)..((b + 1) * classes)];
            double sum = Math.Log(row.Sum(Math.Exp));
            return weights[labels[b]] * row.Select((logit, c) => ((c == labels[b] ? 1.0 - smoothing : 0.0) + (double)smoothing / classes) * (sum - logit)).Sum();
        });
        TensorFixture.AssertClose(FiniteDifferences.Of(Loss, logits), values.Span, 1e-5, "logits");
    }

    [Fact]
    public void LossIsTheMeanLogarithmAndCountsTheRightOnes()
    {
        float loss = new SoftmaxCrossEntropy(3, new Workspace()).Loss([0.5f, 0.25f, 0.25f, 0.1f, 0.8f, 0.1f, 0.4f, 0.3f, 0.3f], [0, 2, 1], out int correct);
        Assert.Equal(-(Math.Log(0.5) + Math.Log(0.1) + Math.Log(0.3)) / 3, loss, 1e-6);
        Assert.Equal(1, correct);
    }

    [Fact]
    public void ImpossibleIsClippedAsInKerasAndNaNShows()
    {
        Assert.Equal(-Math.Log(1e-7), new SoftmaxCrossEntropy(2, new Workspace()).Loss([0f, 1f], [0], out int correct), 1e-5);
        Assert.Equal(0, correct);
        Assert.True(float.IsNaN(new SoftmaxCrossEntropy(2, new Workspace()).Loss([float.NaN, float.NaN], [0], out correct)));
        Assert.Equal(0, correct);
    }
}
