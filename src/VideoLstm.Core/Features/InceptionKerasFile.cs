using System.Globalization;
using System.Text.RegularExpressions;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Features;

/// <summary>
/// InceptionV3 as keras-applications creates it: layers without names of their own, so Keras numbers them as they are
/// created, from whatever number it had reached (<c>conv2d</c>, <c>conv2d_1</c> ... or <c>conv2d_95</c> ...). The nth
/// convolution and the nth batch norm belong together; their creation order is that of <see cref="InceptionV3.Convolutions"/>.
/// The order in the file is another one: by depth.
/// </summary>
internal static partial class InceptionKerasFile
{
    /// <summary>Where the tensors are, or null where the file is not one of Keras.</summary>
    /// <exception cref="InputException">It is one of Keras, and holds no InceptionV3.</exception>
    public static Func<ParameterSpec, StoredTensor>? Find(TensorFile file)
    {
        string[] kernels = Sort(file, KernelName());
        if (kernels.Length == 0)
        {
            return file.Entries.Any(e => NewKernelName().IsMatch(e.Name))
                ? throw new InputException($"{file.Path}: Keras 3 renumbers the layers in this kind of file; save the weights with Keras " +
                    $"2 as .h5, or use Keras' published file")
                : null;
        }
        string[] betas = Sort(file, BetaName());
        int expected = InceptionV3.Convolutions.Count;
        if (kernels.Length != expected || betas.Length != expected)
            throw new InputException($"{file.Path}: {kernels.Length} convolutions and {betas.Length} batch norms; an InceptionV3 of " +
                $"Keras has {expected} of each");

        Dictionary<string, StoredTensor> stored = new(StringComparer.Ordinal);
        foreach (((string kernel, string beta), InceptionConvolution shape) in kernels.Zip(betas).Zip(InceptionV3.Convolutions))
        {
            int last = beta.LastIndexOf("beta", StringComparison.Ordinal);
            string Norm(string part) => beta[..last] + part + beta[(last + "beta".Length)..];
            long[] filters = [shape.Filters];
            stored[$"{shape.Name}.{ConvolutionBlockSpec.Weight}"] =
                new(kernel, [shape.KernelHeight, shape.KernelWidth, shape.Channels, shape.Filters])
            {
                Convert = source => FilterMajor(source, shape),
            };
            stored[$"{shape.Name}.{ConvolutionBlockSpec.Gamma}"] =
                new(file.Contains(Norm("gamma")) ? Norm("gamma") : null, filters) { Fill = 1 };
            stored[$"{shape.Name}.{ConvolutionBlockSpec.Beta}"] = new(beta, filters);
            stored[$"{shape.Name}.{ConvolutionBlockSpec.Mean}"] = new(Norm("moving_mean"), filters);
            stored[$"{shape.Name}.{ConvolutionBlockSpec.Variance}"] = new(Norm("moving_variance"), filters);
        }
        return parameter => stored[parameter.Name];
    }

    private static string[] Sort(TensorFile file, Regex pattern) =>
    [
        .. from entry in file.Entries
           let match = pattern.Match(entry.Name)
           where match.Success
           orderby match.Groups["number"].Success ? int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) : 0
           select entry.Name,
    ];

    /// <summary><c>[height, width, channels, filters]</c> to <c>[filters, channels, height, width]</c>.</summary>
    private static float[] FilterMajor(float[] source, InceptionConvolution shape)
    {
        int taps = shape.KernelHeight * shape.KernelWidth;
        float[] target = new float[source.Length];
        for (int tap = 0, i = 0; tap < taps; tap++)
            for (int channel = 0; channel < shape.Channels; channel++)
                for (int filter = 0; filter < shape.Filters; filter++, i++)
                    target[(filter * shape.Channels + channel) * taps + tap] = source[i];
        return target;
    }

    [GeneratedRegex(@"^(?!optimizer)(.*/)?conv2d(_(?<number>\d{1,9}))?/kernel(:0)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex KernelName();

    [GeneratedRegex(@"^(?!optimizer)(.*/)?batch_normalization(_(?<number>\d{1,9}))?/beta(:0)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex BetaName();

    [GeneratedRegex(@"(^|/)conv2d(_\d{1,9})?/vars/0$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex NewKernelName();
}
