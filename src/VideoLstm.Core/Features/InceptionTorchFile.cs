using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Features;

/// <summary>InceptionV3 under torchvision's names: torchvision's and timm's files, and ours, which say their dialect.</summary>
internal static class InceptionTorchFile
{
    private const string First = "Conv2d_1a_3x3.conv.weight";

    /// <summary>The dialect's name in files.</summary>
    public static string Name(InceptionDialect dialect) => dialect == InceptionDialect.Keras ? "keras" : "torchvision";

    /// <summary>What the file says; torchvision's where it says nothing.</summary>
    public static InceptionDialect Dialect(TensorFile file)
    {
        // Files of others may carry a format of their own: timm's say "pt".
        if (file.Metadata.GetValueOrDefault("format") != InceptionWeights.Format)
            return InceptionDialect.Torchvision;
        string? name = file.Metadata.GetValueOrDefault("dialect");
        foreach (InceptionDialect dialect in Enum.GetValues<InceptionDialect>())
            if (name == Name(dialect))
                return dialect;
        throw new InputException(
            $"{file.Path}: metadata says dialect \"{name}\", expected keras or torchvision; convert the weights again");
    }

    /// <summary>Where the tensors are.</summary>
    /// <exception cref="InputException">The file holds no InceptionV3.</exception>
    public static Func<ParameterSpec, StoredTensor> Find(TensorFile file)
    {
        // Training wrappers put names before: "module.", "model.", "backbone.".
        string first = file.Entries.Select(e => e.Name).FirstOrDefault(n => n.EndsWith(First, StringComparison.Ordinal))
            ?? throw new InputException($"{file.Path}: no weights of an InceptionV3 in this {file.FormatName} file: expected {First} " +
                $"(torchvision, timm) or 94 layers conv2d_* (Keras)");
        string prefix = first[..^First.Length];
        return parameter => parameter.Name.EndsWith(ConvolutionBlockSpec.Gamma, StringComparison.Ordinal)
            && !file.Contains(prefix + parameter.Name)
            ? new StoredTensor(null, parameter) { Fill = 1 }
            : new StoredTensor(prefix + parameter.Name, parameter);
    }
}
