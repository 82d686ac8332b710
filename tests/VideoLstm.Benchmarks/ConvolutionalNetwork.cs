using System.Diagnostics;
using System.Globalization;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics.Optimizers;

namespace VideoLstm.Benchmarks;

/// <summary>
/// The convolutions of the recipe convnet-gru in a training step, from the gradient of their output on: four times two
/// of 3 x 3 with ReLU, batch normalization and pooling.
/// </summary>
internal sealed class ConvolutionalNetwork
{
    public const string Description = "batch 8 x 5 frames of 112 x 112, convolutions of 64, 64, 128, 128, 256, 256, 512, 512, Adam";

    private const int Batch = 8;

    private readonly Layer[] _layers;
    private readonly AlignedBuffer[] _values;
    private readonly AlignedBuffer[] _gradients;
    private readonly Parameter[] _trainable;
    private readonly Adam _optimizer = new(1e-4, 0);
    private readonly RandomSource _random = new(1);
    private readonly float[] _outputGradient;
    private readonly double[] _forward, _backward;
    private double _update;

    private ConvolutionalNetwork()
    {
        Workspace workspace = new();
        List<Layer> layers = [];
        int[] shape = [5, 112, 112, 3];
        void Add(Layer layer)
        {
            layers.Add(layer);
            shape = [.. layer.OutputShape];
        }
        foreach (int filters in (int[])[64, 128, 256, 512])
        {
            Add(new Conv2D($"conv{filters}", shape, filters, (3, 3), workspace, new() { Padding = Padding.Same, Activation = Activation.Relu }));
            Add(new Conv2D($"conv{filters}_1", shape, filters, (3, 3), workspace, new() { Padding = Padding.Same, Activation = Activation.Relu }));
            Add(new BatchNormalization($"bn{filters}", shape, workspace, momentum: 0.9f));
            Add(filters < 512 ? new MaxPooling2D(shape, (2, 2), workspace) : new GlobalMaxPooling2D(shape, workspace));
        }
        _layers = [.. layers];
        Layer.Connect(_layers);
        foreach (Layer layer in _layers)
            layer.Initialize(_random);
        _trainable = [.. _layers.SelectMany(l => l.Parameters).Where(p => p.Trainable)];
        _values = [new AlignedBuffer(Batch * _layers[0].InputSize), .. _layers.Select(l => new AlignedBuffer(Batch * l.OutputSize))];
        foreach (ref float value in _values[0].Span)
            value = (float)_random.NextUniform();
        _outputGradient = [.. Enumerable.Range(0, _values[^1].Length).Select(_ => (float)_random.NextNormal())];
        int largest = _values[1..].Max(v => v.Length);
        _gradients = [new AlignedBuffer(largest), new AlignedBuffer(largest)];
        (_forward, _backward) = (new double[_layers.Length], new double[_layers.Length]);
    }

    /// <summary>Floating-point operations of a step, two for each multiply-add of the definition.</summary>
    public static double Flops
    {
        get
        {
            double flops = 0;
            int channels = 3, size = 112;
            foreach (int filters in (int[])[64, 128, 256, 512])
            {
                flops += 2.0 * 40 * size * size * 9 * filters * ((channels == 3 ? 2 : 3) * channels + 3 * filters);
                (channels, size) = (filters, size / 2);
            }
            return flops;
        }
    }

    /// <summary>Prints milliseconds of processor time, of all threads together, of each layer, forward and backward: the least of some steps.</summary>
    public static void Profile()
    {
        ConvolutionalNetwork network = new();
        network.Step();
        double[] forward = new double[network._layers.Length], backward = new double[network._layers.Length];
        forward.AsSpan().Fill(double.MaxValue);
        backward.AsSpan().Fill(double.MaxValue);
        double update = double.MaxValue, whole = double.MaxValue;
        for (int i = 0; i < 8; i++)
        {
            long start = Stopwatch.GetTimestamp();
            network.Step();
            whole = Math.Min(whole, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            update = Math.Min(update, network._update);
            for (int l = 0; l < forward.Length; l++)
                (forward[l], backward[l]) = (Math.Min(forward[l], network._forward[l]), Math.Min(backward[l], network._backward[l]));
        }
        for (int l = 0; l < forward.Length; l++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{network._layers[l].GetType().Name,-20} {string.Join(" x ", network._layers[l].OutputShape),-20} {forward[l],8:F1} {backward[l],8:F1}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"all",-41} {forward.Sum(),8:F1} {backward.Sum(),8:F1}, Adam {update:F1}, the fastest step {whole:F1} ms"));
    }

    private void Step()
    {
        Pass pass = new(Batch, _random);
        for (int i = 0; i < _layers.Length; i++)
        {
            TimeSpan start = Environment.CpuUsage.UserTime;
            _layers[i].Forward(_values[i], _values[i + 1], pass);
            _forward[i] = (Environment.CpuUsage.UserTime - start).TotalMilliseconds;
        }
        _outputGradient.CopyTo(_gradients[0].Span);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            TimeSpan start = Environment.CpuUsage.UserTime;
            _layers[i].Backward(_values[i], _values[i + 1], _gradients[0], i == 0 ? null : _gradients[1], pass);
            (_gradients[0], _gradients[1]) = (_gradients[1], _gradients[0]);
            _backward[i] = (Environment.CpuUsage.UserTime - start).TotalMilliseconds;
        }
        TimeSpan last = Environment.CpuUsage.UserTime;
        _optimizer.Step(_trainable);
        _update = (Environment.CpuUsage.UserTime - last).TotalMilliseconds;
    }
}
