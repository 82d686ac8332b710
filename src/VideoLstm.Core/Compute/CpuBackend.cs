using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Compute;

/// <summary>Networks as VideoLstm.Numerics computes them: the one place where a layer's description becomes the engine's layer.</summary>
public static class CpuBackend
{
    /// <summary>The network, with zero weights, which take no memory before they are asked for.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    /// <exception cref="ArgumentException">It does not end with a number for each of at least 2 classes, or two parameters have one
    /// name.</exception>
    /// <exception cref="OverflowException">It is larger than anything can be.</exception>
    public static Network Create(NetworkSpec spec, Workspace? workspace = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        workspace ??= new Workspace();
        Layer[] layers = [.. spec.Layers.Select(l => Create(l, workspace))];
        foreach (Parameter parameter in layers.Zip(spec.Layers).Where(p => !p.Second.Spec.Trainable).SelectMany(p => p.First.Parameters))
            parameter.Trainable = false;
        return new Network(layers, workspace);
    }

    private static Layer Create(NetworkLayer layer, Workspace workspace)
    {
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
            Conv2DSpec spec => new Conv2D(
                name, shape, spec.Filters, (spec.Size, spec.Size), workspace, spec.Stride, spec.Padding, Fused(spec), spec.UseBias),
            DepthwiseConv2DSpec spec => new DepthwiseConv2D(
                name, shape, (spec.Size, spec.Size), workspace, spec.Stride, spec.Padding, Fused(spec), spec.UseBias),
            Conv3DSpec spec => new Conv3D(
                name, shape, spec.Filters, (spec.Size, spec.Size, spec.Size), workspace, null, spec.Padding, Fused(spec)),
            MaxPooling2DSpec spec => new MaxPooling2D(shape, (spec.Size, spec.Size), workspace),
            MaxPooling3DSpec spec => new MaxPooling3D(shape, (spec.Time, spec.Size, spec.Size), workspace),
            GlobalMaxPooling2DSpec => new GlobalMaxPooling2D(shape, workspace),
            ZeroPadding2DSpec => new ZeroPadding2D(shape),
            BatchNormalizationSpec spec => new BatchNormalization(name, shape, workspace, spec.Momentum, (float)spec.Epsilon, Fused(spec)),
            PositionEmbeddingSpec => new PositionEmbedding(name, shape[0], shape[1], workspace),
            TransformerEncoderSpec spec => new TransformerEncoder(name, shape[0], shape[1], spec.Hidden, spec.Dropout, workspace),
            GlobalMaxPooling1DSpec => new GlobalMaxPooling1D(shape[0], shape[1]),
            _ => throw new ArgumentException($"no layer computes {layer.Spec}", nameof(layer)),
        };
    }

    private static RecurrentLayer Create(RecurrentSpec spec, string name, int[] shape, Workspace workspace)
    {
        (int time, int inputs) = (shape[0], shape[1]);
        return spec switch
        {
            LstmSpec => new Lstm(name, time, inputs, spec.Units, spec.Dropout, spec.RecurrentActivation, workspace, spec.ReturnSequences),
            GruSpec gru => new Gru(
                name, time, inputs, spec.Units, spec.Dropout, workspace, spec.ReturnSequences, spec.RecurrentActivation, gru.ResetAfter),
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
