using TorchSharp;
using TorchSharp.Modules;
using VideoLstm.Core.Compute;
using VideoLstm.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Parameter = TorchSharp.Modules.Parameter;

namespace VideoLstm.Benchmarks;

/// <summary>Training as a user of PyTorch writes it: torch's own layers, loss and Adam, on libtorch's CPU.</summary>
internal sealed class TorchTrainingPeer
{
    private readonly TrainingWork _work;
    private readonly bool _channelsLast;
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Parameter> _plain = new(StringComparer.Ordinal);
    private readonly Tensor _x, _labels;
    private readonly LSTM? _lstm;
    private readonly GRU? _gru;
    private readonly optim.Optimizer _optimizer;
    private bool _dropout;

    private TorchTrainingPeer(TrainingWork work, bool channelsLast)
    {
        (_work, _channelsLast) = (work, channelsLast);
        TensorSet first = work.FirstWeights();
        foreach (NetworkLayer layer in work.Spec.Layers)
        {
            Tensor[] tensors = [.. first.Of(layer).Select(t => tensor(t.Values.ToArray(), [.. t.Shape.Select(s => (long)s)]))];
            int inputs = layer.InputShape[^1];
            switch (layer.Spec)
            {
                case LstmSpec spec:
                    _lstm = nn.LSTM(inputs, spec.Units, batchFirst: true);
                    // Its second bias stays zero: Keras has one.
                    Take(_lstm, tensors[0].t(), tensors[1].t(), tensors[2]);
                    break;
                case GruSpec spec:
                    _gru = nn.GRU(inputs, spec.Units, batchFirst: true);
                    Tensor[] biases = ParameterLayout.GruBias.ToTorch(tensors[2]);
                    Take(_gru, ParameterLayout.GruKernel.ToTorch(tensors[0])[0], ParameterLayout.GruKernel.ToTorch(tensors[1])[0], biases[0],
                        biases[1]);
                    break;
                default:
                    foreach ((Tensor value, ParameterSpec parameter) in tensors.Zip(layer.Parameters))
                        _plain.Add(parameter.Name, Leaf(OfTorch(value), parameter.Trainable));
                    break;
            }
        }
        _parameters.AddRange(_plain.Values.Where(p => p.requires_grad));
        _x = tensor(work.X, [work.Batch, .. work.Spec.InputShape.Select(s => (long)s)]);
        _labels = tensor(work.Labels.Select(l => (long)l).ToArray());
        // Keras' epsilon is added before the root of the mean square is corrected: in the first step, which is compared, to 1 - 0.999.
        _optimizer = optim.Adam(_parameters, lr: 1e-5, eps: 1e-7 / Math.Sqrt(1e-3));
    }

    /// <summary>Steps per second; what it says when it is ready is the loss of two steps without dropout.</summary>
    public static void Serve(string recipe, bool channelsLast)
    {
        TorchPeers.Prepare();
        var peer = new TorchTrainingPeer(TrainingWork.Of(recipe), channelsLast);
        float[] losses = [peer.Step(), peer.Step()];
        peer._dropout = true;
        TrainingWork.Serve(() => peer.Step(), losses);
    }

    private float Step()
    {
        using DisposeScope scope = NewDisposeScope();
        _optimizer.zero_grad();
        Tensor x = _x;
        if (x.ndim == 5)
            x = TorchPeers.Laid(x.flatten(0, 1).permute(0, 3, 1, 2), _channelsLast);
        Tensor loss = F.cross_entropy(_work.Spec.Layers.Aggregate(x, (y, layer) => Run(layer, y)), _labels);
        loss.backward();
        _optimizer.step();
        return loss.item<float>();
    }

    private Tensor Run(NetworkLayer layer, Tensor x)
    {
        Parameter[] w = layer.Spec is RecurrentSpec ? [] : [.. layer.Parameters.Select(p => _plain[p.Name])];
        switch (layer.Spec)
        {
            case LstmSpec spec:
                return _lstm!.call(_dropout ? F.dropout(x, spec.Dropout) : x).Item1.select(1, -1);
            case GruSpec:
                return _gru!.call(x.reshape(_work.Batch, -1, x.shape[1])).Item1.select(1, -1);
            case DenseSpec:
                return F.linear(x, w[0], w[1]);
            case ActivationSpec:
                return F.relu(x);
            case DropoutSpec spec:
                return _dropout ? F.dropout(x, spec.Rate) : x;
            case Conv2DSpec spec:
                return F.relu(F.conv2d(x, w[0], w[1], padding: [spec.Size / 2, spec.Size / 2]), inplace: true);
            case BatchNormalizationSpec spec:
                return F.batch_norm(x, w[2], w[3], w[0], w[1], training: true, momentum: 1 - spec.Momentum, eps: spec.Epsilon);
            case MaxPooling2DSpec spec:
                return F.max_pool2d(x, [spec.Size, spec.Size]);
            case GlobalMaxPooling2DSpec:
                return x.amax([2L, 3L]);
            default:
                throw new ArgumentException($"no peer computes {layer.Spec}", nameof(layer));
        }
    }

    private void Take(nn.Module module, params Tensor[] values)
    {
        Dictionary<string, Parameter> byName = module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        string[] names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];
        using IDisposable without = no_grad();
        byName[names[^1]].zero_();
        foreach ((string name, Tensor value) in names.Zip(values))
        {
            byName[name].copy_(value);
            _parameters.Add(byName[name]);
        }
    }

    // Kernels of convolutions and of dense layers; vectors are the same.
    private static Tensor OfTorch(Tensor value) => value.ndim == 4 ? value.permute(3, 2, 0, 1) : value.ndim == 2 ? value.t() : value;

    private Parameter Leaf(Tensor value, bool trainable) => new(TorchPeers.Laid(value, _channelsLast), trainable);
}
