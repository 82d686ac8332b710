using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Torch.Layers;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VideoLstm.Torch;

/// <summary>A classifier's network on a device.</summary>
internal sealed class TorchNetwork : ITrainableNetwork
{
    /// <summary>Samples that <see cref="Predict"/> computes together.</summary>
    private const int PredictBatch = 32;

    /// <summary>Floats between layers that <see cref="Predict"/> may take, beyond those of one sample: 1 GB.</summary>
    private const int PredictFloats = 256 * 1024 * 1024;

    private readonly Device _device;
    private readonly DeviceMemory _memory;
    private readonly TorchLayer[] _layers;
    private readonly TorchParameter[] _parameters;
    private readonly int _inputSize, _classes;

    // Samples that are computed at a time when nothing is learnt.
    private int _together;

    /// <summary>A network with zero weights.</summary>
    /// <exception cref="ArgumentException">Torch has no such layer, or it is no classifier.</exception>
    public TorchNetwork(NetworkSpec spec, Device device, DeviceMemory memory)
    {
        if (spec is not { Layers.Count: > 0, OutputShape: [var classes] } || classes < 2)
            throw new ArgumentException("the last layer must give a number for each of at least 2 classes", nameof(spec));
        if (spec.Parameters.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count() != spec.Parameters.Count)
            throw new ArgumentException("two parameters have the same name", nameof(spec));
        (Spec, _device, _memory, _classes) = (spec, device, memory, classes);
        _inputSize = spec.InputShape.Aggregate(1, (a, b) => checked(a * b));
        _layers = TorchLayers.Create(spec.Layers, device);
        _parameters = [.. _layers.SelectMany(l => l.Parameters)];
        long floats = spec.Layers.Sum(l => l.OutputShape.Aggregate(1L, (a, b) => a * b));
        _together = (int)Math.Clamp(PredictFloats / floats, 1, PredictBatch);
    }

    /// <inheritdoc/>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public TensorSet Export() => new(_parameters.Select(p => new NamedTensor(p.Spec.Name, p.Spec.Shape, () => p.Save())));

    /// <inheritdoc/>
    public void Import(TensorSet weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Take(weights, _parameters.Select(p => (p.Spec.Name, p, p.Tensors)));
    }

    /// <inheritdoc/>
    public void Initialize(ulong seed, Predicate<NetworkLayer>? layers = null)
    {
        using ITrainableNetwork engine = new CpuBackend().CreateNetwork(Spec);
        engine.Initialize(seed, layers);
        HashSet<string> names =
            [.. Spec.Layers.Where(l => layers is null || layers(l)).SelectMany(l => l.Parameters).Select(p => p.Name)];
        Import(new TensorSet(engine.Export().Where(t => names.Contains(t.Name))));
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<float> x, int batch, Span<float> probabilities, bool[]? mask = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, checked(batch * _inputSize), nameof(x));
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, checked(batch * _classes), nameof(probabilities));
        CheckMask(mask, batch);
        int time = Spec.InputShape[0];
        using IDisposable without = no_grad();
        for (int first = 0; first < batch;)
        {
            int count = Math.Min(_together, batch - first);
            try
            {
                using DisposeScope scope = NewDisposeScope();
                ReadOnlySpan<bool> real = mask is null ? default : mask.AsSpan(first * time, count * time);
                Tensor logits = Forward(x.Slice(first * _inputSize, count * _inputSize), count, real, null);
                HostTensor.CopyTo(F.softmax(logits, 1), probabilities.Slice(first * _classes, count * _classes));
                first += count;
            }
            catch (ExternalException e) when (DeviceMemory.IsFull(e.Message))
            {
                _together = _memory.Halve(count, "samples", Remedy.TrainSmallerOrOnCpu, e);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TorchLayer layer in _layers)
            layer.Dispose();
    }

    /// <inheritdoc/>
    public ITrainingSession Train(OptimizerSpec optimizer, LossSpec loss)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(loss);
        return new Session(this, optimizer, loss);
    }

    private Tensor Forward(ReadOnlySpan<float> x, int batch, ReadOnlySpan<bool> mask, RandomSource? random, long step = 0)
    {
        _memory.Computing?.Invoke(batch);
        Tensor input = HostTensor.Send(x, [batch, .. Spec.InputShape.Select(s => (long)s)], float32, _device);
        var pass = new TorchPass(batch, random, mask.IsEmpty ? null : new StepMask(mask, batch, _device), step);
        return TorchLayers.Forward(_layers, Spec.Layers, input, pass);
    }

    private void CheckMask(bool[]? mask, int batch)
    {
        if (mask is not null)
            ArgumentOutOfRangeException.ThrowIfLessThan(mask.Length, checked(batch * Spec.InputShape[0]), nameof(mask));
    }

    // Checks all before it takes one.
    private static void Take(TensorSet values, IEnumerable<(string Name, TorchParameter Parameter, IReadOnlyList<Tensor> Tensors)> targets)
    {
        var byName = targets.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (NamedTensor tensor in values)
        {
            if (!byName.TryGetValue(tensor.Name, out var target) || !target.Parameter.Spec.Shape.SequenceEqual(tensor.Shape))
            {
                string shape = string.Join(", ", tensor.Shape);
                throw new ArgumentException($"there is no tensor {tensor.Name} of shape [{shape}]", nameof(values));
            }
        }
        foreach (NamedTensor tensor in values)
            byName[tensor.Name].Parameter.Load(tensor.Values.Span, byName[tensor.Name].Tensors);
    }

    private sealed class Session(TorchNetwork network, OptimizerSpec optimizer, LossSpec loss) : ITrainingSession
    {
        private readonly TorchOptimizer _optimizer = new(optimizer);
        private readonly TorchParameter[] _trainable = [.. network._parameters.Where(p => p.Spec.Trainable)];

        // Its loss is taken on the host, of what few numbers come out; its gradient is computed on the device.
        private readonly SoftmaxCrossEntropy _loss = new(network._classes, new Workspace(), loss.LabelSmoothing, loss.ClassWeights);

        public double LearningRate
        {
            get => _optimizer.LearningRate;
            set => _optimizer.LearningRate = value;
        }

        public double CurrentRate => _optimizer.CurrentRate;

        public long Steps => _optimizer.Steps;

        public TensorSet State => new(Memories().Select(m => new NamedTensor(
            m.Name, m.Parameter.Spec.Shape, () => m.Parameter.Save(m.Tensors))));

        public StepResult Step(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, bool[]? mask, RandomSource random)
        {
            ArgumentNullException.ThrowIfNull(random);
            ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
            foreach (int label in labels)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(label, nameof(labels));
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, network._classes, nameof(labels));
            }
            int batch = labels.Length;
            ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, checked(batch * network._inputSize), nameof(x));
            network.CheckMask(mask, batch);
            try
            {
                return Learn(x, labels, mask, random);
            }
            catch (ExternalException e) when (DeviceMemory.IsFull(e.Message))
            {
                // Half a batch would be another step: of batch norm, and of the optimizer.
                throw network._memory.TooSmall($"a step of {batch} samples", Remedy.TakeSmallerBatch, e);
            }
        }

        public void Resume(TensorSet state, long steps, double learningRate)
        {
            ArgumentNullException.ThrowIfNull(state);
            Take(state, Memories());
            _optimizer.Resume(steps);
            LearningRate = learningRate;
        }

        public void Dispose() => _optimizer.Dispose();

        private StepResult Learn(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, bool[]? mask, RandomSource random)
        {
            int batch = labels.Length;
            using DisposeScope scope = NewDisposeScope();
            ReadOnlySpan<bool> real = mask is null ? default : mask.AsSpan(0, batch * network.Spec.InputShape[0]);
            Tensor logits = network.Forward(x, batch, real, random, Steps);
            Tensor probabilities;
            using (no_grad())
                probabilities = F.softmax(logits, 1);
            if (_trainable.Length > 0)
                autograd.backward(logits, Gradient(probabilities, labels));
            AddPenalties();
            _optimizer.Step(_trainable);
            float[] host = HostTensor.ToArray(probabilities);
            float mean = _loss.Loss(host, labels, out int correct);
            return new StepResult(mean, correct) { CorrectInTop = _loss.CorrectInTop };
        }

        // What ParameterSpec.L2 adds to the gradients.
        private void AddPenalties()
        {
            using IDisposable without = no_grad();
            foreach (TorchParameter parameter in _trainable.Where(p => p.Spec.L2 > 0))
            {
                foreach (Tensor weight in parameter.Tensors)
                    weight.grad?.add_(weight, 2 * parameter.Spec.L2);
            }
        }

        // Of the logits: weight (p - target) / batch.
        private Tensor Gradient(Tensor probabilities, ReadOnlySpan<int> labels)
        {
            int classes = network._classes;
            float[] targets = new float[labels.Length * classes], weights = new float[labels.Length];
            Array.Fill(targets, loss.LabelSmoothing / classes);
            for (int b = 0; b < labels.Length; b++)
            {
                targets[b * classes + labels[b]] = 1f - loss.LabelSmoothing + loss.LabelSmoothing / classes;
                weights[b] = (loss.ClassWeights is { } ofClasses ? ofClasses[labels[b]] : 1f) / labels.Length;
            }
            using IDisposable without = no_grad();
            Tensor target = HostTensor.Send<float>(targets, [labels.Length, classes], float32, network._device);
            return (probabilities - target) * HostTensor.Send<float>(weights, [labels.Length, 1], float32, network._device);
        }

        private IEnumerable<(string Name, TorchParameter Parameter, IReadOnlyList<Tensor> Tensors)> Memories() =>
            _trainable.SelectMany(parameter => _optimizer.Memory(parameter).Select((memory, number) => (
                string.Create(CultureInfo.InvariantCulture, $"{parameter.Spec.Name}/memory{number}"), parameter,
                (IReadOnlyList<Tensor>)memory)));
    }
}
