using VideoLstm.Core.Formats.Protobuf;

namespace VideoLstm.Core.Formats.Onnx;

/// <summary>Two networks, each with one input and one output, as one: what comes out of the first goes into the second.</summary>
internal static class OnnxJoin
{
    private const int Graph = 7, Metadata = 14, Node = 1, Input = 11, Output = 12, ValueInfo = 13;

    /// <summary>Writes the network of both. Its names are those of both files; no name may be in both.</summary>
    /// <param name="first">The first file.</param>
    /// <param name="second">The second file: the version and the operator sets of the result are its.</param>
    /// <param name="metadata">What the result says of itself besides.</param>
    /// <param name="to">Where to.</param>
    /// <exception cref="InputException">One of them is no such network.</exception>
    public static void Write(string first, string second, IReadOnlyDictionary<string, string> metadata, Stream to)
    {
        string given = Single(OnnxFile.Read(first), f => f.Outputs).Name, taken = Single(OnnxFile.Read(second), f => f.Inputs).Name;
        ProtobufMessage link = new ProtobufMessage().Add(1, given).Add(2, taken).Add(4, "Identity");
        var graph = new ProtobufMessage();
        // Inputs that are weights stay: old versions ask for them.
        Copy(first, graph, (field, _) => field is not (2 or Output or ValueInfo));
        graph.Add(Node, link);
        Copy(second, graph, (field, name) => field != ValueInfo && !(field == Input && name == taken));
        var model = new ProtobufMessage();
        using FileStream stream = File.OpenRead(second);
        var reader = new ProtobufReader(stream);
        while (reader.Next())
        {
            if (reader.Field != Graph)
                model.AddRaw(reader.Raw());
        }
        foreach ((string key, string value) in metadata)
            model.Add(Metadata, new ProtobufMessage().Add(1, key).Add(2, value));
        model.Add(Graph, graph).WriteTo(to);
    }

    private static OnnxValue Single(OnnxFile file, Func<OnnxFile, IReadOnlyList<OnnxValue>> values) => values(file) is [var only] ? only
        : throw new InputException($"{file.Path}: expected a network with one input and one output");

    private static void Copy(string path, ProtobufMessage graph, Func<int, string, bool> takes)
    {
        using FileStream stream = File.OpenRead(path);
        var model = new ProtobufReader(stream);
        while (model.Next())
        {
            if (model.Field != Graph)
                continue;
            ProtobufReader fields = model.Message();
            while (fields.Next())
            {
                int field = fields.Field;
                byte[] raw = fields.Raw();
                if (takes(field, field == Input ? NameOf(raw) : ""))
                    graph.AddRaw(raw);
            }
        }
    }

    private static string NameOf(byte[] field)
    {
        using var stream = new MemoryStream(field);
        var value = new ProtobufReader(stream);
        value.Next();
        ProtobufReader info = value.Message();
        while (info.Next())
        {
            if (info.Field == 1)
                return info.Text();
        }
        return "";
    }
}
