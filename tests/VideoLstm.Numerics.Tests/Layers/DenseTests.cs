using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

public class DenseTests
{
    [Fact]
    public void DenseSoftmaxAndCrossEntropyEqualPyTorch()
    {
        TensorFixture fixture = TensorFixture.Load("Layers", "linear");
        int batch = fixture.Shape("x")[0], inputs = fixture.Shape("x")[1], outputs = fixture.Shape("bias")[0];
        int[] labels = [.. fixture["labels"].Select(l => (int)l)];
        foreach (SimdLevel level in Simd.Supported)
        {
            var workspace = new Workspace(level);
            var dense = new Dense("dense", inputs, outputs, workspace);
            var softmax = new SoftmaxCrossEntropy(outputs, workspace);
            fixture["kernel"].CopyTo(dense.Kernel.Value.Span);
            fixture["bias"].CopyTo(dense.Bias.Value.Span);
            AlignedBuffer x = new(batch * inputs), y = new(batch * outputs), dx = new(batch * inputs);
            fixture["x"].CopyTo(x.Span);

            dense.Forward(x, y, new Pass(batch));
            TensorFixture.AssertClose(fixture["logits"], y.Span, 1e-6, "logits");
            softmax.Forward(y, batch);
            TensorFixture.AssertClose(fixture["probabilities"], y.Span, 1e-6, "probabilities");
            Assert.Equal(fixture["loss"][0], softmax.Loss(y.Span, labels, out _), 1e-5);
            softmax.Backward(y, labels);
            dense.Backward(x, y, y, dx, new Pass(batch));
            TensorFixture.AssertClose(fixture["x_gradient"], dx.Span, 1e-5, "gradient of x");
            TensorFixture.AssertClose(fixture["kernel_gradient"], dense.Kernel.Gradient.Span, 1e-5, "gradient of kernel");
            TensorFixture.AssertClose(fixture["bias_gradient"], dense.Bias.Gradient.Span, 1e-5, "gradient of bias");
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 17, 5)]
    [InlineData(2, 4, 49)]
    public void GradientsEqualFiniteDifferences(int batch, int inputs, int outputs)
    {
        var random = new RandomSource(3);
        var dense = new Dense("dense", inputs, outputs, new Workspace());
        AlignedBuffer x = new(batch * inputs), y = new(batch * outputs), dy = new(batch * outputs), dx = new(batch * inputs);
        foreach (AlignedBuffer values in (AlignedBuffer[])[dense.Kernel.Value, dense.Bias.Value, x, dy])
        {
            foreach (ref float v in values.Span)
                v = (float)random.NextNormal();
        }
        dense.Forward(x, y, new Pass(batch));
        dense.Backward(x, y, dy, dx, new Pass(batch));

        double[][] variables = [.. ((AlignedBuffer[])[x, dense.Kernel.Value, dense.Bias.Value]).Select(v => v.Span.ToArray().Select(f => (double)f).ToArray())];
        float[] upstream = dy.Span.ToArray();
        double Loss()
        {
            double sum = 0;
            for (int b = 0; b < batch; b++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    double value = variables[2][o];
                    for (int i = 0; i < inputs; i++)
                        value += variables[0][b * inputs + i] * variables[1][i * outputs + o];
                    sum += value * upstream[b * outputs + o];
                }
            }
            return sum;
        }
        TensorFixture.AssertClose(FiniteDifferences.Of(Loss, variables[0]), dx.Span, 1e-5, "x");
        TensorFixture.AssertClose(FiniteDifferences.Of(Loss, variables[1]), dense.Kernel.Gradient.Span, 1e-5, "kernel");
        TensorFixture.AssertClose(FiniteDifferences.Of(Loss, variables[2]), dense.Bias.Gradient.Span, 1e-5, "bias");
    }

    [Fact]
    public void RefusesBuffersThatAreTooShort()
    {
        var dense = new Dense("dense", 3, 2, new Workspace());
        Assert.Throws<ArgumentOutOfRangeException>(() => dense.Forward(new AlignedBuffer(5), new AlignedBuffer(4), new Pass(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => dense.Forward(new AlignedBuffer(6), new AlignedBuffer(3), new Pass(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => dense.Backward(new AlignedBuffer(6), new AlignedBuffer(4), new AlignedBuffer(4), new AlignedBuffer(5), new Pass(2)));
    }
}
