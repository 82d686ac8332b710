using System.Runtime.InteropServices;
using VideoLstm.Core.Formats.Protobuf;

namespace VideoLstm.Core.Formats.Onnx;

/// <summary>
/// A graph of the Open Neural Network Exchange (onnx.ai), built operation by operation, operator set 17. Fields are numbered as in
/// onnx.proto:
/// <code>
/// message ModelProto       { int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7;
///                            repeated OperatorSetIdProto opset_import = 8; repeated StringStringEntryProto metadata_props = 14; }
/// message OperatorSetIdProto { string domain = 1; int64 version = 2; }
/// message StringStringEntryProto { string key = 1; string value = 2; }
/// message GraphProto       { repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
///                            repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
/// message NodeProto        { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
///                            repeated AttributeProto attribute = 5; }
/// message AttributeProto   { string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated float floats = 7;
///                            repeated int64 ints = 8; repeated bytes strings = 9; AttributeType type = 20; }
/// message TensorProto      { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
/// message ValueInfoProto   { string name = 1; TypeProto type = 2; }      message TypeProto { Tensor tensor_type = 1; }
/// message Tensor           { int32 elem_type = 1; TensorShapeProto shape = 2; }
/// message TensorShapeProto { repeated Dimension dim = 1; }                message Dimension { int64 dim_value = 1; string dim_param = 2; }
/// </code>
/// </summary>
internal sealed class OnnxGraph(string name)
{
    private const int IrVersion = 8, OperatorSet = 17;

    private readonly ProtobufMessage _nodes = new(), _initializers = new(), _inputs = new(), _outputs = new();
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly List<string> _inputTexts = [], _outputTexts = [];

    /// <summary>What goes in, each as name, type and shape.</summary>
    public IReadOnlyList<string> Inputs => _inputTexts;

    /// <summary>What comes out.</summary>
    public IReadOnlyList<string> Outputs => _outputTexts;

    /// <summary>Adds an input.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="type">Type of its values.</param>
    /// <param name="shape">Sizes: an <see cref="int"/>, or the name of one that may be any.</param>
    public string Input(string input, OnnxType type, params object[] shape)
    {
        _inputs.Add(11, ValueInfo(input, type, shape));
        _inputTexts.Add(Text(input, type, shape));
        return Unique(input);
    }

    /// <summary>Gives a value to whoever runs the graph, under a name of its own.</summary>
    public void Output(string output, string value, OnnxType type, params object[] shape)
    {
        _nodes.Add(1, Node("Identity", [value], [output], []));
        _outputs.Add(12, ValueInfo(output, type, shape));
        _outputTexts.Add(Text(output, type, shape));
    }

    /// <summary>A tensor of numbers; they are read when the graph is written.</summary>
    public string Constant(string constant, ReadOnlySpan<int> shape, ReadOnlyMemory<float> values) =>
        Initializer(constant, shape, OnnxType.Float, t => t.Add(9, values));

    /// <summary>A single number.</summary>
    public string Constant(float value) => Constant("number", [], new[] { value });

    /// <summary>A row of 64-bit integers, as shapes are.</summary>
    public string Sizes(params long[] values) =>
        Initializer("sizes", [values.Length], OnnxType.Int64, t => t.Add(9, MemoryMarshal.AsBytes<long>(values).ToArray()));

    /// <summary>32-bit integers.</summary>
    public string Integers(ReadOnlySpan<int> shape, params int[] values) =>
        Initializer("integers", shape, OnnxType.Int32, t => t.Add(9, MemoryMarshal.AsBytes<int>(values).ToArray()));

    /// <summary>Adds an operation with one output.</summary>
    /// <param name="operation">Name of an ONNX operator.</param>
    /// <param name="inputs">Values; empty: one that is left out.</param>
    /// <param name="attributes">Each a long, float, string, or an array of one of these.</param>
    /// <returns>The output.</returns>
    public string Add(string operation, string[] inputs, params (string Name, object Value)[] attributes) =>
        Add(operation, inputs, 1, attributes)[0];

    /// <summary>Adds an operation with several outputs.</summary>
    public string[] Add(string operation, string[] inputs, int outputs, params (string Name, object Value)[] attributes)
    {
        string[] results = [.. Enumerable.Range(0, outputs).Select(_ => Unique(operation))];
        _nodes.Add(1, Node(operation, inputs, results, attributes));
        return results;
    }

    /// <summary>Writes the model.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="metadata">What the file says of itself.</param>
    /// <exception cref="InvalidDataException">It would be larger than the 2 GB that protobuf allows.</exception>
    public void Write(Stream stream, IReadOnlyDictionary<string, string> metadata)
    {
        var graph = new ProtobufMessage();
        graph.Append(_nodes).Add(2, name).Append(_initializers).Append(_inputs).Append(_outputs);
        ProtobufMessage model = new ProtobufMessage().Add(1, IrVersion).Add(2, "vlstm").Add(7, graph)
            .Add(8, new ProtobufMessage().Add(1, "").Add(2, OperatorSet));
        foreach ((string key, string value) in metadata)
            model.Add(14, new ProtobufMessage().Add(1, key).Add(2, value));
        if (model.Length > int.MaxValue)
            throw new InvalidDataException($"these weights are {model.Length >> 20} MB, more than the 2 GB that an ONNX file can hold");
        model.WriteTo(stream);
    }

    private static string Text(string value, OnnxType type, object[] shape) =>
        $"{value} {(type == OnnxType.UInt8 ? "uint8" : type == OnnxType.Float ? "float32" : $"{type}".ToLowerInvariant())} "
            + $"[{string.Join(", ", shape)}]";

    private string Initializer(string constant, ReadOnlySpan<int> shape, OnnxType type, Action<ProtobufMessage> values)
    {
        string unique = Unique(constant);
        var tensor = new ProtobufMessage();
        foreach (int size in shape)
            tensor.Add(1, size);
        tensor.Add(2, (long)type).Add(8, unique);
        values(tensor);
        _initializers.Add(5, tensor);
        return unique;
    }

    private string Unique(string wanted)
    {
        int number = _names.GetValueOrDefault(wanted);
        _names[wanted] = number + 1;
        return number == 0 ? wanted : $"{wanted}_{number}";
    }

    private static ProtobufMessage Node(string operation, string[] inputs, string[] outputs, (string Name, object Value)[] attributes)
    {
        var node = new ProtobufMessage();
        foreach (string input in inputs)
            node.Add(1, input);
        foreach (string output in outputs)
            node.Add(2, output);
        node.Add(3, outputs[0]).Add(4, operation);
        foreach ((string attribute, object value) in attributes)
            node.Add(5, Attribute(attribute, value));
        return node;
    }

    private static ProtobufMessage Attribute(string attribute, object value)
    {
        ProtobufMessage message = new ProtobufMessage().Add(1, attribute);
        switch (value)
        {
            case float number:
                return message.Add(2, number).Add(20, 1);
            case long integer:
                return message.Add(3, integer).Add(20, 2);
            case string text:
                return message.Add(4, text).Add(20, 3);
            case float[] numbers:
                foreach (float number in numbers)
                    message.Add(7, number);
                return message.Add(20, 6);
            case long[] integers:
                foreach (long integer in integers)
                    message.Add(8, integer);
                return message.Add(20, 7);
            case string[] texts:
                foreach (string text in texts)
                    message.Add(9, text);
                return message.Add(20, 8);
            default:
                throw new ArgumentException($"no attribute can be a {value.GetType().Name}", nameof(value));
        }
    }

    private static ProtobufMessage ValueInfo(string value, OnnxType type, object[] shape)
    {
        var sizes = new ProtobufMessage();
        foreach (object size in shape)
            sizes.Add(1, size is int number ? new ProtobufMessage().Add(1, number) : new ProtobufMessage().Add(2, (string)size));
        return new ProtobufMessage().Add(1, value)
            .Add(2, new ProtobufMessage().Add(1, new ProtobufMessage().Add(1, (long)type).Add(2, sizes)));
    }
}
