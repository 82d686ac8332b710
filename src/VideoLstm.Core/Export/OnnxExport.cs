using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Core.Models;

namespace VideoLstm.Core.Export;

/// <summary>
/// A classifier, the network before it, or both in one graph, for ONNX Runtime and whatever else reads ONNX. Frames are RGB bytes
/// <c>[frames, height, width, 3]</c>: how they become numbers is part of the graph.
/// </summary>
public sealed class OnnxExport
{
    private const string FramesName = "frames", FeaturesName = "features", LengthsName = "lengths", ProbabilitiesName = "probabilities",
        AnyBatch = "batch";

    private readonly OnnxGraph _graph;
    private readonly IReadOnlyDictionary<string, string> _metadata;

    private OnnxExport(CheckpointInfo info, string name) => (_graph, _metadata) = (new OnnxGraph(name), Checkpoint.Describe(info));

    /// <summary>What goes in, one line each: name, type, shape.</summary>
    public IReadOnlyList<string> Inputs => _graph.Inputs;

    /// <summary>What comes out.</summary>
    public IReadOnlyList<string> Outputs => _graph.Outputs;

    /// <summary>
    /// A classifier: <c>features</c> float <c>[batch, time, 2048]</c>, or <c>frames</c> uint8 <c>[batch, time, height, width, 3]</c> for
    /// one that sees these, to <c>probabilities</c> float <c>[batch, classes]</c>. Where sequences may be padded, <c>lengths</c> int32
    /// <c>[batch]</c> says how many frames of each are real, at least 1; those that follow may be anything.
    /// </summary>
    public static OnnxExport Classifier(NetworkSpec network, TensorSet weights, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(info);
        var export = new OnnxExport(info, "classifier");
        OnnxGraph graph = export._graph;
        object[] shape = [AnyBatch, .. network.InputShape.Cast<object>()];
        string x;
        if (info.Source.Input is null)
        {
            x = graph.Input(FeaturesName, OnnxType.Float, shape);
        }
        else
        {
            (float scale, float offset) = Recipes.Find(info.Model.Recipe)!.Pixels;
            string pixels = graph.Add("Cast", [graph.Input(FramesName, OnnxType.UInt8, shape)], ("to", (long)OnnxType.Float));
            x = graph.Add("Add", [graph.Add("Mul", [pixels, graph.Constant(scale)]), graph.Constant(offset)]);
        }
        string? lengths = Exports.TakesLengths(network, info) ? graph.Input(LengthsName, OnnxType.Int32, AnyBatch) : null;
        graph.Output(ProbabilitiesName, new OnnxNetwork(graph, weights).Add(network, x, lengths), OnnxType.Float, AnyBatch,
            network.OutputShape[0]);
        return export;
    }

    /// <summary>An extractor: <c>frames</c> to <c>features</c> float <c>[frames, 2048]</c>.</summary>
    public static OnnxExport Extractor(DescribedNetwork network, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(info);
        var export = new OnnxExport(info, "extractor");
        OnnxGraph graph = export._graph;
        ExtractorSpec extractor = network.Spec(info.Sequences.Height, info.Sequences.Width);
        string frames = graph.Input(FramesName, OnnxType.UInt8, [AnyBatch, .. extractor.Network.InputShape.Cast<object>()]);
        string features = new OnnxExtractorGraph(graph, extractor).Add(frames);
        graph.Output(FeaturesName, features, OnnxType.Float, AnyBatch, extractor.Network.OutputShape[0]);
        return export;
    }

    /// <summary>
    /// Both: <c>frames</c> of one sequence to <c>probabilities</c> float <c>[1, classes]</c>. Where sequences may be padded, there may be
    /// fewer frames than a sequence has.
    /// </summary>
    public static OnnxExport Both(DescribedNetwork before, NetworkSpec network, TensorSet weights, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(info);
        var export = new OnnxExport(info, "video-classifier");
        OnnxGraph graph = export._graph;
        int time = info.Sequences.Length;
        string frames = graph.Input(FramesName, OnnxType.UInt8, info.Sequences.Pad ? "time" : time, info.Sequences.Height,
            info.Sequences.Width, 3);
        ExtractorSpec extractor = before.Spec(info.Sequences.Height, info.Sequences.Width);
        string features = new OnnxExtractorGraph(graph, extractor).Add(frames);
        string? lengths = null;
        if (info.Sequences.Pad)
        {
            string real = graph.Add("Shape", [features], ("start", 0L), ("end", 1L));
            string missing = graph.Add("Sub", [graph.Sizes(time), real]);
            features = graph.Add("Pad", [features, graph.Add("Concat", [graph.Sizes(0, 0), missing, graph.Sizes(0)], ("axis", 0L))]);
            if (Exports.TakesLengths(network, info))
                lengths = graph.Add("Cast", [real], ("to", (long)OnnxType.Int32));
        }
        string sequence = graph.Add("Reshape", [features, graph.Sizes(1, time, extractor.Network.OutputShape[0])]);
        graph.Output(ProbabilitiesName, new OnnxNetwork(graph, weights).Add(network, sequence, lengths), OnnxType.Float, 1,
            network.OutputShape[0]);
        return export;
    }

    /// <summary>Writes the model. In its metadata is what the classifier's file says of it, <c>classes</c> as a JSON list.</summary>
    /// <exception cref="InvalidDataException">It is more than 2 GB.</exception>
    public void Write(Stream stream) => _graph.Write(stream, _metadata);
}
