using VideoLstm.Core.Compute;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Features;

/// <summary>
/// Weights from a seed, bit for bit the same on every machine: integers from splitmix64, summed exactly, then only operations
/// that IEEE 754 rounds in one way.
/// <para>
/// With independent weights (He et al. 2015) a network this deep sends all pictures in nearly the same direction: the mean
/// of its positive activations outgrows their differences. So most of the mean is taken out of each filter and what is left
/// scaled to keep the variance; without any mean, neighbouring pictures would drift apart as fast as different ones. The
/// filters of the last layers lean to the negative, so that features are sparse, at any contrast and picture size.
/// </para>
/// </summary>
internal static class InceptionRandom
{
    // How filters are made: the share of their mean that stays; one over what they pass of the values they sum (of
    // half-normal ones, as ReLU leaves them, the variance 1/2 - 1/2pi and, by the square of that share, the squared mean 1/2pi;
    // of pixels in -1..1 about 1/2); and what is taken off their sum: 2 is 0.8 deviations of what they put out.
    private static readonly Recipe _first = new(KeptMean: 1, Gain: 2, Lean: 0);
    private static readonly Recipe _middle = new(KeptMean: 0.32, Gain: 2.8, Lean: 0);
    private static readonly Recipe _last = new(KeptMean: 0, Gain: 2.8, Lean: 2);

    // Brings the features to the scale of trained ones.
    private const float LastGamma = 3;

    private static readonly string[] _lastBranches = ["branch1x1", "branch3x3_2a", "branch3x3_2b", "branch3x3dbl_3a", "branch3x3dbl_3b",
        "branch_pool"];

    private sealed record Recipe(double KeptMean, double Gain, double Lean);

    public static TensorSet Tensors(ulong seed)
    {
        HashSet<string> lastNames = [.. _lastBranches.Select(branch => "Mixed_7c." + branch)];
        Dictionary<string, float[]> values = new(StringComparer.Ordinal);
        ulong state = seed;
        foreach (InceptionConvolution shape in InceptionV3.Convolutions)
        {
            bool last = lastNames.Contains(shape.Name);
            Recipe recipe = last ? _last : values.Count == 0 ? _first : _middle;
            values[$"{shape.Name}.{ConvolutionBlockSpec.Weight}"] = Kernel(shape, recipe, ref state);
            values[$"{shape.Name}.{ConvolutionBlockSpec.Gamma}"] = Constant(shape.Filters, last ? LastGamma : 1);
            values[$"{shape.Name}.{ConvolutionBlockSpec.Beta}"] = Constant(shape.Filters, 0);
            values[$"{shape.Name}.{ConvolutionBlockSpec.Mean}"] = Constant(shape.Filters, 0);
            values[$"{shape.Name}.{ConvolutionBlockSpec.Variance}"] = Constant(shape.Filters, 1);
        }
        return new TensorSet(InceptionWeights.Parameters.Select(p => new NamedTensor(p.Name, p.Shape, () => values[p.Name])));
    }

    private static float[] Kernel(InceptionConvolution shape, Recipe recipe, ref ulong state)
    {
        float[] kernel = new float[shape.Length];
        int[] bells = new int[shape.Reduction];
        for (int filter = 0; filter < shape.Filters; filter++)
        {
            long sum = 0, squares = 0;
            foreach (ref int bell in bells.AsSpan())
            {
                bell = Bell(ref state);
                sum += bell;
                squares += (long)bell * bell;
            }
            double mean = (double)sum / bells.Length;
            double offset = (1 - recipe.KeptMean) * mean;
            double scale = Math.Sqrt(recipe.Gain / (squares - (1 - recipe.KeptMean * recipe.KeptMean) * mean * sum));
            double lean = recipe.Lean / bells.Length;
            Span<float> target = kernel.AsSpan(filter * bells.Length, bells.Length);
            for (int i = 0; i < target.Length; i++)
                target[i] = (float)((bells[i] - offset) * scale - lean);
        }
        return kernel;
    }

    private static float[] Constant(int length, float value)
    {
        float[] values = new float[length];
        values.AsSpan().Fill(value);
        return values;
    }

    /// <summary>A nearly normal number around zero: the sum of the four 16-bit quarters of a random one.</summary>
    private static int Bell(ref ulong state)
    {
        ulong bits = RandomSource.SplitMix(ref state);
        return (int)((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48)) - 2 * 0xFFFF;
    }
}
