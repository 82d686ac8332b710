using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Compute;

/// <summary>Networks as VideoLstm.Numerics computes them: the one place where a layer's description becomes the engine's layer.</summary>
public sealed class CpuBackend : IBackend
{
    /// <summary>Its name in files.</summary>
    public const string BackendName = "cpu";

    // 80 of InceptionV3's 87 MB of weights are those of the last layers, and would be read anew for each frame.
    private const int FramesTogether = 2;

    /// <inheritdoc/>
    public string Name => BackendName;

    /// <inheritdoc/>
    public IReadOnlyList<Precision> Precisions { get; } = [Precision.Float, Precision.Int8];

    /// <inheritdoc/>
    public ITrainableNetwork CreateNetwork(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new CpuNetwork(spec, CreateEngine(spec));
    }

    /// <inheritdoc/>
    public IFeatureExtractor CreateExtractor(ExtractorSpec spec, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Network.AllLayers.Any(l => l.Spec is ConvolutionBlockSpec))
            return new CpuFeatureExtractor(CreateEngine(spec, precision));
        if (precision != Precision.Float)
            throw new ArgumentException($"{spec.Network.Layers[0].Spec} is computed with precision float only", nameof(precision));
        return new CpuLayeredExtractor(spec, new CpuNetwork(spec.Network, CreateEngine(spec.Network)));
    }

    /// <summary>The engine's network, with zero weights, which take no memory before they are asked for.</summary>
    internal static Network CreateEngine(NetworkSpec spec)
    {
        var workspace = new Workspace();
        Layer[] layers = [.. spec.Layers.Select(l => Create(l, workspace))];
        var network = new Network(layers, workspace);
        foreach ((Parameter parameter, ParameterSpec described) in network.Parameters.Zip(spec.Parameters))
            (parameter.Trainable, parameter.L2) = (described.Trainable, described.L2);
        return network;
    }

    /// <summary>The engine's network for pictures.</summary>
    internal static InferenceNetwork CreateEngine(ExtractorSpec spec, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if ((spec.Divisor, spec.Offset) != (127.5f, -1))
            throw new ArgumentException("pixels can only be scaled to -1..1", nameof(spec));
        var net = new InferenceNetworkBuilder(spec.Network.InputShape[0], spec.Network.InputShape[1]);
        return net.Build(Join(Add(net, spec.Network.Layers, [net.Input], spec.Weights)), precision, FramesTogether);
    }

    // What goes from layer to layer is one map, or several of which a concatenation has yet to be made.
    private static FeatureMap[] Add(InferenceNetworkBuilder net, IReadOnlyList<NetworkLayer> layers, FeatureMap[] maps, TensorSet weights)
    {
        foreach (NetworkLayer layer in layers)
        {
            FeatureMap x = Join(maps);
            maps = layer.Branches.Count > 0 ? [.. layer.Branches.SelectMany(b => Add(net, b, [x], weights))]
                : [Add(net, layer, x, weights)];
        }
        return maps;
    }

    private static FeatureMap Add(InferenceNetworkBuilder net, NetworkLayer layer, FeatureMap x, TensorSet weights)
    {
        switch (layer.Spec)
        {
            case ConvolutionBlockSpec spec:
                IReadOnlyList<ConvolutionAxis> axes = spec.Axes(layer.InputShape);
                return net.Convolution(
                    x, spec.Filters, (spec.KernelHeight, spec.KernelWidth), spec.Stride, (axes[0].PadBefore, axes[1].PadBefore), () =>
                    {
                        IReadOnlyList<NamedTensor> tensors = weights.Of(layer);
                        (float[] folded, float[] bias) = spec.Fold(tensors);
                        // In training a batch norm's outputs had the mean beta and the deviation gamma.
                        float[] deviation = Array.ConvertAll(tensors[1].Values.ToArray(), Math.Abs);
                        return new ConvolutionParameters(folded, bias, tensors[2].Values, deviation);
                    });
            case MaxPooling2DSpec spec:
                return net.MaxPool(x, spec.Size, spec.Stride);
            case AveragePooling2DSpec spec:
                return net.AveragePool(x, spec.Size, stride: 1, spec.Size / 2, spec.CountsPadding);
            case GlobalAveragePooling2DSpec:
                return net.GlobalAveragePool(x);
            default:
                throw new ArgumentException($"no layer of an extractor computes {layer.Spec}", nameof(layer));
        }
    }

    private static FeatureMap Join(FeatureMap[] maps) => maps is [var only] ? only : FeatureMap.Concat(maps);

    private static Layer Create(NetworkLayer layer, Workspace workspace)
    {
        if (layer.Branches.Count > 0)
            return new Concatenate([.. layer.Branches.Select(branch => (Layer[])[.. branch.Select(l => Create(l, workspace))])]);
        int[] shape = [.. layer.InputShape];
        string name = layer.Paths[0];
        return layer.Spec switch
        {
            RecurrentSpec { Bidirectional: true } spec =>
                new Bidirectional(Create(spec, name, shape, workspace), Create(spec, layer.Paths[1], shape, workspace)),
            RecurrentSpec spec => Create(spec, name, shape, workspace),
            DenseSpec spec => new Dense(name, shape, spec.Units, workspace),
            ActivationSpec { Function: ActivationKind.Relu } => new ActivationLayer(shape, Activation.Relu, workspace),
            ActivationSpec { Function: ActivationKind.Tanh } => new ActivationLayer(shape, Activation.Tanh, workspace),
            ActivationSpec { Function: ActivationKind.Sigmoid } => new ActivationLayer(shape, Activation.Sigmoid, workspace),
            DropoutSpec spec => new Dropout(shape, spec.Rate, workspace),
            FlattenSpec spec => new Flatten(shape, spec.TimeDistributed),
            Conv2DSpec spec => new Conv2D(name, shape, spec.Filters, (spec.Size, spec.Size), workspace,
                new() { Stride = spec.Stride, Padding = spec.Padding, Activation = Fused(spec), UseBias = spec.UseBias }),
            DepthwiseConv2DSpec spec => new DepthwiseConv2D(name, shape, (spec.Size, spec.Size), workspace,
                new() { Stride = spec.Stride, Padding = spec.Padding, Activation = Fused(spec), UseBias = spec.UseBias }),
            Conv3DSpec spec => new Conv3D(name, shape, spec.Filters, (spec.Size, spec.Size, spec.Size), workspace,
                new()
                {
                    TimeStride = spec.Stride, Stride = spec.Stride, Padding = spec.Padding, Activation = Fused(spec), UseBias = spec.UseBias,
                }),
            MaxPooling2DSpec spec when spec.Stride == spec.Size => new MaxPooling2D(shape, (spec.Size, spec.Size), workspace),
            MaxPooling3DSpec spec => new MaxPooling3D(shape, (spec.Time, spec.Size, spec.Size), workspace,
                (spec.TimeStride, spec.Stride, spec.Stride), spec.Padding),
            GlobalMaxPooling2DSpec => new GlobalMaxPooling2D(shape, workspace),
            GlobalAveragePooling2DSpec => new GlobalAveragePooling2D(shape, workspace),
            ZeroPadding2DSpec => new ZeroPadding2D(shape),
            BatchNormalizationSpec spec => new BatchNormalization(name, shape, workspace, spec.Momentum, (float)spec.Epsilon, Fused(spec),
                spec.WarmsUp),
            PositionEmbeddingSpec => new PositionEmbedding(name, shape[0], shape[1], workspace),
            TransformerEncoderSpec spec => new TransformerEncoder(name, shape[0], shape[1], spec.Hidden, spec.Dropout, workspace),
            GlobalMaxPooling1DSpec => new GlobalMaxPooling1D(shape[0], shape[1]),
            GlobalAveragePooling1DSpec => new GlobalAveragePooling1D(shape[0], shape[1]),
            AverageSoftmaxSpec => new AverageSoftmax(shape[0], shape[1]),
            _ => throw new ArgumentException($"no layer computes {layer.Spec}", nameof(layer)),
        };
    }

    private static RecurrentLayer Create(RecurrentSpec spec, string name, int[] shape, Workspace workspace)
    {
        (int, int) input = (shape[0], shape[1]);
        return spec switch
        {
            LstmSpec => new Lstm(name, input, spec.Units, spec.Dropout, spec.RecurrentActivation, workspace, spec.ReturnSequences),
            GruSpec gru => new Gru(
                name, input, spec.Units, spec.Dropout, workspace, spec.ReturnSequences, spec.RecurrentActivation, gru.ResetAfter),
            _ => throw new ArgumentException($"no layer computes {spec}", nameof(spec)),
        };
    }

    private static Activation Fused(SpatialSpec spec) => spec.Activation switch
    {
        ActivationKind.Linear => Activation.None,
        ActivationKind.Relu => Activation.Relu,
        ActivationKind.Relu6 => Activation.Relu6,
        _ => throw new ArgumentException($"no layer {spec.Kind} ends with {spec.Activation}", nameof(spec)),
    };
}
