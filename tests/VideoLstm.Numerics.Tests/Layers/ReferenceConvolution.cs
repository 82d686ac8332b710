using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Tests.Layers;

/// <summary>A convolution over volumes <c>[samples, time, height, width, channels]</c> as it is defined, in double precision.</summary>
internal sealed class ReferenceConvolution(ConvolutionAxis time, ConvolutionAxis rows, ConvolutionAxis columns, int inputs, int outputs)
{
    public double[] Forward(double[] x, double[] kernel, double[]? bias, int samples)
    {
        double[] y = new double[samples * time.Output * rows.Output * columns.Output * outputs];
        for (int i = 0; i < y.Length && bias is not null; i++)
            y[i] = bias[i % outputs];
        ForEach(samples, (place, source, weight) =>
        {
            for (int i = 0; i < inputs; i++)
                for (int o = 0; o < outputs; o++)
                    y[place + o] += x[source + i] * kernel[weight + i * outputs + o];
        });
        return y;
    }

    public (double[] X, double[] Kernel, double[] Bias) Backward(double[] x, double[] kernel, double[] dy, int samples)
    {
        double[] dx = new double[x.Length], dk = new double[kernel.Length], db = new double[outputs];
        for (int i = 0; i < dy.Length; i++)
            db[i % outputs] += dy[i];
        ForEach(samples, (place, source, weight) =>
        {
            for (int i = 0; i < inputs; i++)
                for (int o = 0; o < outputs; o++)
                {
                    dx[source + i] += dy[place + o] * kernel[weight + i * outputs + o];
                    dk[weight + i * outputs + o] += dy[place + o] * x[source + i];
                }
        });
        return (dx, dk, db);
    }

    /// <summary>Every output pixel with every input pixel of its window and the weights between them.</summary>
    private void ForEach(int samples, Action<int, int, int> visit)
    {
        int place = 0;
        for (int s = 0; s < samples; s++)
            for (int t = 0; t < time.Output; t++)
                for (int y = 0; y < rows.Output; y++)
                    for (int x = 0; x < columns.Output; x++, place += outputs)
                        for (int kt = 0; kt < time.Size; kt++)
                            for (int ky = 0; ky < rows.Size; ky++)
                                for (int kx = 0; kx < columns.Size; kx++)
                                {
                                    (int it, int iy, int ix) = (t * time.Stride + kt - time.PadBefore, y * rows.Stride + ky - rows.PadBefore, x * columns.Stride + kx - columns.PadBefore);
                                    if (it >= 0 && it < time.Input && iy >= 0 && iy < rows.Input && ix >= 0 && ix < columns.Input)
                                        visit(place, (((s * time.Input + it) * rows.Input + iy) * columns.Input + ix) * inputs, ((kt * rows.Size + ky) * columns.Size + kx) * inputs * outputs);
                                }
    }
}
