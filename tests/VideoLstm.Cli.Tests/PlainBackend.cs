using VideoLstm.Core.Compute;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Cli.Tests;

/// <summary>
/// A backend of plain loops, one value after the other: InceptionV3's layers, and those of the recipe mlp, which Adam trains. What it has not,
/// it refuses.
/// </summary>
internal sealed class PlainBackend : IBackend
{
    public string Name => "plain";

    public IReadOnlyList<Precision> Precisions { get; } = [Precision.Float];

    public ITrainableNetwork CreateNetwork(NetworkSpec spec) => new Network(spec);

    public IFeatureExtractor CreateExtractor(ExtractorSpec spec, Precision precision) =>
        precision == Precision.Float ? new Extractor(spec) : throw new ArgumentException("plain loops compute with single precision");

    private static int Size(IEnumerable<int> shape) => shape.Aggregate(1, (a, b) => a * b);

    /// <summary>Values <c>[height, width, channels]</c>.</summary>
    private sealed record Map(int Height, int Width, int Channels)
    {
        public float[] Values { get; } = new float[Height * Width * Channels];

        public int At(int y, int x, int channel) => (y * Width + x) * Channels + channel;
    }

    private sealed class Extractor(ExtractorSpec spec) : IFeatureExtractor
    {
        private readonly Dictionary<NetworkLayer, (float[] Weights, float[] Bias)> _folded =
            spec.Network.AllLayers.Where(l => l.Spec is ConvolutionBlockSpec).ToDictionary(
                l => l, l => ((ConvolutionBlockSpec)l.Spec).Fold(spec.Weights.Of(l)));

        private readonly BusyClock _busy = new(1);
        private long _computed;

        public int Height => spec.Network.InputShape[0];

        public int Width => spec.Network.InputShape[1];

        public int Features => spec.Network.OutputShape[0];

        public ExtractorRates Rates => new(_computed / Math.Max(_busy.Seconds, 1e-9));

        public IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Run<TTag>(FrameSource<TTag> source, CancellationToken ct = default)
        {
            byte[] rgb = new byte[Height * Width * 3];
            while (source(rgb, out TTag tag))
            {
                ct.ThrowIfCancellationRequested();
                var frame = new Map(Height, Width, 3);
                for (int i = 0; i < rgb.Length; i++)
                    frame.Values[i] = rgb[i] / spec.Divisor + spec.Offset;
                _busy.Begin();
                float[] features = spec.Network.Layers.Aggregate(frame, (x, layer) => Compute(layer, x)).Values;
                _busy.End();
                _computed++;
                yield return (tag, features);
            }
        }

        public void Dispose()
        {
        }

        private Map Compute(NetworkLayer layer, Map x) => layer.Spec switch
        {
            ParallelSpec => Concatenate([.. layer.Branches.Select(b => b.Aggregate(x, (map, l) => Compute(l, map)))]),
            ConvolutionBlockSpec block => Convolve(block, layer, x),
            MaxPooling2DSpec pool => Pool(layer, x, pool.Axes(layer.InputShape), (values, _) => values.Max()),
            AveragePooling2DSpec pool => Pool(
                layer, x, [ConvolutionAxis.Of(x.Height, pool.Size, 1, Padding.Same), ConvolutionAxis.Of(x.Width, pool.Size, 1, Padding.Same)],
                (values, all) => values.Sum() / (pool.CountsPadding ? all : values.Count)),
            GlobalAveragePooling2DSpec => Pool(
                layer, x, [new(x.Height, x.Height, 1, 0, 1), new(x.Width, x.Width, 1, 0, 1)], (values, all) => values.Sum() / all),
            _ => throw new ArgumentException($"plain loops have no {layer.Spec}"),
        };

        private Map Convolve(ConvolutionBlockSpec block, NetworkLayer layer, Map x)
        {
            (float[] weights, float[] bias) = _folded[layer];
            IReadOnlyList<ConvolutionAxis> axes = block.Axes(layer.InputShape);
            var y = new Map(layer.OutputShape[0], layer.OutputShape[1], layer.OutputShape[2]);
            Parallel.For(0, y.Height, row =>
            {
                for (int column = 0; column < y.Width; column++)
                {
                    ((int top, int bottom), (int left, int right)) = (axes[0].At(row), axes[1].At(column));
                    (int firstRow, int firstColumn) = (row * axes[0].Stride - axes[0].PadBefore, column * axes[1].Stride - axes[1].PadBefore);
                    for (int filter = 0; filter < block.Filters; filter++)
                    {
                        float sum = bias[filter];
                        for (int channel = 0; channel < x.Channels; channel++)
                        {
                            int kernel = (filter * x.Channels + channel) * block.KernelHeight * block.KernelWidth;
                            for (int i = top; i < bottom; i++)
                                for (int j = left; j < right; j++)
                                    sum += weights[kernel + (i - firstRow) * block.KernelWidth + j - firstColumn] * x.Values[x.At(i, j, channel)];
                        }
                        y.Values[y.At(row, column, filter)] = Math.Max(sum, 0);
                    }
                }
            });
            return y;
        }

        // Of each window what is made of its values, and of how many there would be without a border.
        private static Map Pool(NetworkLayer layer, Map x, IReadOnlyList<ConvolutionAxis> axes, Func<List<float>, int, float> reduce)
        {
            Map y = layer.OutputShape is [var channels] ? new(1, 1, channels) : new(layer.OutputShape[0], layer.OutputShape[1], x.Channels);
            for (int row = 0; row < y.Height; row++)
                for (int column = 0; column < y.Width; column++)
                    for (int channel = 0; channel < y.Channels; channel++)
                    {
                        ((int top, int bottom), (int left, int right)) = (axes[0].At(row), axes[1].At(column));
                        List<float> values = [];
                        for (int i = top; i < bottom; i++)
                            for (int j = left; j < right; j++)
                                values.Add(x.Values[x.At(i, j, channel)]);
                        y.Values[y.At(row, column, channel)] = reduce(values, axes[0].Size * axes[1].Size);
                    }
            return y;
        }

        private static Map Concatenate(Map[] parts)
        {
            var y = new Map(parts[0].Height, parts[0].Width, parts.Sum(p => p.Channels));
            int first = 0;
            foreach (Map part in parts)
            {
                for (int pixel = 0; pixel < y.Height * y.Width; pixel++)
                    part.Values.AsSpan(pixel * part.Channels, part.Channels).CopyTo(y.Values.AsSpan(pixel * y.Channels + first));
                first += part.Channels;
            }
            return y;
        }
    }

    private sealed class Network : ITrainableNetwork
    {
        private readonly Dictionary<string, float[]> _weights;

        public Network(NetworkSpec spec)
        {
            if (spec.Layers.FirstOrDefault(l => l.Spec is not (FlattenSpec or DropoutSpec or DenseSpec)) is { } unknown)
                throw new ArgumentException($"plain loops have no {unknown.Spec}");
            Spec = spec;
            _weights = spec.Parameters.ToDictionary(p => p.Name, p => new float[Size(p.Shape)], StringComparer.Ordinal);
        }

        public NetworkSpec Spec { get; }

        private int Classes => Spec.OutputShape[0];

        public TensorSet Export() => new(Spec.Parameters.Select(p => new NamedTensor(p.Name, p.Shape, () => _weights[p.Name])));

        public void Import(TensorSet weights)
        {
            foreach (NamedTensor tensor in weights)
                tensor.Values.Span.CopyTo(_weights[tensor.Name]);
        }

        public void Initialize(ulong seed, Predicate<NetworkLayer>? layers = null)
        {
            ITrainableNetwork engine = new CpuBackend().CreateNetwork(Spec);
            engine.Import(Export());
            engine.Initialize(seed, layers);
            Import(engine.Export());
        }

        public void Predict(ReadOnlySpan<float> x, int batch, Span<float> probabilities, bool[]? mask = null) =>
            Forward(x.ToArray(), batch, null)[^1].CopyTo(probabilities);

        public void Dispose()
        {
        }

        public ITrainingSession Train(OptimizerSpec optimizer, LossSpec loss) =>
            optimizer.Kind == OptimizerKind.Adam && loss is { LabelSmoothing: 0, ClassWeights: null }
                ? new Session(this, optimizer) : throw new ArgumentException("plain loops have Adam and the plain cross-entropy only");

        // What goes into each layer, and behind the last the probabilities; of dropout what it keeps.
        private List<float[]> Forward(float[] x, int batch, (RandomSource Random, Dictionary<NetworkLayer, float[]> Masks)? training)
        {
            List<float[]> values = [x];
            foreach (NetworkLayer layer in Spec.Layers)
            {
                float[] input = values[^1], output = input;
                if (layer.Spec is DropoutSpec dropout && training is var (random, masks))
                {
                    masks[layer] = new float[input.Length];
                    random.FillDropoutMask(masks[layer], dropout.Rate);
                    output = [.. input.Zip(masks[layer], (value, kept) => value * kept)];
                }
                else if (layer.Spec is DenseSpec)
                {
                    (float[] kernel, float[] bias) = Of(layer);
                    output = new float[batch * bias.Length];
                    for (int b = 0; b < batch; b++)
                        for (int unit = 0; unit < bias.Length; unit++)
                        {
                            double sum = bias[unit];
                            for (int i = 0; i < kernel.Length / bias.Length; i++)
                                sum += input[b * (kernel.Length / bias.Length) + i] * kernel[i * bias.Length + unit];
                            output[b * bias.Length + unit] = (float)sum;
                        }
                }
                values.Add(output);
            }
            values[^1] = [.. values[^1].Chunk(Classes).SelectMany(Softmax)];
            return values;
        }

        private static IEnumerable<float> Softmax(float[] logits)
        {
            double[] powers = [.. logits.Select(l => Math.Exp(l - logits.Max()))];
            return powers.Select(p => (float)(p / powers.Sum()));
        }

        private (float[] Kernel, float[] Bias) Of(NetworkLayer layer) => (_weights[layer.Parameters[0].Name], _weights[layer.Parameters[1].Name]);

        private sealed class Session(Network network, OptimizerSpec optimizer) : ITrainingSession
        {
            private readonly Dictionary<string, float[][]> _state =
                network.Spec.Parameters.ToDictionary(p => p.Name, p => (float[][])[new float[Size(p.Shape)], new float[Size(p.Shape)]]);

            public double LearningRate { get; set; } = optimizer.LearningRate;

            public double CurrentRate => LearningRate / (1 + optimizer.Decay * Steps);

            public long Steps { get; private set; }

            public TensorSet State => new(network.Spec.Parameters.SelectMany(p => _state[p.Name].Select(
                (values, number) => new NamedTensor($"{p.Name}/memory{number}", p.Shape, () => values))));

            public StepResult Step(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, bool[]? mask, RandomSource random)
            {
                int batch = labels.Length, classes = network.Classes, correct = 0, inTop = 0;
                Dictionary<NetworkLayer, float[]> masks = [];
                List<float[]> values = network.Forward(x.ToArray(), batch, (random, masks));
                float[] gradient = values[^1];
                double loss = 0;
                for (int b = 0; b < batch; b++)
                {
                    Span<float> row = gradient.AsSpan(b * classes, classes);
                    loss -= Math.Log(row[labels[b]]) / batch;
                    correct += row.IndexOf(row.ToArray().Max()) == labels[b] ? 1 : 0;
                    float own = row[labels[b]];
                    inTop += row.ToArray().Count(p => p > own) < 5 ? 1 : 0;
                    row[labels[b]] -= 1;
                    foreach (ref float value in row)
                        value /= batch;
                }
                double rate = CurrentRate;
                Steps++;
                foreach ((int number, NetworkLayer layer) in network.Spec.Layers.Index().Reverse())
                {
                    if (masks.TryGetValue(layer, out float[]? kept))
                        gradient = [.. gradient.Zip(kept, (g, k) => g * k)];
                    else if (layer.Spec is DenseSpec)
                        gradient = Backward(layer, values[number], gradient, batch, rate);
                }
                return new StepResult((float)loss, correct) { CorrectInTop = inTop };
            }

            public void Resume(TensorSet state, long steps, double learningRate)
            {
                foreach (NamedTensor tensor in State)
                    state[tensor.Name].Values.CopyTo(tensor.Values);
                (Steps, LearningRate) = (steps, learningRate);
            }

            public void Dispose()
            {
            }

            private float[] Backward(NetworkLayer layer, float[] x, float[] gradient, int batch, double rate)
            {
                (float[] kernel, float[] bias) = network.Of(layer);
                int inputs = kernel.Length / bias.Length;
                float[] toKernel = new float[kernel.Length], toBias = new float[bias.Length], toInput = new float[x.Length];
                for (int b = 0; b < batch; b++)
                    for (int unit = 0; unit < bias.Length; unit++)
                    {
                        float g = gradient[b * bias.Length + unit];
                        toBias[unit] += g;
                        for (int i = 0; i < inputs; i++)
                        {
                            toKernel[i * bias.Length + unit] += g * x[b * inputs + i];
                            toInput[b * inputs + i] += g * kernel[i * bias.Length + unit];
                        }
                    }
                Adam(layer.Parameters[0].Name, kernel, toKernel, rate);
                Adam(layer.Parameters[1].Name, bias, toBias, rate);
                return toInput;
            }

            // As Keras computes it.
            private void Adam(string name, float[] weights, float[] gradient, double rate)
            {
                double corrected = rate * Math.Sqrt(1 - Math.Pow(0.999, Steps)) / (1 - Math.Pow(0.9, Steps));
                float[] mean = _state[name][0], square = _state[name][1];
                for (int i = 0; i < weights.Length; i++)
                {
                    mean[i] = 0.9f * mean[i] + 0.1f * gradient[i];
                    square[i] = 0.999f * square[i] + 0.001f * gradient[i] * gradient[i];
                    weights[i] -= (float)(corrected * mean[i] / (Math.Sqrt(square[i]) + 1e-7));
                }
            }
        }
    }
}
