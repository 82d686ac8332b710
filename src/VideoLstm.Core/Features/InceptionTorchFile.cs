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
        throw new InputException($"{file.Path}: metadata says dialect \"{name}\", expected keras or torchvision; convert the weights again");
    }

    /// <summary>Reads the 94 layers and nothing else.</summary>
    public static Dictionary<string, InceptionLayer> Read(TensorFile file)
    {
        // Training wrappers put names before: "module.", "model.", "backbone.".
        string? first = file.Entries.Select(e => e.Name).FirstOrDefault(n => n.EndsWith(First, StringComparison.Ordinal));
        if (first is null)
            throw new InputException($"{file.Path}: no weights of an InceptionV3 in this {file.FormatName} file: expected {First} (torchvision, timm) or 94 layers conv2d_* (Keras)");
        string prefix = first[..^First.Length];

        Dictionary<string, InceptionLayer> layers = new(StringComparer.Ordinal);
        foreach (InceptionConvolution shape in InceptionV3.Convolutions)
        {
            string name = prefix + shape.Name, gamma = name + ".bn.weight";
            layers[shape.Name] = new(
                InceptionLayer.Read(file, name + ".conv.weight", shape.Filters, shape.Channels, shape.KernelHeight, shape.KernelWidth),
                file.Contains(gamma) ? InceptionLayer.Read(file, gamma, shape.Filters) : InceptionLayer.Ones(shape.Filters),
                InceptionLayer.Read(file, name + ".bn.bias", shape.Filters),
                InceptionLayer.Read(file, name + ".bn.running_mean", shape.Filters),
                InceptionLayer.ReadVariance(file, name + ".bn.running_var", shape.Filters));
        }
        return layers;
    }
}
