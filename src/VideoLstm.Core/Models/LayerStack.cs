using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Models;

/// <summary>Layers put one behind the other, each for the shape that the one before gives, under Keras' names.</summary>
/// <param name="shape">Of a sample.</param>
/// <param name="workspace">What the layers share.</param>
internal sealed class LayerStack(int[] shape, Workspace workspace)
{
    private readonly List<Layer> _layers = [];
    private readonly Dictionary<string, int> _names = [];

    /// <summary>Shape that comes out.</summary>
    public int[] Shape { get; private set; } = shape;

    /// <summary>All layers.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>What the layers share.</summary>
    public Workspace Workspace => workspace;

    /// <summary>Adds a layer.</summary>
    public LayerStack Add(Layer layer)
    {
        _layers.Add(layer);
        Shape = [.. layer.OutputShape];
        return this;
    }

    /// <summary>Conv2D with ReLU.</summary>
    public LayerStack Conv2D(int filters, int kernel, int stride = 1, Padding padding = Padding.Same) =>
        Add(new Conv2D(Name("conv2d"), Shape, filters, (kernel, kernel), workspace, stride, padding, Activation.Relu));

    /// <summary>Conv3D with ReLU, stride 1.</summary>
    public LayerStack Conv3D(int filters, int kernel, Padding padding) =>
        Add(new Conv3D(Name("conv3d"), Shape, filters, (kernel, kernel, kernel), workspace, padding: padding, activation: Activation.Relu));

    /// <summary>MaxPooling2D of 2 x 2.</summary>
    public LayerStack MaxPooling2D() => Add(new MaxPooling2D(Shape, (2, 2), workspace));

    /// <summary>MaxPooling3D of so many steps x 2 x 2.</summary>
    public LayerStack MaxPooling3D(int time, (int Time, int Height, int Width)? strides = null) => Add(new MaxPooling3D(Shape, (time, 2, 2), workspace, strides));

    /// <summary>BatchNormalization.</summary>
    public LayerStack BatchNormalization(float momentum) => Add(new BatchNormalization(Name("batch_normalization"), Shape, workspace, momentum));

    /// <summary>Each step's picture as one row of numbers.</summary>
    public LayerStack FlattenPictures() => Add(new Flatten(Shape, keepsTime: true));

    /// <summary>The whole sample as one row of numbers.</summary>
    public LayerStack Flatten() => Add(new Flatten(Shape));

    /// <summary>Dense.</summary>
    public LayerStack Dense(int units, bool relu = false)
    {
        Add(new Linear(Name("dense"), Shape, units, workspace));
        return relu ? Add(new Relu(Shape, workspace)) : this;
    }

    /// <summary>Dropout.</summary>
    public LayerStack Dropout(float rate) => Add(new Dropout(Shape, rate, workspace));

    /// <summary>The classifier: a last Dense, softmax behind it.</summary>
    public Network Classify(int classes) => new(Dense(classes).Layers, workspace);

    /// <summary>Keras' names: <c>conv2d</c>, <c>conv2d_1</c>, ...</summary>
    public string Name(string kind)
    {
        int number = _names.GetValueOrDefault(kind);
        _names[kind] = number + 1;
        return number == 0 ? kind : $"{kind}_{number}";
    }
}
