using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Export;

/// <summary>
/// The layers of a classifier as operations of an ONNX graph. Values are <c>[batch, ...]</c> as ours, channels last; layers over pictures
/// see them as <c>[batch · time, channels, height, width]</c> or <c>[batch, channels, time, height, width]</c>, and
/// only where a neighbour sees them otherwise they are turned.
/// </summary>
internal sealed class OnnxNetwork(OnnxGraph graph, TensorSet weights)
{
    private enum Order
    {
        ChannelsLast,
        NCHW,
        NCDHW,
    }

    private string _x = "";
    private Order _order;

    // [batch], int32, and [batch, time], bool: how many steps of a sequence are real, and which. Null: all, or there are no steps any more.
    private string? _lengths, _mask;

    /// <summary>Adds a classifier.</summary>
    /// <param name="network">The classifier.</param>
    /// <param name="x"><c>[batch, ...InputShape]</c>, single precision.</param>
    /// <param name="lengths"><c>[batch]</c>, int32, 1 or more: how many steps of each sequence are real; null: all.</param>
    /// <returns>Probabilities <c>[batch, classes]</c>.</returns>
    public string Add(NetworkSpec network, string x, string? lengths)
    {
        _lengths = lengths;
        return graph.Add("Softmax", [AddLayers(network, x)], ("axis", 1L));
    }

    /// <summary>Adds layers, and no softmax behind them.</summary>
    /// <param name="network">The layers.</param>
    /// <param name="x"><c>[batch, ...InputShape]</c>, single precision.</param>
    /// <returns><c>[batch, ...OutputShape]</c>.</returns>
    public string AddLayers(NetworkSpec network, string x)
    {
        (_x, _order, _mask) = (x, Order.ChannelsLast, null);
        Add(network.Layers);
        Turn(network.OutputShape, Order.ChannelsLast);
        return _x;
    }

    private void Add(IReadOnlyList<NetworkLayer> layers)
    {
        foreach (NetworkLayer layer in layers)
        {
            Turn(layer.InputShape, OrderOf(layer));
            Add(layer);
            if (!layer.PropagatesMask)
                (_lengths, _mask) = (null, null);
        }
    }

    private Order OrderOf(NetworkLayer layer) => layer.Spec switch
    {
        ParallelSpec => _order,
        BatchNormalizationSpec when _order == Order.NCDHW => Order.NCDHW,
        Conv3DSpec or MaxPooling3DSpec => Order.NCDHW,
        SpatialSpec when layer.InputShape.Count > 2 => Order.NCHW,
        _ => Order.ChannelsLast,
    };

    private void Turn(IReadOnlyList<int> shape, Order order)
    {
        if (order == _order)
            return;
        if (_order != Order.ChannelsLast)
        {
            _x = Apply("Transpose", _x, ("perm", _order == Order.NCDHW ? (long[])[0, 2, 3, 4, 1] : (long[])[0, 2, 3, 1]));
            if (_order == Order.NCHW)
                Reshape([-1, .. shape]);
        }
        if (order == Order.NCHW)
            Reshape([-1, .. shape.Skip(shape.Count - 3)]);
        if (order != Order.ChannelsLast)
            _x = Apply("Transpose", _x, ("perm", order == Order.NCDHW ? (long[])[0, 4, 1, 2, 3] : (long[])[0, 3, 1, 2]));
        _order = order;
    }

    private void Add(NetworkLayer layer)
    {
        IReadOnlyList<NamedTensor> tensors = weights.Of(layer);
        switch (layer.Spec)
        {
            case DropoutSpec:
                break;
            case RecurrentSpec recurrent:
                AddRecurrent(recurrent, layer, tensors);
                break;
            case DenseSpec:
                _x = Dense(_x, tensors[0], tensors[1]);
                break;
            case ActivationSpec activation:
                Activate(activation.Function);
                break;
            case FlattenSpec:
                Reshape([-1, .. layer.OutputShape]);
                break;
            case PositionEmbeddingSpec:
                _x = Apply("Add", _x, Constant(tensors[0]));
                break;
            case TransformerEncoderSpec:
                AddEncoder(layer, tensors);
                break;
            case GlobalMaxPooling1DSpec:
                if (Mask(layer.InputShape[0]) is { } mask)
                    _x = Apply("Where", Apply("Unsqueeze", mask, graph.Sizes(2)), _x, graph.Constant(float.MinValue));
                _x = graph.Add("ReduceMax", [_x], ("axes", (long[])[1]), ("keepdims", 0L));
                break;
            case GlobalAveragePooling1DSpec:
                AddAverage(layer.InputShape[0]);
                break;
            case AverageSoftmaxSpec:
                _x = Apply("LogSoftmax", _x, ("axis", 2L));
                if (Mask(layer.InputShape[0]) is { } real)
                    _x = Apply("Where", Apply("Unsqueeze", real, graph.Sizes(2)), _x, graph.Constant(float.MinValue));
                // Of all steps and not of the real ones: the same number in each class, which the softmax behind takes away.
                _x = graph.Add("ReduceLogSumExp", [_x], ("axes", (long[])[1]), ("keepdims", 0L));
                break;
            case Conv2DSpec or Conv3DSpec:
                AddConvolution((SpatialSpec)layer.Spec, layer, tensors, groups: 1);
                break;
            case DepthwiseConv2DSpec convolution:
                AddConvolution(convolution, layer, tensors, groups: layer.InputShape[^1]);
                break;
            case ParallelSpec:
                AddBranches(layer);
                break;
            case MaxPooling2DSpec or MaxPooling3DSpec:
                _x = Windowed("MaxPool", [_x], layer);
                break;
            case GlobalMaxPooling2DSpec or GlobalAveragePooling2DSpec:
                _x = Apply(layer.Spec is GlobalMaxPooling2DSpec ? "GlobalMaxPool" : "GlobalAveragePool", _x);
                _order = Order.ChannelsLast;
                Reshape([-1, .. layer.OutputShape]);
                break;
            case BatchNormalizationSpec normalization:
                // Of a sequence, channels come second for a while.
                bool isSequence = layer.InputShape.Count == 2;
                if (isSequence)
                    _x = Apply("Transpose", _x, ("perm", (long[])[0, 2, 1]));
                _x = graph.Add("BatchNormalization", [_x, .. tensors.Select(Constant)], ("epsilon", (float)normalization.Epsilon));
                if (isSequence)
                    _x = Apply("Transpose", _x, ("perm", (long[])[0, 2, 1]));
                Activate(normalization.Activation);
                break;
            case ZeroPadding2DSpec:
                long[] before = new long[layer.InputShape.Count + 1];
                before[^3] = before[^2] = 1;
                _x = Apply("Pad", _x, graph.Sizes([.. before, .. before]));
                break;
            default:
                throw new InputException($"a layer {layer.Spec} cannot be exported to ONNX");
        }
    }

    private void AddBranches(NetworkLayer layer)
    {
        (string x, Order order, string? lengths, string? mask) = (_x, _order, _lengths, _mask);
        List<string> outputs = [];
        foreach (IReadOnlyList<NetworkLayer> branch in layer.Branches)
        {
            Order first = _order;
            (_x, _order, _lengths, _mask) = (x, order, lengths, mask);
            Add(branch);
            // All as the first one is.
            if (outputs.Count > 0)
                Turn(branch[^1].OutputShape, first);
            outputs.Add(_x);
        }
        (_lengths, _mask) = (lengths, mask);
        _x = graph.Add("Concat", [.. outputs], ("axis", _order == Order.ChannelsLast ? -1L : 1L));
    }

    private void AddRecurrent(RecurrentSpec spec, NetworkLayer layer, IReadOnlyList<NamedTensor> tensors)
    {
        // Kernel, recurrent kernel and bias of each direction.
        NamedTensor[][] directions = [.. tensors.Chunk(3)];
        (int count, int units, int gates, int inputSize) = (directions.Length, spec.Units, spec.Gates, layer.InputShape[1]);
        string name = layer.Paths[0];
        // Keras' i, f, c, o are ONNX' i, o, f, c; z, r, h are the same in both.
        int[] order = gates == 3 ? [0, 1, 2] : [0, 3, 1, 2];
        ReadOnlyMemory<float> Kernels(int part, int inputs) =>
            Tensors.Joined([.. directions.Select(d => Tensors.Gates(Exports.Transposed(d[part]), order, inputs * units))]);
        bool resetAfter = spec is GruSpec { ResetAfter: true };
        string[] inputs =
        [
            Apply("Transpose", _x, ("perm", (long[])[1, 0, 2])),
            graph.Constant(name + "/W", [count, gates * units, inputSize], Kernels(0, inputSize)),
            graph.Constant(name + "/R", [count, gates * units, units], Kernels(1, units)),
            graph.Constant(name + "/B", [count, 2 * gates * units], Tensors.Joined([.. directions.Select(d => Bias(d[2].Values))])),
            _lengths ?? "",
        ];

        // A GRU that resets after it has those of the recurrent sums too, other layers one for both.
        ReadOnlyMemory<float> Bias(ReadOnlyMemory<float> bias) =>
            resetAfter ? bias : Tensors.Joined(Tensors.Gates(bias, order, units), new float[gates * units]);

        List<(string, object)> attributes = [("hidden_size", (long)units), ("direction", spec.Bidirectional ? "bidirectional" : "forward")];
        if (resetAfter)
            attributes.Add(("linear_before_reset", 1L));
        if (spec.RecurrentActivation != GateActivation.Sigmoid)
        {
            float slope = spec.RecurrentActivation == GateActivation.HardSigmoid ? 0.2f : 1f / 6;
            string[] activations = gates == 3 ? ["HardSigmoid", "Tanh"] : ["HardSigmoid", "Tanh", "Tanh"];
            attributes.Add(("activations", directions.SelectMany(_ => activations).ToArray()));
            attributes.Add(("activation_alpha", directions.Select(_ => slope).ToArray()));
            attributes.Add(("activation_beta", directions.Select(_ => 0.5f).ToArray()));
        }
        string[] outputs = graph.Add(gates == 3 ? "GRU" : "LSTM", inputs, 2, [.. attributes]);
        // [time, directions, batch, units], or without time that after the last step of each direction.
        _x = spec.ReturnSequences
            ? Apply("Transpose", outputs[0], ("perm", (long[])[2, 0, 1, 3]))
            : Apply("Transpose", outputs[1], ("perm", (long[])[1, 0, 2]));
        Reshape(spec.ReturnSequences ? [-1, layer.InputShape[0], count * units] : [-1, count * units]);
    }

    private void AddEncoder(NetworkLayer layer, IReadOnlyList<NamedTensor> tensors)
    {
        if (tensors is not [var qk, var qb, var kk, var kb, var vk, var vb, var ok, var ob, var gamma1, var beta1, var narrow,
            var narrowBias, var wide, var wideBias, var gamma2, var beta2])
            throw new InvalidOperationException("a transformer encoder has 16 parameters");
        string queries = Dense(_x, qk, qb), keys = Dense(_x, kk, kb), values = Dense(_x, vk, vb);
        string scores = Apply("MatMul", queries, Apply("Transpose", keys, ("perm", (long[])[0, 2, 1])));
        scores = Apply("Mul", scores, graph.Constant(1 / MathF.Sqrt(qk.Shape[1])));
        if (Mask(layer.InputShape[0]) is { } mask)
            scores = Apply("Where", Apply("Unsqueeze", mask, graph.Sizes(1)), scores, graph.Constant(float.MinValue));
        string mixed = Apply("MatMul", graph.Add("Softmax", [scores], ("axis", -1L)), values);
        string normalized = Normalize(Apply("Add", _x, Dense(mixed, ok, ob)), gamma1, beta1);
        string hidden = Dense(normalized, narrow, narrowBias);
        string error = Apply("Erf", Apply("Mul", hidden, graph.Constant(MathF.Sqrt(0.5f))));
        string activated = Apply("Mul", hidden, Apply("Mul", Apply("Add", error, graph.Constant(1f)), graph.Constant(0.5f)));
        _x = Normalize(Apply("Add", normalized, Dense(activated, wide, wideBias)), gamma2, beta2);
    }

    private string Normalize(string x, NamedTensor gamma, NamedTensor beta) =>
        graph.Add(
            "LayerNormalization", [x, Constant(gamma), Constant(beta)], ("axis", -1L), ("epsilon", (float)TransformerEncoderSpec.Epsilon));

    private string Dense(string x, NamedTensor kernel, NamedTensor bias) =>
        Apply("Add", Apply("MatMul", x, Constant(kernel)), Constant(bias));

    private void AddConvolution(SpatialSpec spec, NetworkLayer layer, IReadOnlyList<NamedTensor> tensors, int groups)
    {
        NamedTensor kernel = tensors[0];
        // [..., in, out] to [out, in, ...], that of each channel by itself [..., channels, 1] to [channels, 1, ...].
        int[] shape = [.. kernel.Shape];
        int taps = kernel.Values.Length / (shape[^1] * shape[^2]);
        (int inputs, int outputs) = groups == 1 ? (shape[^2], shape[^1]) : (1, shape[^2]);
        ReadOnlyMemory<float> filters = Tensors.Transposed(kernel.Values, taps * inputs, outputs);
        if (inputs > 1)
            filters = Tensors.Swapped(filters, outputs, taps, inputs);
        string filter = graph.Constant(kernel.Name, [outputs, inputs, .. shape[..^2]], filters);
        _x = Windowed("Conv", [_x, filter, .. tensors.Skip(1).Select(Constant)], layer, ("group", (long)groups));
        Activate(spec.Activation);
    }

    private string Windowed(string operation, string[] inputs, NetworkLayer layer, params (string, object)[] attributes)
    {
        IReadOnlyList<ConvolutionAxis> axes = ((SpatialSpec)layer.Spec).Axes(layer.InputShape);
        return graph.Add(operation, inputs,
        [
            ("kernel_shape", axes.Select(a => (long)a.Size).ToArray()),
            ("strides", axes.Select(a => (long)a.Stride).ToArray()),
            ("pads", axes.Select(a => (long)a.PadBefore).Concat(axes.Select(a => (long)a.PadAfter)).ToArray()),
            .. attributes,
        ]);
    }

    private void Activate(ActivationKind activation) => _x = activation switch
    {
        ActivationKind.Relu => Apply("Relu", _x),
        ActivationKind.Relu6 => Apply("Clip", _x, graph.Constant(0f), graph.Constant(6f)),
        ActivationKind.Tanh => Apply("Tanh", _x),
        ActivationKind.Sigmoid => Apply("Sigmoid", _x),
        _ => _x,
    };

    private void AddAverage(int time)
    {
        if (Mask(time) is { } mask)
            _x = Apply("Where", Apply("Unsqueeze", mask, graph.Sizes(2)), _x, graph.Constant(0f));
        _x = graph.Add("ReduceMean", [_x], ("axes", (long[])[1]), ("keepdims", 0L));
        if (_lengths is null)
            return;
        string real = Apply("Unsqueeze", Apply("Cast", _lengths, ("to", (long)OnnxType.Float)), graph.Sizes(1));
        _x = Apply("Mul", _x, Apply("Div", graph.Constant((float)time), real));
    }

    private string? Mask(int time) => _mask ??= _lengths is null
        ? null
        : Apply("Less", graph.Integers([1, time], [.. Enumerable.Range(0, time)]), Apply("Unsqueeze", _lengths, graph.Sizes(1)));

    private void Reshape(IReadOnlyList<int> shape) => _x = Apply("Reshape", _x, graph.Sizes([.. shape.Select(s => (long)s)]));

    private string Constant(NamedTensor tensor) => graph.Constant(tensor.Name, [.. tensor.Shape], tensor.Values);

    private string Apply(string operation, params string[] inputs) => graph.Add(operation, inputs);

    private string Apply(string operation, string input, (string, object) attribute) => graph.Add(operation, [input], attribute);
}
