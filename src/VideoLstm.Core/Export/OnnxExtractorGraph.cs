using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Export;

/// <summary>An extractor's network as operations of an ONNX graph, batch norms folded into the convolutions.</summary>
internal sealed class OnnxExtractorGraph(OnnxGraph graph, ExtractorSpec extractor)
{
    /// <summary>Adds the network.</summary>
    /// <param name="frames">RGB bytes <c>[frames, height, width, 3]</c>.</param>
    /// <returns>Features <c>[frames, features]</c>.</returns>
    public string Add(string frames)
    {
        string pixels = graph.Add("Cast", [frames], ("to", (long)OnnxType.Float));
        string scaled = graph.Add("Add", [graph.Add("Div", [pixels, graph.Constant(extractor.Divisor)]), graph.Constant(extractor.Offset)]);
        if (!extractor.Network.AllLayers.Any(l => l.Spec is ConvolutionBlockSpec))
            return new OnnxNetwork(graph, extractor.Weights).AddLayers(extractor.Network, scaled);
        return Add(extractor.Network.Layers, graph.Add("Transpose", [scaled], ("perm", (long[])[0, 3, 1, 2])));
    }

    // [frames, channels, height, width]
    private string Add(IReadOnlyList<NetworkLayer> layers, string x) => layers.Aggregate(x, (map, layer) => Add(layer, map));

    private string Add(NetworkLayer layer, string x)
    {
        switch (layer.Spec)
        {
            case ParallelSpec:
                return graph.Add("Concat", [.. layer.Branches.Select(branch => Add(branch, x))], ("axis", 1L));
            case ConvolutionBlockSpec spec:
                (float[] weights, float[] bias) = spec.Fold(extractor.Weights.Of(layer));
                string name = layer.Paths[0];
                int[] shape = [.. layer.Parameters[0].Shape];
                string sums = graph.Add(
                    "Conv", [x, graph.Constant(name + ".weight", shape, weights), graph.Constant(name + ".bias", [spec.Filters], bias)],
                    [.. Windows(spec.Axes(layer.InputShape))]);
                return graph.Add("Relu", [sums]);
            case MaxPooling2DSpec spec:
                return graph.Add("MaxPool", [x], [.. Windows(spec.Axes(layer.InputShape)).Take(2)]);
            case AveragePooling2DSpec spec:
                ConvolutionAxis axis = new(0, spec.Size, 1, spec.Size / 2, 0);
                return graph.Add("AveragePool", [x], [.. Windows([axis, axis]), ("count_include_pad", spec.CountsPadding ? 1L : 0L)]);
            case GlobalAveragePooling2DSpec:
                return graph.Add("Flatten", [graph.Add("GlobalAveragePool", [x])]);
            default:
                throw new ArgumentException($"ONNX has no {layer.Spec}", nameof(layer));
        }
    }

    private static IEnumerable<(string Name, object Value)> Windows(IReadOnlyList<ConvolutionAxis> axes) =>
    [
        ("kernel_shape", axes.Select(a => (long)a.Size).ToArray()), ("strides", axes.Select(a => (long)a.Stride).ToArray()),
        ("pads", (long[])[.. axes.Select(a => (long)a.PadBefore), .. axes.Select(a => (long)a.PadBefore)]),
    ];
}
