using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Export;

/// <summary>A value of an ONNX graph, <c>[frames, channels, height, width]</c>.</summary>
internal readonly record struct OnnxMap(string Name, int Channels);

/// <summary>InceptionV3 as operations of an ONNX graph, batch norms folded into the convolutions.</summary>
internal sealed class OnnxInception(OnnxGraph graph, InceptionWeights weights) : InceptionV3.Definition<OnnxMap>
{
    /// <summary>Adds the network.</summary>
    /// <param name="frames">RGB bytes <c>[frames, height, width, 3]</c>.</param>
    /// <returns>Features <c>[frames, 2048]</c>.</returns>
    public string Add(string frames)
    {
        string pixels = graph.Add("Cast", [frames], ("to", (long)OnnxType.Float));
        string scaled = graph.Add("Sub", [graph.Add("Div", [pixels, graph.Constant(127.5f)]), graph.Constant(1f)]);
        return Network(new OnnxMap(graph.Add("Transpose", [scaled], ("perm", (long[])[0, 3, 1, 2])), 3)).Name;
    }

    /// <inheritdoc/>
    protected override OnnxMap Conv(
        string name, OnnxMap x, int filters, (int Height, int Width) kernel, int stride = 1, (int Y, int X) padding = default)
    {
        var layer = new InceptionConvolution(name, filters, x.Channels, kernel.Height, kernel.Width);
        ConvolutionParameters parameters = weights.Fold(layer);
        string sums = graph.Add(
            "Conv",
            [x.Name, graph.Constant(name + ".weight", [filters, x.Channels, kernel.Height, kernel.Width], parameters.Weights),
                graph.Constant(name + ".bias", [filters], parameters.Bias)],
            ("kernel_shape", (long[])[kernel.Height, kernel.Width]), ("strides", (long[])[stride, stride]),
                ("pads", (long[])[padding.Y, padding.X, padding.Y, padding.X]));
        return new OnnxMap(graph.Add("Relu", [sums]), filters);
    }

    /// <inheritdoc/>
    protected override OnnxMap MaxPool(OnnxMap x) =>
        x with { Name = graph.Add("MaxPool", [x.Name], ("kernel_shape", (long[])[3, 3]), ("strides", (long[])[2, 2])) };

    /// <inheritdoc/>
    protected override OnnxMap AveragePool(OnnxMap x) => x with
    {
        Name = graph.Add(
            "AveragePool", [x.Name], ("kernel_shape", (long[])[3, 3]), ("strides", (long[])[1, 1]), ("pads", (long[])[1, 1, 1, 1]),
            ("count_include_pad", weights.Dialect == InceptionDialect.Torchvision ? 1L : 0L)),
    };

    /// <inheritdoc/>
    protected override OnnxMap GlobalAveragePool(OnnxMap x) =>
        x with { Name = graph.Add("Flatten", [graph.Add("GlobalAveragePool", [x.Name])]) };

    /// <inheritdoc/>
    protected override OnnxMap Concat(params ReadOnlySpan<OnnxMap> parts)
    {
        OnnxMap[] all = parts.ToArray();
        return new OnnxMap(graph.Add("Concat", [.. all.Select(p => p.Name)], ("axis", 1L)), all.Sum(p => p.Channels));
    }
}
