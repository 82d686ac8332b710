using TorchSharp;
using TorchSharp.Modules;
using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;
using static TorchSharp.torch;

namespace VideoLstm.Torch.Layers;

/// <summary>
/// A recurrent layer in one or two directions: torch's own where it computes what Keras does, cuDNN's on a card, else step by step.
/// </summary>
internal sealed class TorchRecurrent : TorchLayer
{
    private readonly RecurrentSpec _spec;
    private readonly IRecurrence[] _directions;

    /// <summary>A layer with zero weights.</summary>
    public TorchRecurrent(NetworkLayer layer, RecurrentSpec spec, Device device)
        : base(layer)
    {
        _spec = spec;
        int inputs = layer.InputShape[^1];
        _directions = [.. layer.Parameters.Chunk(3).Select(parameters => Create(spec, inputs, parameters, device))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TorchParameter> Parameters => [.. _directions.SelectMany(d => d.Parameters)];

    /// <inheritdoc/>
    protected override IEnumerable<IDisposable> Owned => _directions;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass)
    {
        Tensor[] outputs = [.. _directions.Select((direction, number) => Forward(direction, number == 1, x, pass))];
        return outputs.Length == 1 ? outputs[0] : cat(outputs, -1);
    }

    private Tensor Forward(IRecurrence direction, bool reversed, Tensor x, TorchPass pass)
    {
        if (reversed)
            x = x.flip(1);
        // One mask for all steps and gates.
        if (pass.Random is { } random && _spec.Dropout > 0)
            x *= DropoutMask(_spec.Dropout, random, x.device, pass.Batch, 1, x.shape[2]);
        (Tensor Order, Tensor Last, Tensor Any)? steps = pass.Mask?.Steps(reversed);
        if (steps is var (order, _, _))
            x = x.gather(1, order.expand(-1, -1, x.shape[2]));
        Tensor y = direction.Forward(x, pass.Training);
        if (!_spec.ReturnSequences)
        {
            if (steps is not var (_, lasts, anys))
                return y.select(1, -1);
            long end = x.shape[1] - 1;
            return y.gather(1, lasts.narrow(1, end, 1).expand(-1, -1, _spec.Units)).squeeze(1) * anys.select(1, end);
        }
        if (steps is var (_, last, any))
            y = y.gather(1, last.expand(-1, -1, _spec.Units)) * any;
        return reversed ? y.flip(1) : y;
    }

    private static IRecurrence Create(RecurrentSpec spec, int inputs, ParameterSpec[] parameters, Device device) => spec switch
    {
        LstmSpec { RecurrentActivation: GateActivation.Sigmoid } => Fused.Lstm(inputs, spec.Units, parameters, device),
        GruSpec { RecurrentActivation: GateActivation.Sigmoid, ResetAfter: true } => Fused.Gru(inputs, spec.Units, parameters, device),
        LstmSpec or GruSpec => new SteppedRecurrence(spec, parameters, device),
        _ => throw new ArgumentException($"no layer computes {spec}", nameof(spec)),
    };

    /// <summary>One direction: <c>[batch, time, features]</c> to the outputs after all steps <c>[batch, time, units]</c>.</summary>
    private interface IRecurrence : IDisposable
    {
        IReadOnlyList<TorchParameter> Parameters { get; }

        Tensor Forward(Tensor x, bool training);
    }

    /// <summary>Torch's own, cuDNN's on a card.</summary>
    private sealed class Fused : IRecurrence
    {
        private readonly nn.Module _module;
        private readonly Tensor[] _tensors;
        private readonly Func<Tensor, Tensor> _call;

        private Fused(nn.Module module, Func<Tensor, Tensor> call, bool trainable, Func<Tensor[], TorchParameter[]> parameters)
        {
            (_module, _call, _tensors) = (module, call, TensorsOf(module, trainable));
            Parameters = parameters(_tensors);
        }

        public IReadOnlyList<TorchParameter> Parameters { get; }

        public static Fused Lstm(int inputs, int units, ParameterSpec[] parameters, Device device)
        {
            // What the module says of its weights twice goes with the scope.
            using DisposeScope scope = NewDisposeScope();
            LSTM module = nn.LSTM(inputs, units, batchFirst: true, device: device);
            return new Fused(module, x => module.call(x).Item1, parameters[0].Trainable, tensors =>
            {
                // Keras has one bias; the gates stand in the same order.
                tensors[3].requires_grad = false;
                return
                [
                    new(parameters[0], ParameterLayout.Permuted(1, 0), tensors[0]),
                    new(parameters[1], ParameterLayout.Permuted(1, 0), tensors[1]), new(parameters[2], ParameterLayout.Same, tensors[2]),
                ];
            });
        }

        public static Fused Gru(int inputs, int units, ParameterSpec[] parameters, Device device)
        {
            using DisposeScope scope = NewDisposeScope();
            GRU module = nn.GRU(inputs, units, batchFirst: true, device: device);
            return new Fused(module, x => module.call(x).Item1, parameters[0].Trainable, tensors =>
            [
                new(parameters[0], ParameterLayout.GruKernel, tensors[0]), new(parameters[1], ParameterLayout.GruKernel, tensors[1]),
                new(parameters[2], ParameterLayout.GruBias, tensors[2], tensors[3]),
            ]);
        }

        public void Dispose()
        {
            foreach (Tensor tensor in _tensors)
                tensor.Dispose();
            _module.Dispose();
        }

        public Tensor Forward(Tensor x, bool training)
        {
            // What a way back needs is kept in training only: of cuDNN's layers there is none otherwise.
            _module.train(training);
            return _call(x);
        }
    }

    // In torch's order: kernels of inputs and of outputs, biases of both; all zero.
    private static Tensor[] TensorsOf(nn.Module module, bool trainable)
    {
        string[] names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];
        Dictionary<string, Parameter> byName =
            module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        Tensor[] tensors = [.. names.Select(n => byName[n].DetachFromDisposeScope())];
        using IDisposable without = no_grad();
        foreach (Tensor tensor in tensors)
        {
            tensor.zero_();
            tensor.requires_grad = trainable;
        }
        return tensors;
    }

    /// <summary>Layers that only Keras has: other gates than torch's.</summary>
    private sealed class SteppedRecurrence(RecurrentSpec spec, ParameterSpec[] parameters, Device device) : IRecurrence
    {
        public IReadOnlyList<TorchParameter> Parameters { get; } =
            [.. parameters.Select(p => TorchParameter.Create(p, ParameterLayout.Same, device))];

        public void Dispose()
        {
            foreach (TorchParameter parameter in Parameters)
                parameter.Dispose();
        }

        public Tensor Forward(Tensor x, bool training)
        {
            (Tensor kernel, Tensor recurrent, Tensor bias) = (Parameters[0].Tensors[0], Parameters[1].Tensors[0], Parameters[2].Tensors[0]);
            Tensor h = zeros([x.shape[0], spec.Units], float32, x.device), c = h;
            bool hasTwo = spec is GruSpec { ResetAfter: true };
            Tensor sums = x.matmul(kernel) + (hasTwo ? bias[0] : bias);
            var outputs = new List<Tensor>();
            foreach (Tensor sum in sums.unbind(1))
            {
                h = spec switch
                {
                    LstmSpec => Lstm(sum + h.matmul(recurrent), ref c),
                    GruSpec { ResetAfter: true } => GruAfter(sum, h.matmul(recurrent) + bias[1], h),
                    _ => GruBefore(sum, recurrent, h),
                };
                outputs.Add(h);
            }
            return stack(outputs, 1);
        }

        private Tensor Lstm(Tensor sum, ref Tensor c)
        {
            Tensor[] gates = sum.chunk(4, 1);
            c = Gate(gates[1]) * c + Gate(gates[0]) * gates[2].tanh();
            return Gate(gates[3]) * c.tanh();
        }

        private Tensor GruAfter(Tensor sum, Tensor recurrent, Tensor h)
        {
            Tensor[] inputs = sum.chunk(3, 1), outputs = recurrent.chunk(3, 1);
            Tensor update = Gate(inputs[0] + outputs[0]), reset = Gate(inputs[1] + outputs[1]);
            return Mix(update, h, (inputs[2] + reset * outputs[2]).tanh());
        }

        private Tensor GruBefore(Tensor sum, Tensor recurrent, Tensor h)
        {
            Tensor[] inputs = sum.chunk(3, 1), kernels = recurrent.chunk(3, 1);
            Tensor update = Gate(inputs[0] + h.matmul(kernels[0])), reset = Gate(inputs[1] + h.matmul(kernels[1]));
            return Mix(update, h, (inputs[2] + (reset * h).matmul(kernels[2])).tanh());
        }

        private static Tensor Mix(Tensor update, Tensor h, Tensor candidate) => update * h + (1 - update) * candidate;

        private Tensor Gate(Tensor sum) => spec.RecurrentActivation switch
        {
            GateActivation.HardSigmoid => (sum * 0.2f + 0.5f).clamp(0, 1),
            GateActivation.HardSigmoid6 => (sum * (1f / 6) + 0.5f).clamp(0, 1),
            _ => sum.sigmoid(),
        };
    }
}
