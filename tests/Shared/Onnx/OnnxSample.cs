using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Core.Formats.Protobuf;

namespace VideoLstm.Tests;

/// <summary>Small networks in ONNX files, and files that are none.</summary>
internal static class OnnxSample
{
    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>Writes a network.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="build">Adds its operations.</param>
    /// <param name="metadata">What the file says of itself.</param>
    public static string Write(string path, Action<OnnxGraph> build, Dictionary<string, string>? metadata = null)
    {
        var graph = new OnnxGraph("sample");
        build(graph);
        using FileStream stream = File.Create(path);
        graph.Write(stream, metadata ?? Nothing);
        return path;
    }

    /// <summary>Mean of each channel: <c>[N, 3, H, W]</c> to <c>[N, 3, 1, 1]</c>.</summary>
    public static string Means(string path, Dictionary<string, string>? metadata = null) => Write(path, g => g.Output(
        "means", g.Add("GlobalAveragePool", [g.Input("x", OnnxType.Float, "N", 3, "H", "W")]), OnnxType.Float, "N", 3, 1, 1), metadata);

    /// <summary>Mean of each frame: <c>[N, 3, T, H, W]</c> to <c>[N, T]</c>.</summary>
    public static string FrameMeans(string path, object frames) => Write(path, g => g.Output(
        "brightness", g.Add("ReduceMean", [g.Input("clip", OnnxType.Float, "N", 3, frames, "H", "W")], ("axes", (long[])[1, 3, 4]), ("keepdims", 0L)),
        OnnxType.Float, "N", frames));

    /// <summary>
    /// R(2+1)D in small, with random weights: convolutions over rows and columns, then over time, <c>[N, 3, T, H, W]</c> to <c>[N, 16]</c>.
    /// D. Tran et al.: A Closer Look at Spatiotemporal Convolutions for Action Recognition, https://arxiv.org/abs/1711.11248.
    /// </summary>
    public static string R2Plus1D(string path, int frames) => Write(path, g =>
    {
        var random = new Random(7);
        string Convolution(string x, int from, int to, int time, int side)
        {
            float[] weights = [.. Enumerable.Range(0, to * from * time * side * side).Select(_ => (float)(random.NextDouble() - 0.5) / MathF.Sqrt(from))];
            return g.Add("Relu", [g.Add("Conv", [x, g.Constant("weights", [to, from, time, side, side], weights)], ("strides", (long[])[1, side > 1 ? 2 : 1, side > 1 ? 2 : 1]))]);
        }
        string y = Convolution(Convolution(g.Input("clip", OnnxType.Float, "N", 3, frames, "H", "W"), 3, 8, 1, 3), 8, 16, 3, 1);
        g.Output("features", g.Add("Flatten", [g.Add("GlobalAveragePool", [y])]), OnnxType.Float, "N", 16);
    });

    /// <summary>Files that no network can be read from, or none that may be: by name, each with a part of what is said of it.</summary>
    public static IReadOnlyDictionary<string, string> Hostile { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["weights outside"] = "names a file outside of its folder for its weights: `../secret`",
        ["weights by a link"] = "names a file outside of its folder for its weights: `linked`, which is a link to",
        ["weights missing"] = "its weights are in `nowhere`, which is missing beside it",
        ["weights behind the end"] = "expected 4 bytes from byte 12 of `short`, which has 12",
        ["a cycle"] = "ONNX Runtime 1.31.1 cannot compute it",
        ["functions without end"] = "calls itself",
        ["functions of functions"] = "its functions stand for 3.",
        ["an unknown operator"] = "ONNX Runtime 1.31.1 cannot compute it",
        ["zeros"] = "is no ONNX file, or is damaged",
        ["cut off"] = "is no ONNX file, or is damaged",
        ["messages without end"] = "messages within messages without end",
        ["a picture of a terabyte"] = "expected one input, for pictures",
        ["a batch without end"] = "expected at most 256",
        ["no pictures"] = "expected one input, for pictures",
    };

    /// <summary>Writes one of <see cref="Hostile"/>.</summary>
    public static string WriteHostile(string folder, string name)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "models")).FullName, "hostile.onnx");
        File.WriteAllText(Path.Combine(folder, "secret"), "secret");
        File.WriteAllBytes(Path.Combine(folder, "models", "short"), new byte[12]);
        switch (name)
        {
            case "weights outside":
                return External(path, "../secret", 0);
            case "weights by a link":
                File.CreateSymbolicLink(Path.Combine(folder, "models", "linked"), Path.Combine(folder, "secret"));
                return External(path, "linked", 0);
            case "weights missing":
                return External(path, "nowhere", 0);
            case "weights behind the end":
                return External(path, "short", 12);
            case "a cycle":
                return Model(path, Graph([Node("Add", ["x", "b"], ["a"]), Node("Relu", ["a"], ["b"]), Node("GlobalAveragePool", ["b"], ["y"])]));
            case "functions without end":
                return Model(path, Graph([Node("Endless", ["x"], ["y"]).Add(7, "own")]), m => m
                    .Add(25, Function("Endless", Node("Endless", ["a"], ["b"]).Add(7, "own"))).Add(8, OperatorSet("own", 1)));
            case "functions of functions":
                return Model(path, Graph([Node("F0", ["x"], ["y"]).Add(7, "own")]), m =>
                {
                    for (int i = 0; i < 60; i++)
                        m.Add(25, Function($"F{i}", Node($"F{i + 1}", ["a"], ["c"]).Add(7, "own"), Node($"F{i + 1}", ["c"], ["b"]).Add(7, "own")));
                    return m.Add(25, Function("F60", Node("Relu", ["a"], ["b"]))).Add(8, OperatorSet("own", 1));
                });
            case "an unknown operator":
                return Model(path, Graph([Node("Frobnicate", ["x"], ["y"])]));
            case "zeros":
                using (FileStream zeros = File.Create(path))
                    zeros.SetLength(2_000_000_000);
                return path;
            case "cut off":
                Means(path);
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..^9]);
                return path;
            case "messages without end":
                // Graphs as attributes of nodes of graphs.
                ProtobufMessage graph = new();
                for (int i = 0; i < 200; i++)
                    graph = new ProtobufMessage().Add(1, new ProtobufMessage().Add(4, "If").Add(5, new ProtobufMessage().Add(1, "then_branch").Add(6, graph)));
                return Model(path, graph);
            case "a picture of a terabyte":
                return Model(path, Graph([Node("GlobalAveragePool", ["x"], ["y"])], 1, 3, 1 << 20, 1 << 20));
            case "a batch without end":
                return Model(path, Graph([Node("GlobalAveragePool", ["x"], ["y"])], 16000, 3, 224, 224));
            case "no pictures":
                return Model(path, Graph([Node("Relu", ["x"], ["y"])], 1, 7));
            default:
                throw new ArgumentOutOfRangeException(nameof(name));
        }
    }

    /// <summary>A network whose weights lie in another file: mean of each channel, plus three numbers.</summary>
    public static string External(string path, string location, long offset) => Model(path, Graph(
        [Node("GlobalAveragePool", ["x"], ["means"]), Node("Add", ["means", "bias"], ["y"])]).Add(5, new ProtobufMessage().Add(1, 1L).Add(1, 3L)
            .Add(1, 1L).Add(1, 1L).Add(2, 1L).Add(8, "bias").Add(13, Entry("location", location)).Add(13, Entry("offset", $"{offset}"))
            .Add(13, Entry("length", offset > 0 ? "4" : "12")).Add(14, 1L)));

    private static string Model(string path, ProtobufMessage graph, Func<ProtobufMessage, ProtobufMessage>? more = null)
    {
        ProtobufMessage model = new ProtobufMessage().Add(1, 8L).Add(2, "test").Add(7, graph).Add(8, OperatorSet("", 17));
        using FileStream stream = File.Create(path);
        (more?.Invoke(model) ?? model).WriteTo(stream);
        return path;
    }

    private static ProtobufMessage Graph(ProtobufMessage[] nodes, params long[] shape)
    {
        var graph = new ProtobufMessage();
        foreach (ProtobufMessage node in nodes)
            graph.Add(1, node);
        return graph.Add(2, "g").Add(11, Value("x", shape.Length > 0 ? shape : [0, 3, 0, 0])).Add(12, Value("y"));
    }

    // From a to b.
    private static ProtobufMessage Function(string name, params ProtobufMessage[] nodes)
    {
        ProtobufMessage function = new ProtobufMessage().Add(1, name).Add(4, "a").Add(5, "b");
        foreach (ProtobufMessage node in nodes)
            function.Add(7, node);
        return function.Add(9, OperatorSet("own", 1)).Add(9, OperatorSet("", 17)).Add(10, "own");
    }

    private static ProtobufMessage Node(string operation, string[] inputs, string[] outputs)
    {
        var node = new ProtobufMessage();
        Array.ForEach(inputs, i => node.Add(1, i));
        Array.ForEach(outputs, o => node.Add(2, o));
        return node.Add(4, operation);
    }

    // A size of 0 is any; without sizes, of any shape.
    private static ProtobufMessage Value(string name, params long[] shape)
    {
        ProtobufMessage tensor = new ProtobufMessage().Add(1, 1L), sizes = new();
        foreach (long size in shape)
            sizes.Add(1, size > 0 ? new ProtobufMessage().Add(1, size) : new ProtobufMessage().Add(2, "any" + sizes.Length));
        if (shape.Length > 0)
            tensor.Add(2, sizes);
        return new ProtobufMessage().Add(1, name).Add(2, new ProtobufMessage().Add(1, tensor));
    }

    private static ProtobufMessage OperatorSet(string domain, long version) => new ProtobufMessage().Add(1, domain).Add(2, version);

    private static ProtobufMessage Entry(string key, string value) => new ProtobufMessage().Add(1, key).Add(2, value);
}
