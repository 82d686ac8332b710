using System.Buffers.Binary;
using System.Text;

namespace VideoLstm.Core.Formats.PyTorch;

/// <summary>
/// Reads a pickle (protocols 2 to 4, Python's pickletools describes them) and builds tensors, containers, numbers and texts,
/// nothing else. A pickle is a program; here no name in it is ever looked up or called: what others would build is an unknown value.
/// </summary>
internal sealed class TensorUnpickler(Stream stream, string path)
{
    private const int LongestText = 1 << 24;
    private const int LargestStack = 1 << 22;
    private const int LongestNumber = 256;
    private const int MostDimensions = 64;

    private static readonly object Mark = new();
    private static readonly UnknownValue Unknown = new();

    private static readonly Dictionary<string, string> StorageTypes = new(StringComparer.Ordinal)
    {
        ["FloatStorage"] = "F32",
        ["DoubleStorage"] = "F64",
        ["HalfStorage"] = "F16",
        ["BFloat16Storage"] = "BF16",
        ["LongStorage"] = "I64",
        ["IntStorage"] = "I32",
        ["ShortStorage"] = "I16",
        ["CharStorage"] = "I8",
        ["ByteStorage"] = "U8",
        ["BoolStorage"] = "BOOL",
    };

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);

    /// <summary>Every storage that the pickle refers to, by key, whether or not its tensors are of interest.</summary>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _storages;

    /// <summary>The first class or function that the pickle wants to run and that builds no tensor: what it makes stays unknown.</summary>
    public PickleGlobal? Foreign { get; private set; }

    /// <summary>Reads one pickle and leaves the stream behind it.</summary>
    public object? Load()
    {
        while (true)
        {
            int code = stream.ReadByte();
            if (code < 0)
                throw Broken("is cut off");
            if (code == '.')
                return Pop();
            Run(code);
            if (_stack.Count > LargestStack || _memo.Count > LargestStack)
                throw Broken("builds too much");
        }
    }

    private void Run(int code)
    {
        switch (code)
        {
            case 0x80: Byte(); break;
            case 0x95: Bytes(8); break;
            case '(': Push(Mark); break;
            case '0': Pop(); break;
            case 'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case 'K': Push((long)Byte()); break;
            case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); break;
            case 'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4))); break;
            case 0x8A: PushLong(Bytes(Byte())); break;
            case 0x8B: PushLong(Bytes(Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)), LongestNumber + 1))); break;
            case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;
            case 0x8C or 'U': Push(Text(Byte())); break;
            case 0x8D: Push(Text(BinaryPrimitives.ReadInt64LittleEndian(Bytes(8)))); break;
            case 0x8E or 0x96: Push(Bytes(BinaryPrimitives.ReadInt64LittleEndian(Bytes(8)))); break;
            case 'X' or 'T': Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
            case 'C': Push(Bytes(Byte())); break;
            case 'B': Push(Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
            case ')': Push(new PickleTuple([])); break;
            case 0x85: PushTuple(1); break;
            case 0x86: PushTuple(2); break;
            case 0x87: PushTuple(3); break;
            case 't': Push(new PickleTuple(PopToMark())); break;
            case '2': Push(Peek()); break;
            case '1': PopToMark(); break;
            case ']' or 0x8F: Push(new List<object?>()); break;
            case 0x91: Push(PopToMark()); break;
            case 'l': Push(PopToMark()); break;
            case 'a': AddTo([Pop()]); break;
            case 'e' or 0x90: AddTo(PopToMark()); break;
            case '}': Push(new PickleDictionary()); break;
            case 's': SetIn([.. new[] { Pop(), Pop() }.Reverse()]); break;
            case 'u': SetIn(PopToMark()); break;
            case 'q': _memo[Byte()] = Peek(); break;
            case 'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Peek(); break;
            case 0x94: _memo[_memo.Count] = Peek(); break;
            case 'h': Push(Recall(Byte())); break;
            case 'j': Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
            case 'c': Push(Global(Line(), Line())); break;
            case 0x93:
                string name = Pop<string>();
                Push(Global(Pop<string>(), name));
                break;
            case 'Q': Push(Storage(Pop())); break;
            case 'R':
                object? arguments = Pop();
                Push(Pop() is PickleGlobal { IsKnown: true } function
                    ? Call(function, (arguments as PickleTuple ?? throw Broken("calls without arguments")).Items)
                    : Unknown);
                break;
            // Objects of classes.
            case 0x81: Make(2); break;
            case 0x92: Make(3); break;
            // What a container carries besides its items, such as a state_dict's _metadata, is of no interest.
            case 'b': Pop(); break;
            default: throw Broken($"uses the operation 0x{code:x2}, which no file of tensors needs");
        }
    }

    private PickleGlobal Global(string module, string name)
    {
        bool isKnown = (module, name) is ("collections", "OrderedDict") or ("torch", "Size") or ("torch._utils",
            "_rebuild_tensor_v2" or "_rebuild_tensor" or "_rebuild_parameter")
            || (module == "torch" && StorageTypes.ContainsKey(name));
        var global = new PickleGlobal(module, name, isKnown);
        if (!isKnown)
            Foreign ??= global;
        return global;
    }

    private void Make(int parts)
    {
        for (int i = 0; i < parts; i++)
            Pop();
        Push(Unknown);
    }

    private object? Call(PickleGlobal function, IReadOnlyList<object?> arguments) => (function.Name, arguments) switch
    {
        ("OrderedDict", []) => new PickleDictionary(),
        ("Size", [PickleTuple sizes]) => sizes,
        ("_rebuild_parameter", [PickleTensor tensor, ..]) => tensor,
        // Tensors of kinds of values that are not read.
        ("_rebuild_parameter" or "_rebuild_tensor_v2" or "_rebuild_tensor", [UnknownValue, ..]) => Unknown,
        ("_rebuild_tensor_v2" or "_rebuild_tensor", [PickleStorage storage, long offset, PickleTuple shape, PickleTuple strides, ..]) =>
            Tensor(storage, offset, Longs(shape), Longs(strides)),
        _ => throw Broken($"calls {Printable.Short(function.ToString())} with arguments that do not fit"),
    };

    private PickleTensor Tensor(PickleStorage storage, long offset, long[] shape, long[] strides)
    {
        if (shape.Length > MostDimensions)
            throw Broken("has a tensor of impossible shape");
        Int128 last = offset, count = 1;
        for (int i = 0; i < shape.Length && strides.Length == shape.Length; i++)
        {
            last += (Int128)(shape[i] - 1) * strides[i];
            count *= shape[i];
            if (shape[i] < 0 || strides[i] < 0)
                throw Broken("has a tensor of impossible shape");
            // A view that repeats its storage could be of any size, however small the file.
            if (count > storage.Count)
                throw Broken("has a tensor of more values than it stores, which save after contiguous()");
        }
        bool fits = strides.Length == shape.Length && offset >= 0 && (count == 0 || last < storage.Count);
        return fits ? new PickleTensor(storage, offset, shape, strides) : throw Broken("has a tensor that reaches beyond its storage");
    }

    // Before 1.6 a sixth item may say that the storage is a part of another; nothing since PyTorch 0.4 writes one.
    private object Storage(object? reference)
    {
        if (reference is PickleTuple { Items: ["storage", PickleGlobal { IsKnown: false }, string, ..] })
            return Unknown;
        if (reference is not PickleTuple { Items: [
            "storage", PickleGlobal type, string key, string, long count, ..] and ([_, _, _, _, _] or [_, _, _, _, _, null]) }
            || !StorageTypes.TryGetValue(type.Name, out string? values) || count < 0)
            throw Broken("refers to something that is no storage of a tensor");
        var storage = new PickleStorage(values, key, count);
        return _storages.TryAdd(key, storage) || _storages[key] == storage ? storage : throw Broken("gives one storage two types or sizes");
    }

    private long[] Longs(PickleTuple tuple) =>
        [.. tuple.Items.Select(i => i is long value ? value : throw Broken("has a tensor whose shape is no numbers"))];

    private void AddTo(List<object?> items)
    {
        if (Peek() is List<object?> list)
            list.AddRange(items);
        else if (Peek() is not UnknownValue)
            throw Broken("adds to what is no list");
    }

    private void SetIn(List<object?> pairs)
    {
        if (Peek() is UnknownValue)
            return;
        if (Peek() is not PickleDictionary dictionary || pairs.Count % 2 != 0)
            throw Broken("sets items of what is no dictionary");
        for (int i = 0; i < pairs.Count; i += 2)
            dictionary.Items.Add(new(pairs[i], pairs[i + 1]));
    }

    private void Push(object? value) => _stack.Add(value);

    private void PushTuple(int count)
    {
        var items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            items[i] = Pop();
        Push(new PickleTuple(items));
    }

    private object? Peek() => _stack.Count > 0 && _stack[^1] != Mark ? _stack[^1] : throw Broken("takes more than there is");

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Pop<T>() where T : class => Pop() as T ?? throw Broken($"has something else where a {typeof(T).Name} belongs");

    private List<object?> PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
            throw Broken("takes more than there is");
        List<object?> items = _stack[(mark + 1)..];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private object? Recall(long number) =>
        _memo.TryGetValue(number, out object? value) ? value : throw Broken("recalls what it never kept");

    private int Byte() => stream.ReadByte() is var value and >= 0 ? value : throw Broken("is cut off");

    private byte[] Bytes(long count)
    {
        if (count is < 0 or > LongestText)
            throw Broken($"has a text of {count} bytes");
        if (count > stream.Length - stream.Position)
            throw Broken("is cut off");
        byte[] bytes = new byte[count];
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? bytes : throw Broken("is cut off");
    }

    private string Text(long count) => Encoding.UTF8.GetString(Bytes(count));

    private string Line()
    {
        const int longest = 256;
        var line = new StringBuilder();
        for (int c = Byte(); c != '\n'; c = Byte())
        {
            line.Append((char)c);
            if (line.Length > longest)
                throw Broken("has a name without end");
        }
        return line.ToString();
    }

    // The magic number of old files needs ten bytes; nothing else needs more than eight.
    private void PushLong(byte[] bytes)
    {
        if (bytes.Length > LongestNumber)
            throw Broken("has a number without end");
        var value = new System.Numerics.BigInteger(bytes);
        if (value >= long.MinValue && value <= long.MaxValue)
            Push((long)value);
        else
            Push(value);
    }

    private InvalidDataException Broken(string what) =>
        new($"{path}: holds a pickle that {what}; expected a state_dict saved by torch.save");
}
