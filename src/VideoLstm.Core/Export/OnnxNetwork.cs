using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Export;

/// <summary>
/// The layers of a classifier as operations of an ONNX graph. Values are <c>[batch, ...]</c> as ours, channels last; layers over pictures
/// see them as <c>[batch · time, channels, height, width]</c> or <c>[batch, channels, time, height, width]</c>, and
/// only where a neighbour sees them otherwise they are turned.
/// </summary>
internal sealed class OnnxNetwork(OnnxGraph graph)
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
    /// <param name="model">The classifier.</param>
    /// <param name="x"><c>[batch, ...InputShape]</c>, single precision.</param>
    /// <param name="lengths"><c>[batch]</c>, int32, 1 or more: how many steps of each sequence are real; null: all.</param>
    /// <returns>Probabilities <c>[batch, classes]</c>.</returns>
    public string Add(Network model, string x, string? lengths)
    {
        (_x, _order, _lengths, _mask) = (x, Order.ChannelsLast, lengths, null);
        foreach (Layer layer in model.Layers)
        {
            Turn(layer.InputShape, OrderOf(layer));
            Add(layer);
            if (!layer.PropagatesMask)
                (_lengths, _mask) = (null, null);
        }
        return graph.Add("Softmax", [_x], ("axis", 1L));
    }

    private static Order OrderOf(Layer layer) => layer switch
    {
        Conv3D or MaxPooling3D => Order.NCDHW,
        SpatialLayer { InputShape.Count: > 2 } => Order.NCHW,
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

    private void Add(Layer layer)
    {
        switch (layer)
        {
            case Dropout:
                break;
            case RecurrentLayer recurrent:
                AddRecurrent(recurrent, null);
                break;
            case Bidirectional both:
                AddRecurrent(both.ForwardLayer, both.BackwardLayer);
                break;
            case Linear linear:
                _x = Dense(_x, linear.Kernel, linear.Bias);
                break;
            case Relu:
                _x = Apply("Relu", _x);
                break;
            case Squash squash:
                _x = Apply(squash.IsSigmoid ? "Sigmoid" : "Tanh", _x);
                break;
            case Flatten:
                Reshape([-1, .. layer.OutputShape]);
                break;
            case PositionEmbedding embedding:
                _x = Apply("Add", _x, Constant(embedding.Embeddings));
                break;
            case TransformerEncoder encoder:
                AddEncoder(encoder);
                break;
            case GlobalMaxPooling1D pooling:
                if (Mask(pooling.InputShape[0]) is { } mask)
                    _x = Apply("Where", Apply("Unsqueeze", mask, graph.Sizes(2)), _x, graph.Constant(float.MinValue));
                _x = graph.Add("ReduceMax", [_x], ("axes", (long[])[1]), ("keepdims", 0L));
                break;
            case Conv2D convolution:
                AddConvolution(convolution, convolution.Kernel, convolution.Bias, groups: 1);
                break;
            case Conv3D convolution:
                AddConvolution(convolution, convolution.Kernel, convolution.Bias, groups: 1);
                break;
            case DepthwiseConv2D convolution:
                AddConvolution(convolution, convolution.Kernel, convolution.Bias, groups: convolution.InputShape[^1]);
                break;
            case MaxPooling2D or MaxPooling3D:
                _x = Windowed("MaxPool", [_x], (SpatialLayer)layer);
                break;
            case GlobalMaxPooling2D:
                AddGlobal("GlobalMaxPool", layer);
                break;
            case GlobalAveragePooling2D:
                AddGlobal("GlobalAveragePool", layer);
                break;
            case BatchNormalization normalization:
                // Of a sequence, channels come second for a while.
                bool isSequence = layer.InputShape.Count == 2;
                if (isSequence)
                    _x = Apply("Transpose", _x, ("perm", (long[])[0, 2, 1]));
                _x = graph.Add("BatchNormalization", [_x, .. normalization.Parameters.Select(Constant)], ("epsilon", normalization.Epsilon));
                if (isSequence)
                    _x = Apply("Transpose", _x, ("perm", (long[])[0, 2, 1]));
                Activate(normalization.Activation);
                break;
            case ZeroPadding2D:
                long[] before = new long[layer.InputShape.Count + 1];
                before[^3] = before[^2] = 1;
                _x = Apply("Pad", _x, graph.Sizes([.. before, .. before]));
                break;
            default:
                throw new InputException($"a layer {layer.GetType().Name} cannot be exported to ONNX");
        }
    }

    private void AddRecurrent(RecurrentLayer layer, RecurrentLayer? backward)
    {
        RecurrentLayer[] directions = backward is null ? [layer] : [layer, backward];
        (int count, int units, int gates) = (directions.Length, layer.Units, layer.Kernel.Shape[1] / layer.Units);
        string name = layer.Kernel.Name[..layer.Kernel.Name.LastIndexOf('/')];
        // Keras' i, f, c, o are ONNX' i, o, f, c; z, r, h are the same in both.
        int[] order = gates == 3 ? [0, 1, 2] : [0, 3, 1, 2];
        string[] inputs =
        [
            Apply("Transpose", _x, ("perm", (long[])[1, 0, 2])),
            graph.Constant(name + "/W", [count, gates * units, layer.Inputs], Tensors.Joined([.. directions.Select(d => Tensors.Gates(Tensors.Transposed(d.Kernel), order, layer.Inputs * units))])),
            graph.Constant(name + "/R", [count, gates * units, units], Tensors.Joined([.. directions.Select(d => Tensors.Gates(Tensors.Transposed(d.RecurrentKernel), order, units * units))])),
            graph.Constant(name + "/B", [count, 2 * gates * units], Tensors.Joined([.. directions.Select(Bias)])),
            _lengths ?? "",
        ];
        ReadOnlyMemory<float> Bias(RecurrentLayer direction)
        {
            // A GRU has those of the recurrent sums too, other layers one for both.
            ReadOnlyMemory<float> bias = direction.Bias.Value.Memory;
            return direction is Gru ? bias : Tensors.Joined(Tensors.Gates(bias, order, units), new float[gates * units]);
        }

        List<(string, object)> attributes = [("hidden_size", (long)units), ("direction", backward is null ? "forward" : "bidirectional")];
        if (layer is Gru)
            attributes.Add(("linear_before_reset", 1L));
        if (layer.GateActivation != GateActivation.Sigmoid)
        {
            float slope = layer.GateActivation == GateActivation.HardSigmoid ? 0.2f : 1f / 6;
            string[] activations = gates == 3 ? ["HardSigmoid", "Tanh"] : ["HardSigmoid", "Tanh", "Tanh"];
            attributes.Add(("activations", directions.SelectMany(_ => activations).ToArray()));
            attributes.Add(("activation_alpha", directions.Select(_ => slope).ToArray()));
            attributes.Add(("activation_beta", directions.Select(_ => 0.5f).ToArray()));
        }
        string[] outputs = graph.Add(gates == 3 ? "GRU" : "LSTM", inputs, 2, [.. attributes]);
        // [time, directions, batch, units], or without time that after the last step of each direction.
        _x = layer.ReturnSequences
            ? Apply("Transpose", outputs[0], ("perm", (long[])[2, 0, 1, 3]))
            : Apply("Transpose", outputs[1], ("perm", (long[])[1, 0, 2]));
        Reshape(layer.ReturnSequences ? [-1, layer.InputShape[0], count * units] : [-1, count * units]);
    }

    private void AddEncoder(TransformerEncoder encoder)
    {
        if (encoder.Parameters is not [var qk, var qb, var kk, var kb, var vk, var vb, var ok, var ob, var gamma1, var beta1, var narrow, var narrowBias, var wide, var wideBias, var gamma2, var beta2])
            throw new InvalidOperationException("a transformer encoder has 16 parameters");
        string queries = Dense(_x, qk, qb), keys = Dense(_x, kk, kb), values = Dense(_x, vk, vb);
        string scores = Apply("MatMul", queries, Apply("Transpose", keys, ("perm", (long[])[0, 2, 1])));
        scores = Apply("Mul", scores, graph.Constant(1 / MathF.Sqrt(qk.Shape[1])));
        if (Mask(encoder.InputShape[0]) is { } mask)
            scores = Apply("Where", Apply("Unsqueeze", mask, graph.Sizes(1)), scores, graph.Constant(float.MinValue));
        string mixed = Apply("MatMul", graph.Add("Softmax", [scores], ("axis", -1L)), values);
        string normalized = Normalize(Apply("Add", _x, Dense(mixed, ok, ob)), gamma1, beta1);
        string hidden = Dense(normalized, narrow, narrowBias);
        string error = Apply("Erf", Apply("Mul", hidden, graph.Constant(MathF.Sqrt(0.5f))));
        string activated = Apply("Mul", hidden, Apply("Mul", Apply("Add", error, graph.Constant(1f)), graph.Constant(0.5f)));
        _x = Normalize(Apply("Add", normalized, Dense(activated, wide, wideBias)), gamma2, beta2);
    }

    private string Normalize(string x, Parameter gamma, Parameter beta) =>
        graph.Add("LayerNormalization", [x, Constant(gamma), Constant(beta)], ("axis", -1L), ("epsilon", (float)LayerNormalization.Epsilon));

    private string Dense(string x, Parameter kernel, Parameter bias) => Apply("Add", Apply("MatMul", x, Constant(kernel)), Constant(bias));

    private void AddConvolution(SpatialLayer layer, Parameter kernel, Parameter? bias, int groups)
    {
        // [..., in, out] to [out, in, ...], that of each channel by itself [..., channels, 1] to [channels, 1, ...].
        int[] shape = [.. kernel.Shape];
        int taps = kernel.Length / (shape[^1] * shape[^2]), inputs = groups == 1 ? shape[^2] : 1, outputs = groups == 1 ? shape[^1] : shape[^2];
        ReadOnlyMemory<float> filters = Tensors.Transposed(kernel.Value.Memory, taps * inputs, outputs);
        if (inputs > 1)
            filters = Tensors.Swapped(filters, outputs, taps, inputs);
        string weights = graph.Constant(kernel.Name, [outputs, inputs, .. shape[..^2]], filters);
        _x = Windowed("Conv", bias is null ? [_x, weights] : [_x, weights, Constant(bias)], layer, ("group", (long)groups));
        Activate(layer.Activation);
    }

    private string Windowed(string operation, string[] inputs, SpatialLayer layer, params (string, object)[] attributes) => graph.Add(
        operation, inputs,
        [
            ("kernel_shape", layer.Axes.Select(a => (long)a.Size).ToArray()),
            ("strides", layer.Axes.Select(a => (long)a.Stride).ToArray()),
            ("pads", layer.Axes.Select(a => (long)a.PadBefore).Concat(layer.Axes.Select(a => (long)a.PadAfter)).ToArray()),
            .. attributes,
        ]);

    private void AddGlobal(string operation, Layer layer)
    {
        _x = Apply(operation, _x);
        _order = Order.ChannelsLast;
        Reshape([-1, .. layer.OutputShape]);
    }

    private void Activate(Activation activation)
    {
        if (activation == Activation.Relu)
            _x = Apply("Relu", _x);
        else if (activation == Activation.Relu6)
            _x = Apply("Clip", _x, graph.Constant(0f), graph.Constant(6f));
    }

    private string? Mask(int time) => _mask ??= _lengths is null
        ? null
        : Apply("Less", graph.Integers([1, time], [.. Enumerable.Range(0, time)]), Apply("Unsqueeze", _lengths, graph.Sizes(1)));

    private void Reshape(IReadOnlyList<int> shape) => _x = Apply("Reshape", _x, graph.Sizes([.. shape.Select(s => (long)s)]));

    private string Constant(Parameter parameter) => graph.Constant(parameter.Name, [.. parameter.Shape], parameter.Value.Memory);

    private string Apply(string operation, params string[] inputs) => graph.Add(operation, inputs);

    private string Apply(string operation, string input, (string, object) attribute) => graph.Add(operation, [input], attribute);
}
