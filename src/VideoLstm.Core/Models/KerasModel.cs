using System.Globalization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Models;

/// <summary>
/// A classifier of feature sequences that Keras saved whole (<c>model.save</c>, ModelCheckpoint): HDF5 of Keras 2, tf.keras and
/// Keras 3, or a <c>.keras</c> archive. What it computes is read from its configuration, layer by layer, with the meaning that
/// the words had in the version that wrote it; what is not understood is refused.
/// </summary>
public sealed class KerasModel
{
    private readonly KerasFile _file;
    private readonly int _major;
    private readonly List<LayerSpec> _layers = [];
    private readonly List<StoredTensor> _tensors = [];
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    // What comes out of the layers so far: a sequence, so wide, with a mask.
    private bool _isSequence = true, _masked, _ended;
    private long _width;

    private KerasModel(KerasFile file)
    {
        _file = file;
        Version = file.Metadata.GetValueOrDefault("keras_version");
        string major = (Version ?? "").Split('.')[0];
        _major = int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        if (_major == 1)
            throw new InputException($"{file.Path}: was saved by Keras {KerasLayer.Short(Version!)}; expected Keras 2 or later: load it " +
                $"there and save it again");
        foreach (string name in file.Entries.Select(e => e.Name))
            _paths.TryAdd(name.Replace('\\', '/'), name);

        KerasTopology topology = KerasTopology.Read(file.Path, file.Metadata[KerasFile.ModelConfig]);
        if (topology.InputShape is not [var time, { } features])
            throw new InputException($"{file.Path}: takes [{string.Join(", ", topology.InputShape.Select(Size))}] for a sample; expected " +
                $"sequences of features, [frames, {InceptionV3.Features}]");
        if (features != InceptionV3.Features)
            throw new InputException(
                $"{file.Path}: takes {features} features a frame; expected the {InceptionV3.Features} of InceptionV3's avg_pool");
        (Time, _width) = (time, features);
        foreach (KerasLayer layer in topology.Layers)
        {
            if (layer == topology.MaskedLayer)
                UseMask(layer);
            Add(layer);
            if (_layers.Count > SequentialModel.MostLayers)
                throw new InputException($"{file.Path}: has more than {SequentialModel.MostLayers} layers");
        }
        Finish();
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>The names of the classes, in the order of the outputs, if the file has one for each.</summary>
    public IReadOnlyList<string>? ClassNames => _file.ClassNames is { } names && names.Count == Classes
        && names.Distinct(StringComparer.Ordinal).Count() == Classes && names.All(n => n.Length > 0)
        ? [.. names.Select(name => Printable.Short(name))]
        : null;

    /// <summary>The version of Keras that wrote it, if it says so.</summary>
    public string? Version { get; }

    /// <summary>Frames of a sequence; null: it takes sequences of any length.</summary>
    public int? Time { get; }

    /// <summary>Classes that it tells apart.</summary>
    public int Classes { get; private set; }

    /// <summary>Whether it knows that some steps of a sequence may not be real.</summary>
    public bool TakesMask { get; private set; }

    /// <summary>What a user should know of how it was understood, a line each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Whether a file holds a whole model, of any kind.</summary>
    public static bool Is(Formats.TensorFile file) => file is KerasFile keras && keras.Metadata.ContainsKey(KerasFile.ModelConfig);

    /// <summary>Reads what a file says of its model; the file stays open and belongs to the caller.</summary>
    /// <exception cref="InputException">It is no classifier of feature sequences, or has a layer that cannot be computed; which one and
    /// what was expected is said.</exception>
    public static KerasModel Read(KerasFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new KerasModel(file);
    }

    /// <summary>
    /// The network for sequences of some length: one of the recipes where it is one, else a <see cref="SequentialModel"/>.
    /// </summary>
    public ModelSpec Spec(int time) =>
        SequentialModel.Recognize(new ModelSpec(SequentialModel.Recipe.Name, time, InceptionV3.Features, Classes) { Sequential = _layers });

    /// <summary>The network with its weights.</summary>
    /// <exception cref="InputException">A weight is missing, of another shape, or holds values that are no numbers.</exception>
    public ITrainableNetwork Load(ModelSpec spec, IBackend backend)
    {
        NetworkSpec described = Recipes.Network(spec);
        Dictionary<string, StoredTensor> stored = described.Parameters.Zip(_tensors)
            .ToDictionary(p => p.First.Name, p => p.Second, StringComparer.Ordinal);
        // Shapes are checked before anything of that size is made.
        TensorSet weights = TensorSet.Read(
            _file, described.Parameters,
            fault => new InputException($"{Path}: {fault}"),
            name => new InputException($"{Path}: tensor {name} holds NaN or infinite values; train again, with a smaller learning rate"),
            parameter => stored[parameter.Name]);
        ITrainableNetwork network = Recipes.Build(spec, backend);
        network.Import(weights);
        return network;
    }

    private static string Size(int? size) => size?.ToString(CultureInfo.InvariantCulture) ?? "any";

    private void UseMask(KerasLayer layer)
    {
        if (_layers.Exists(l => l is RecurrentSpec))
            throw layer.Refused("is given a mask, and recurrent layers before it are not; expected it at the first");
        (TakesMask, _masked) = (true, true);
    }

    private void Add(KerasLayer layer)
    {
        // What does nothing outside of training.
        if (layer.Class is "Dropout" or "SpatialDropout1D" or "GaussianDropout" or "GaussianNoise" or "AlphaDropout"
            or "ActivityRegularization")
            return;
        if (_ended)
            throw layer.Refused("comes behind the softmax; expected that to be the last");
        switch (layer.Class)
        {
            case "Masking":
                if (_layers.Count > 0 || layer.Real("mask_value", 0) != 0)
                    throw layer.Refused("expected it at the start, with mask_value 0, which frames that are not there get here");
                (TakesMask, _masked) = (true, true);
                break;
            case "LSTM" or "GRU" or "CuDNNLSTM" or "CuDNNGRU":
                RecurrentSpec recurrent = ReadRecurrent(layer, backwards: false);
                AddWeights(layer, recurrent, WeightsOf(layer, IsCuDnn(layer) ? "vars/" : "cell/vars/"));
                AddRecurrent(recurrent);
                break;
            case "Bidirectional":
                AddBidirectional(layer);
                break;
            case "Dense":
                AddDense(layer);
                break;
            case "Activation":
                AddActivation(layer, layer.Text("activation"));
                break;
            case "ReLU":
                if (layer.Find("max_value") is not null || layer.Real("negative_slope", 0) != 0 || layer.Real("threshold", 0) != 0)
                    throw layer.Refused("expected no max_value, negative_slope or threshold");
                AddActivation(layer, "relu");
                break;
            case "Softmax":
                CheckLastAxis(layer);
                AddActivation(layer, "softmax");
                break;
            case "Flatten":
                Collapse(layer);
                _layers.Add(new FlattenSpec());
                break;
            case "GlobalMaxPooling1D":
                if (!_isSequence || layer.Flag("keepdims"))
                    throw layer.Refused("expected a sequence before it, and no keepdims");
                long features = _width;
                Collapse(layer, needsTime: false);
                _width = features;
                _layers.Add(new GlobalMaxPooling1DSpec());
                break;
            case "GlobalAveragePooling1D":
                if (!_isSequence || layer.Flag("keepdims"))
                    throw layer.Refused("expected a sequence before it, and no keepdims");
                // It leaves out what a mask hides, and there are no steps any more that one could hide.
                (_isSequence, _masked) = (false, false);
                _layers.Add(new GlobalAveragePooling1DSpec());
                break;
            case "BatchNormalization":
                AddNormalization(layer);
                break;
            default:
                throw layer.Refused("is not supported; expected LSTM, GRU, Bidirectional of them, Dense, Flatten, BatchNormalization, " +
                    "GlobalMaxPooling1D, GlobalAveragePooling1D, Masking, Activation, Dropout");
        }
    }

    // From a sequence to one row: no step can be left out any more.
    private void Collapse(KerasLayer layer, bool needsTime = true)
    {
        if (_masked)
            throw layer.Refused("counts steps that a mask hides; expected a recurrent layer to end a masked sequence");
        if (_isSequence && needsTime)
            _width = checked(_width * (Time ?? throw layer.Refused("needs sequences of a known length, the model's have any")));
        _isSequence = false;
    }

    private void AddDense(KerasLayer layer)
    {
        int units = layer.Number("units", Checkpoint.MostUnits);
        string[] names = WeightsOf(layer, "vars/");
        bool bias = layer.Flag("use_bias", missing: true);
        CheckCount(layer, names, bias ? ["kernel", "bias"] : ["kernel"]);
        _tensors.Add(new StoredTensor(names[0], [_width, units]));
        _tensors.Add(bias ? new StoredTensor(names[1], [units]) : new StoredTensor(null, []));
        _layers.Add(new DenseSpec(units));
        _width = units;
        AddActivation(layer, layer.Find("activation") is null ? "linear" : layer.Text("activation"));
    }

    private void AddActivation(KerasLayer layer, string activation)
    {
        switch (activation)
        {
            case "linear":
                break;
            case "relu":
                _layers.Add(ActivationSpec.Relu);
                break;
            case "tanh":
                _layers.Add(ActivationSpec.Tanh);
                break;
            case "sigmoid":
                _layers.Add(ActivationSpec.Sigmoid);
                break;
            case "softmax":
                if (_layers is not [.., DenseSpec])
                    throw layer.Refused("has a softmax; expected one, behind the last Dense");
                _ended = true;
                break;
            default:
                throw layer.Refused($"activation `{KerasLayer.Short(activation)}` is not supported; expected linear, relu, tanh, sigmoid " +
                    $"or softmax");
        }
    }

    private void AddNormalization(KerasLayer layer)
    {
        CheckLastAxis(layer);
        double epsilon = layer.Real("epsilon", 1e-3);
        if (epsilon is not (>= 0 and <= 1) || _width > Checkpoint.MostUnits)
            throw layer.Refused($"expected an epsilon of 0 to 1 and at most {Checkpoint.MostUnits} features");
        bool scale = layer.Flag("scale", missing: true), center = layer.Flag("center", missing: true);
        string[] names = WeightsOf(layer, "vars/"), expected =
            [.. scale ? ["gamma"] : (string[])[], .. center ? ["beta"] : (string[])[], "moving_mean", "moving_variance"];
        CheckCount(layer, names, expected);
        StoredTensor Tensor(string name, float missing) => Array.IndexOf(expected, name) is >= 0 and var at
            ? new StoredTensor(names[at], [_width]) : new StoredTensor(null, []) { Fill = missing };
        _tensors.AddRange([Tensor("gamma", 1), Tensor("beta", 0), Tensor("moving_mean", 0), Tensor("moving_variance", 1)]);
        _layers.Add(new BatchNormalizationSpec { Epsilon = epsilon });
    }

    private void CheckLastAxis(KerasLayer layer)
    {
        int last = _isSequence ? 2 : 1;
        System.Text.Json.JsonElement? axis = layer.Find("axis");
        if (axis is { ValueKind: System.Text.Json.JsonValueKind.Array } list && list.GetArrayLength() == 1)
            axis = list[0];
        if (axis is { } given && !(given.ValueKind == System.Text.Json.JsonValueKind.Number && given.TryGetInt32(out int value)
            && (value == -1 || value == last)))
            throw layer.Refused($"axis is {KerasLayer.Show(given)}, expected the last one");
    }

    private void AddBidirectional(KerasLayer layer)
    {
        if (layer.Text("merge_mode") is var mode && mode != "concat")
            throw layer.Refused($"merge_mode is `{KerasLayer.Short(mode)}`, expected concat");
        KerasLayer inner = Inner("layer") ?? throw layer.Refused("lacks its layer");
        RecurrentSpec recurrent = ReadRecurrent(inner, backwards: false);
        if (Inner("backward_layer") is { } backward && ReadRecurrent(backward, backwards: true) != recurrent)
            throw layer.Refused("has directions that differ; expected the same layer in both");
        string[] all = WeightsOf(layer, IsCuDnn(inner) ? ["forward_layer/vars/", "backward_layer/vars/"]
            : ["forward_layer/cell/vars/", "backward_layer/cell/vars/"]);
        if (all.Length % 2 != 0)
            throw layer.Refused($"has {all.Length} weights in the file, expected the same for both directions");
        AddWeights(inner, recurrent, all[..(all.Length / 2)]);
        AddWeights(inner, recurrent, all[(all.Length / 2)..]);
        AddRecurrent(recurrent with { Bidirectional = true });

        KerasLayer? Inner(string key) => layer.Find(key) is { } json && json.Text("class_name") is { } kind
            && json.Property("config") is { } config
            ? new KerasLayer(Path, $"{layer.Name}/{key}", kind, config, "") : null;
    }

    private RecurrentSpec ReadRecurrent(KerasLayer layer, bool backwards)
    {
        if (!_isSequence)
            throw layer.Refused("expected a sequence before it: return_sequences of the layer before");
        int units = layer.Number("units", Checkpoint.MostUnits);
        foreach (string key in (string[])["stateful", "time_major", "return_state"])
        {
            if (layer.Flag(key))
                throw layer.Refused($"{key} is true, expected false");
        }
        if (layer.Flag("go_backwards") != backwards)
            throw layer.Refused(backwards ? "go_backwards is false, expected true" : "go_backwards is true, expected false");
        RecurrentSpec result = layer.Class switch
        {
            "LSTM" or "CuDNNLSTM" => new LstmSpec(units),
            "CuDNNGRU" => new GruSpec(units),
            "GRU" => new GruSpec(units) { ResetAfter = layer.Flag("reset_after") },
            _ => throw layer.Refused("is not supported here; expected LSTM or GRU"),
        };
        result = result with { ReturnSequences = layer.Flag("return_sequences") };
        if (IsCuDnn(layer))
            return result;
        if (layer.Text("activation") is var activation && activation != "tanh")
            throw layer.Refused($"activation is `{KerasLayer.Short(activation)}`, expected tanh");
        return result with
        {
            RecurrentActivation = layer.Text("recurrent_activation") switch
            {
                "sigmoid" => GateActivation.Sigmoid,
                "hard_sigmoid" when _major == 2 => GateActivation.HardSigmoid,
                "hard_sigmoid" when _major >= 3 => GateActivation.HardSigmoid6,
                "hard_sigmoid" => throw layer.Refused("recurrent_activation is hard_sigmoid, which is not the same in all versions of " +
                    "Keras, and the file does not say which wrote it"),
                var gates => throw layer.Refused($"recurrent_activation is `{KerasLayer.Short(gates)}`, expected sigmoid or hard_sigmoid"),
            },
        };
    }

    private void AddRecurrent(RecurrentSpec recurrent)
    {
        _layers.Add(recurrent);
        _width = recurrent.Bidirectional ? 2 * recurrent.Units : recurrent.Units;
        _isSequence = recurrent.ReturnSequences;
        _masked &= _isSequence;
    }

    private void AddWeights(KerasLayer layer, RecurrentSpec recurrent, string[] names)
    {
        bool cudnn = IsCuDnn(layer), bias = cudnn || layer.Flag("use_bias", missing: true);
        CheckCount(layer, names, bias ? ["kernel", "recurrent_kernel", "bias"] : ["kernel", "recurrent_kernel"]);
        int units = recurrent.Units, gates = recurrent.Gates;
        int inputs = checked((int)_width);
        long columns = (long)gates * units;
        _tensors.Add(new StoredTensor(names[0], [inputs, columns]) { Convert = cudnn ? k => CuDnnKernel(k, inputs, units, gates) : null });
        _tensors.Add(new StoredTensor(names[1], [units, columns]) { Convert = cudnn ? k => CuDnnRecurrentKernel(k, units, gates) : null });
        _tensors.Add(!bias ? new StoredTensor(null, []) : (recurrent, cudnn) switch
        {
            (LstmSpec, true) =>
                new StoredTensor(names[2], [2 * columns]) { Convert = b =>
                    [.. b.Take(b.Length / 2).Zip(b.Skip(b.Length / 2), (x, y) => x + y)] },
            (GruSpec, true) => new StoredTensor(names[2], [2 * columns]),
            (GruSpec { ResetAfter: true }, false) => new StoredTensor(names[2], [2, columns]),
            _ => new StoredTensor(names[2], [columns]),
        });
    }

    private static bool IsCuDnn(KerasLayer layer) => layer.Class.StartsWith("CuDNN", StringComparison.Ordinal);

    // cuDNN keeps the kernel of each gate, [inputs, units], as the rows of its transpose: what tf.keras' _convert_rnn_weights undoes.
    private static float[] CuDnnKernel(float[] kernel, int inputs, int units, int gates)
    {
        float[] result = new float[kernel.Length];
        int columns = gates * units;
        for (int gate = 0; gate < gates; gate++)
        {
            for (int i = 0; i < inputs * units; i++)
                result[i % inputs * columns + gate * units + i / inputs] = kernel[i / units * columns + gate * units + i % units];
        }
        return result;
    }

    private static float[] CuDnnRecurrentKernel(float[] kernel, int units, int gates)
    {
        float[] result = new float[kernel.Length];
        int columns = gates * units;
        for (int gate = 0; gate < gates; gate++)
        {
            for (int i = 0; i < units * units; i++)
                result[i / units * columns + gate * units + i % units] = kernel[i % units * columns + gate * units + i / units];
        }
        return result;
    }

    // From the numbers of the last layer to a logit for each class.
    private void Finish()
    {
        if (_isSequence)
            throw new InputException($"{Path}: gives an answer for every frame; expected one for the sequence: a last recurrent layer " +
                $"without return_sequences, or Flatten");
        if (_layers is [.., DenseSpec { Units: 1 }, ActivationSpec { Function: ActivationKind.Sigmoid }])
        {
            // sigmoid(x) is the second of softmax(0, x).
            _layers.RemoveAt(_layers.Count - 1);
            _layers[^1] = new DenseSpec(2);
            _tensors[^2] = _tensors[^2] with { Convert = SecondColumn };
            _tensors[^1] = _tensors[^1] with { Convert = SecondColumn };
            _notes.Add($"{Path}: has one output; near 0 it is taken for the first class, near 1 for the second");
        }
        else if (!_ended)
        {
            if (_layers is not [.., DenseSpec])
                throw new InputException(
                    $"{Path}: does not end with softmax; expected a last Dense with the activation softmax, or sigmoid for one output");
            _notes.Add($"{Path}: its last Dense has no activation; its outputs are taken for logits, with softmax behind them");
        }
        Classes = ((DenseSpec)_layers[^1]).Units;
        if (Classes < 2)
            throw new InputException($"{Path}: has one output, and not a sigmoid; expected that, or softmax over an output for each class");

        static float[] SecondColumn(float[] values) => [.. values.SelectMany(v => (float[])[0, v])];
    }

    /// <summary>The names of a layer's weights, in its order.</summary>
    private string[] WeightsOf(KerasLayer layer, params string[] parts)
    {
        if (_file.Layers.Count > 0)
            return _file.Layers.FirstOrDefault(l => l.Layer == layer.Name).Weights is { } listed ? [.. listed] : [];
        foreach (string root in (string[])["layers", "_layer_checkpoint_dependencies"])
        {
            string[] found = [.. parts.SelectMany(part => Numbered($"{root}/{layer.SavedName}/{part}"))];
            if (found.Length > 0)
                return found;
        }
        return [];
    }

    private IEnumerable<string> Numbered(string path)
    {
        for (int i = 0; _paths.TryGetValue(path + i.ToString(CultureInfo.InvariantCulture), out string? name); i++)
            yield return name;
    }

    private static void CheckCount(KerasLayer layer, string[] names, string[] expected)
    {
        if (names.Length != expected.Length)
            throw layer.Refused($"has {names.Length} weights in the file, expected {string.Join(", ", expected)}");
    }
}
