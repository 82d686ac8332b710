using VideoLstm.Core.Formats.Protobuf;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Formats.Onnx;

/// <summary>
/// What an ONNX file is, without its weights: these are passed over. Fields are numbered as in onnx.proto, in part in
/// <see cref="OnnxGraph"/>; besides
/// <code>
/// message ModelProto     { string producer_name = 2; string producer_version = 3; repeated FunctionProto functions = 25; }
/// message GraphProto     { repeated SparseTensorProto sparse_initializer = 15; }
/// message NodeProto      { string domain = 7; }
/// message FunctionProto { string name = 1; repeated NodeProto node = 7; string domain = 10; }
/// message AttributeProto { TensorProto t = 5; GraphProto g = 6; repeated TensorProto tensors = 10; repeated GraphProto graphs = 11;
///                          SparseTensorProto sparse_tensor = 22; repeated SparseTensorProto sparse_tensors = 23; }
/// message SparseTensorProto { TensorProto values = 1; TensorProto indices = 2; }
/// message TensorProto    { repeated StringStringEntryProto external_data = 13; DataLocation data_location = 14; }
/// </code>
/// </summary>
internal sealed class OnnxFile
{
    private const int External = 1, LongestMetadata = 1 << 20;

    // Real networks have thousands.
    private const double MostOperations = 1e6;

    private readonly List<OnnxValue> _inputs = [], _outputs = [];
    private readonly Dictionary<string, long> _operators = new(StringComparer.Ordinal), _operatorSets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly HashSet<string> _initializers = new(StringComparer.Ordinal), _computed = new(StringComparer.Ordinal);
    private readonly HashSet<OnnxExternalTensor> _external = [];

    // What each function of the file's own consists of, as _operators; and that which is being read.
    private readonly Dictionary<string, Dictionary<string, long>> _functions = new(StringComparer.Ordinal);
    private Dictionary<string, long>? _function;

    private OnnxFile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Which program wrote it; empty: it does not say.</summary>
    public string Producer { get; private set; } = "";

    /// <summary>What goes in.</summary>
    public IReadOnlyList<OnnxValue> Inputs => _inputs;

    /// <summary>What comes out.</summary>
    public IReadOnlyList<OnnxValue> Outputs => _outputs;

    /// <summary>How often each operator occurs, those of branches and functions too; those of other domains with their domain.</summary>
    public IReadOnlyDictionary<string, long> Operators => _operators;

    /// <summary>Version of each set of operators, by domain.</summary>
    public IReadOnlyDictionary<string, long> OperatorSets => _operatorSets;

    /// <summary>What the file says besides.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>How many numbers the weights are.</summary>
    public double Weights { get; private set; }

    /// <summary>Names of all that the graph computes: what can be made an output.</summary>
    public IReadOnlySet<string> Computed => _computed;

    /// <summary>The files in which weights lie besides, as <see cref="OnnxExternalTensor.Location"/> names them.</summary>
    public IReadOnlyList<string> ExternalFiles =>
        [.. _external.Select(e => e.Location).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>
    /// Whether a file looks like one: a message that begins with ir_version, of one byte, and then with the name of a program, the set
    /// of operators, or the graph.
    /// </summary>
    public static bool IsLikely(string path)
    {
        Span<byte> head = stackalloc byte[3];
        using FileStream stream = File.OpenRead(path);
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
            && head is [0x08, > 0 and < 0x40, 0x12 or 0x1a or 0x3a or 0x42];
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is no ONNX file, is damaged, or its weights lie where they may not.</exception>
    public static OnnxFile Read(string path)
    {
        if (!File.Exists(path))
            throw new InputException(Directory.Exists(path) ? $"{path}: is a folder, expected an ONNX file" : $"{path}: no such file");
        var file = new OnnxFile(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > Array.MaxLength)
                throw new InvalidDataException($"{stream.Length} bytes, more than the 2 GB that such a file can have");
            if (!file.ReadModel(new ProtobufReader(stream)))
                throw new InputException($"{path}: is no ONNX file, or is cut off: it holds no graph");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new InputException($"{path}: is no ONNX file, or is damaged ({e.Message})", e);
        }
        file.CheckFunctions();
        foreach (OnnxExternalTensor tensor in file._external)
            file.Check(tensor);
        return file;
    }

    /// <summary>Where weights lie besides the file: full paths.</summary>
    public string ExternalPath(string location) => System.IO.Path.Combine(Folder, location);

    private string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    // A program that puts functions in the place of their calls must come to an end, and soon.
    private void CheckFunctions()
    {
        Dictionary<string, int> waiting = _functions.ToDictionary(f => f.Key, f => f.Value.Keys.Count(_functions.ContainsKey),
            StringComparer.Ordinal);
        ILookup<string, string> callers = (from function in _functions
                                           from called in function.Value.Keys
                                           where _functions.ContainsKey(called)
                                           select (called, function.Key)).ToLookup(c => c.called, c => c.Key, StringComparer.Ordinal);
        var ready = new Queue<string>(waiting.Where(w => w.Value == 0).Select(w => w.Key));
        var sizes = new Dictionary<string, double>(StringComparer.Ordinal);
        double SizeOf(Dictionary<string, long> operators) => operators.Sum(o => o.Value * sizes.GetValueOrDefault(o.Key, 1));
        while (ready.TryDequeue(out string? name))
        {
            sizes[name] = SizeOf(_functions[name]);
            foreach (string caller in callers[name])
            {
                if (--waiting[caller] == 0)
                    ready.Enqueue(caller);
            }
        }
        if (_functions.Keys.FirstOrDefault(f => !sizes.ContainsKey(f)) is { } endless)
            throw Refuse($"its function {Printable.Quote(endless)} calls itself");
        if (SizeOf(_operators) is > MostOperations and var all)
            throw Refuse(Invariant($"its functions stand for {all:g3} operations, expected at most {MostOperations:g3}"));
    }

    // What another program would open must be a file of this folder, whatever links lead out of it.
    private void Check(OnnxExternalTensor tensor)
    {
        string location = Printable.Quote(tensor.Location);
        if (tensor.Location.Length == 0 || System.IO.Path.IsPathRooted(tensor.Location) || tensor.Location.Contains(':')
            || tensor.Location.Contains('\0') || tensor.Location.Split('/', '\\').Contains(".."))
            throw Refuse($"names a file outside of its folder for its weights: {location}");
        string path = ExternalPath(tensor.Location), real = RealPath.Of(path);
        if (!real.StartsWith(System.IO.Path.TrimEndingDirectorySeparator(RealPath.Of(Folder)) + System.IO.Path.DirectorySeparatorChar,
            StringComparison.Ordinal))
            throw Refuse($"names a file outside of its folder for its weights: {location}, which is a link to {Printable.Short(real)}");
        var info = new FileInfo(real);
        if (!info.Exists)
            throw Refuse($"its weights are in {location}, which is missing beside it");
        long length = tensor.Length ?? 0;
        if (tensor.Offset < 0 || length < 0 || tensor.Offset > info.Length || length > info.Length - tensor.Offset)
            throw Refuse($"expected {length} bytes from byte {tensor.Offset} of {location}, which has {info.Length}");
    }

    private InputException Refuse(string fact) => new($"{Path}: {fact}");

    private bool ReadModel(ProtobufReader model)
    {
        bool hasGraph = false;
        while (model.Next())
        {
            switch (model.Field)
            {
                case 2:
                    Producer = model.Text();
                    break;
                case 3:
                    Producer = $"{Producer} {model.Text()}".Trim();
                    break;
                case 7:
                    hasGraph = true;
                    ReadGraph(model.Message(), isMain: true);
                    break;
                case 8:
                    ReadOperatorSet(model.Message());
                    break;
                case 14:
                    (string key, string value) = ReadEntry(model.Message());
                    _metadata[key] = value;
                    break;
                case 25:
                    ReadFunction(model.Message());
                    break;
            }
        }
        // Files of old versions list the weights among the inputs.
        _inputs.RemoveAll(i => _initializers.Contains(i.Name));
        return hasGraph;
    }

    private void ReadFunction(ProtobufReader function)
    {
        (string name, string domain) = ("", "");
        _function = new Dictionary<string, long>(StringComparer.Ordinal);
        while (function.Next())
        {
            switch (function.Field)
            {
                case 1:
                    name = function.Text();
                    break;
                case 7:
                    ReadNode(function.Message(), isMain: false);
                    break;
                case 10:
                    domain = function.Text();
                    break;
            }
        }
        string shown = Shown(domain, name);
        // Several of one name differ in what they take: any of them may be called.
        foreach ((string called, long count) in _functions.GetValueOrDefault(shown) ?? [])
            Count(_function, called, count);
        _functions[shown] = _function;
        _function = null;
    }

    private static string Shown(string domain, string name) => domain is "" or "ai.onnx" ? name : $"{domain}.{name}";

    private static void Count(Dictionary<string, long> operators, string name, long count) =>
        operators[name] = operators.GetValueOrDefault(name) + count;

    private void ReadGraph(ProtobufReader graph, bool isMain)
    {
        while (graph.Next())
        {
            switch (graph.Field)
            {
                case 1:
                    ReadNode(graph.Message(), isMain);
                    break;
                case 5:
                    string name = ReadTensor(graph.Message());
                    if (isMain)
                        _initializers.Add(name);
                    break;
                case 11 when isMain:
                    _inputs.Add(ReadValue(graph.Message()));
                    break;
                case 12 when isMain:
                    _outputs.Add(ReadValue(graph.Message()));
                    break;
                case 15:
                    ReadSparse(graph.Message());
                    break;
            }
        }
    }

    private void ReadNode(ProtobufReader node, bool isMain)
    {
        string operation = "", domain = "";
        while (node.Next())
        {
            switch (node.Field)
            {
                case 2 when isMain:
                    _computed.Add(node.Text());
                    break;
                case 4:
                    operation = node.Text();
                    break;
                case 5:
                    ReadAttribute(node.Message());
                    break;
                case 7:
                    domain = node.Text();
                    break;
            }
        }
        string shown = Shown(domain, operation);
        Count(_operators, shown, 1);
        if (_function is not null)
            Count(_function, shown, 1);
    }

    private void ReadAttribute(ProtobufReader attribute)
    {
        while (attribute.Next())
        {
            switch (attribute.Field)
            {
                case 5 or 10:
                    ReadTensor(attribute.Message());
                    break;
                case 6 or 11:
                    ReadGraph(attribute.Message(), isMain: false);
                    break;
                case 22 or 23:
                    ReadSparse(attribute.Message());
                    break;
            }
        }
    }

    private void ReadSparse(ProtobufReader sparse)
    {
        while (sparse.Next())
        {
            if (sparse.Field is 1 or 2)
                ReadTensor(sparse.Message());
        }
    }

    private string ReadTensor(ProtobufReader tensor)
    {
        string name = "", location = "";
        double count = 1;
        long offset = 0, where = 0;
        long? length = null;
        while (tensor.Next())
        {
            switch (tensor.Field)
            {
                case 1:
                    foreach (long size in tensor.Integers())
                        count *= size;
                    break;
                case 8:
                    name = tensor.Text();
                    break;
                case 13:
                    (string key, string value) = ReadEntry(tensor.Message());
                    (location, offset, length) = key switch
                    {
                        "location" => (value, offset, length),
                        "offset" => (location, Number(value), length),
                        "length" => (location, offset, Number(value)),
                        _ => (location, offset, length),
                    };
                    break;
                case 14:
                    where = tensor.Integer();
                    break;
            }
        }
        Weights += count;
        if (where == External)
            _external.Add(new OnnxExternalTensor(location, offset, length));
        return name;
    }

    private static long Number(string text) => long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out long number)
        ? number : throw new InvalidDataException($"expected a number, found {Printable.Quote(text)}");

    private void ReadOperatorSet(ProtobufReader set)
    {
        (string domain, long version) = ("", 0);
        while (set.Next())
        {
            if (set.Field == 1)
                domain = set.Text();
            else if (set.Field == 2)
                version = set.Integer();
        }
        _operatorSets[domain] = version;
    }

    private static (string Key, string Value) ReadEntry(ProtobufReader entry)
    {
        (string key, string value) = ("", "");
        while (entry.Next())
        {
            if (entry.Field == 1)
                key = entry.Text();
            else if (entry.Field == 2)
                value = entry.Text(LongestMetadata);
        }
        return (key, value);
    }

    private static OnnxValue ReadValue(ProtobufReader value)
    {
        (string name, int type, List<long?>? shape) = ("", 0, null);
        while (value.Next())
        {
            if (value.Field == 1)
                name = value.Text();
            else if (value.Field == 2)
                (type, shape) = ReadType(value.Message());
        }
        return new OnnxValue(name, type, shape);
    }

    private static (int Type, List<long?>? Shape) ReadType(ProtobufReader type)
    {
        (int element, List<long?>? shape) = (0, null);
        while (type.Next())
        {
            if (type.Field != 1)
                continue;
            ProtobufReader tensor = type.Message();
            while (tensor.Next())
            {
                if (tensor.Field == 1)
                    element = (int)Math.Clamp(tensor.Integer(), 0, int.MaxValue);
                else if (tensor.Field == 2)
                    shape = ReadShape(tensor.Message());
            }
        }
        return (element, shape);
    }

    private static List<long?> ReadShape(ProtobufReader shape)
    {
        List<long?> sizes = [];
        while (shape.Next())
        {
            if (shape.Field != 1)
                continue;
            long? size = null;
            ProtobufReader dimension = shape.Message();
            while (dimension.Next())
            {
                // A size that is not known is written as a name, not at all, or, by some, as -1 or 0.
                if (dimension.Field == 1)
                    size = dimension.Integer() is > 0 and var known ? known : null;
            }
            sizes.Add(size);
        }
        return sizes;
    }
}
