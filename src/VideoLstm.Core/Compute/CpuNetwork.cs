using System.Globalization;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics.Optimizers;

namespace VideoLstm.Core.Compute;

/// <summary>A network of VideoLstm.Numerics.</summary>
internal sealed class CpuNetwork(NetworkSpec spec, Network engine) : ITrainableNetwork
{
    /// <inheritdoc/>
    public NetworkSpec Spec => spec;

    /// <summary>What computes.</summary>
    public Network Engine => engine;

    /// <inheritdoc/>
    public TensorSet Export() => new(engine.Parameters.Select(p => new NamedTensor(p.Name, p.Shape, () => p.Value.Memory[..p.Length])));

    /// <inheritdoc/>
    public void Import(TensorSet weights) => Export().CopyFrom(weights);

    /// <inheritdoc/>
    public void Initialize(ulong seed, Predicate<NetworkLayer>? layers = null)
    {
        var random = new RandomSource(seed);
        foreach ((Layer layer, NetworkLayer described) in engine.Layers.Zip(spec.Layers))
        {
            if (layers is null || layers(described))
                layer.Initialize(random);
        }
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<float> x, int batch, Span<float> probabilities, bool[]? mask = null) =>
        engine.Predict(x, batch, probabilities, mask);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Its memory is the process's own.
    }

    /// <inheritdoc/>
    public ITrainingSession Train(OptimizerSpec optimizer, LossSpec loss)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(loss);
        return new Session(engine, optimizer, loss);
    }

    private sealed class Session(Network engine, OptimizerSpec spec, LossSpec loss) : ITrainingSession
    {
        private readonly Optimizer _optimizer = spec.Kind switch
        {
            OptimizerKind.Sgd => new Sgd(spec.LearningRate, spec.Decay, spec.Momentum, spec.Nesterov),
            OptimizerKind.RmsProp => new RmsProp(spec.LearningRate, spec.Decay, momentum: spec.Momentum),
            OptimizerKind.Adadelta => new Adadelta(spec.LearningRate, spec.Decay),
            OptimizerKind.Adagrad => new Adagrad(spec.LearningRate, spec.Decay),
            _ => new Adam(spec.LearningRate, spec.Decay),
        };

        private readonly SoftmaxCrossEntropy _loss = new(engine.Classes, engine.Workspace, loss.LabelSmoothing, loss.ClassWeights);
        private AlignedBuffer? _x;

        public double LearningRate
        {
            get => _optimizer.LearningRate;
            set => _optimizer.LearningRate = value;
        }

        public double CurrentRate => _optimizer.CurrentRate;

        public long Steps => _optimizer.Steps;

        public TensorSet State => new(engine.Parameters.Where(p => p.Trainable).SelectMany(parameter => _optimizer.State(parameter).Select(
            (memory, number) => new NamedTensor(
                string.Create(CultureInfo.InvariantCulture, $"{parameter.Name}/memory{number}"), parameter.Shape,
                () => memory.Memory[..parameter.Length]))));

        public StepResult Step(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, bool[]? mask, RandomSource random)
        {
            if (_x is null || _x.Length < x.Length)
                _x = new AlignedBuffer(x.Length);
            x.CopyTo(_x.Span);
            float mean = engine.ComputeGradients(_x, labels, _loss, out int correct, random, mask, step: Steps);
            _optimizer.Step(engine.Parameters);
            return new StepResult(mean, correct) { CorrectInTop = _loss.CorrectInTop };
        }

        public void Resume(TensorSet state, long steps, double learningRate)
        {
            State.CopyFrom(state);
            _optimizer.Resume(steps);
            LearningRate = learningRate;
        }

        public void Dispose()
        {
            // As the network's.
        }
    }
}
