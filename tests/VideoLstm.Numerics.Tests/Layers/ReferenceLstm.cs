namespace VideoLstm.Numerics.Tests.Layers;

/// <summary>The equations of the layer, one number at a time, in double precision.</summary>
internal static class ReferenceLstm
{
    public static double[] Forward(
        double[] x, double[] kernel, double[] recurrent, double[] bias, float[] mask, int batch, int time, int inputs, int units, bool hardSigmoid)
    {
        double Gate(double v) => hardSigmoid ? Math.Clamp(0.2 * v + 0.5, 0, 1) : 1 / (1 + Math.Exp(-v));
        double[] last = new double[batch * units];
        for (int b = 0; b < batch; b++)
        {
            double[] h = new double[units], c = new double[units];
            for (int t = 0; t < time; t++)
            {
                double[] sums = [.. bias];
                for (int j = 0; j < 4 * units; j++)
                {
                    for (int i = 0; i < inputs; i++)
                        sums[j] += x[(b * time + t) * inputs + i] * mask[b * inputs + i] * kernel[i * 4 * units + j];
                    for (int i = 0; i < units; i++)
                        sums[j] += h[i] * recurrent[i * 4 * units + j];
                }
                double[] next = new double[units];
                for (int u = 0; u < units; u++)
                {
                    c[u] = Gate(sums[units + u]) * c[u] + Gate(sums[u]) * Math.Tanh(sums[2 * units + u]);
                    next[u] = Gate(sums[3 * units + u]) * Math.Tanh(c[u]);
                }
                h = next;
            }
            h.CopyTo(last, b * units);
        }
        return last;
    }
}
