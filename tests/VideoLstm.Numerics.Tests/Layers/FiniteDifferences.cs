namespace VideoLstm.Numerics.Tests.Layers;

/// <summary>Gradients by central differences.</summary>
internal static class FiniteDifferences
{
    private const double Step = 1e-5;

    /// <summary>The derivative of <paramref name="loss"/> by each of the variables, which are moved and put back.</summary>
    public static float[] Of(Func<double> loss, double[] variables)
    {
        float[] gradient = new float[variables.Length];
        for (int i = 0; i < variables.Length; i++)
        {
            double value = variables[i];
            variables[i] = value + Step;
            double above = loss();
            variables[i] = value - Step;
            double below = loss();
            variables[i] = value;
            gradient[i] = (float)((above - below) / (2 * Step));
        }
        return gradient;
    }
}
