using VideoLstm.Core.Compute;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Kernels;
using Xunit.Abstractions;

namespace VideoLstm.Torch.Tests;

/// <summary>Stacks of layers as Keras models have them give what the CPU engine gives, with masks and without.</summary>
public sealed class StackTests(ITestOutputHelper output)
{
    private const int Batch = 5;

    private static readonly Dictionary<string, (int[] Input, LayerSpec[] Layers)> Stacks = new(StringComparer.Ordinal)
    {
        ["mixed"] = ([7, 24],
        [
            new LstmSpec(6) { ReturnSequences = true, Bidirectional = true }, new BatchNormalizationSpec { Epsilon = 0.01 },
            ActivationSpec.Tanh, new GruSpec(5), new BatchNormalizationSpec(), ActivationSpec.Relu, new DenseSpec(9), ActivationSpec.Tanh,
            new DenseSpec(3),
        ]),
        ["hard"] = ([7, 24],
        [
            new GruSpec(6) { ReturnSequences = true, Bidirectional = true, RecurrentActivation = GateActivation.HardSigmoid },
            new GruSpec(5) { ReturnSequences = true, ResetAfter = false },
            new GruSpec(7) { ResetAfter = false, Bidirectional = true, RecurrentActivation = GateActivation.HardSigmoid }, new DenseSpec(3),
        ]),
        ["hard6"] = ([7, 24],
        [
            new LstmSpec(6) { ReturnSequences = true, RecurrentActivation = GateActivation.HardSigmoid6 },
            new GruSpec(5) { RecurrentActivation = GateActivation.HardSigmoid6 }, new DenseSpec(3),
        ]),
        ["pooled"] = ([7, 24],
        [
            new DenseSpec(8), ActivationSpec.Tanh, new GruSpec(6) { ReturnSequences = true }, new GlobalMaxPooling1DSpec(),
            new DenseSpec(3),
        ]),
        ["averaged"] = ([7, 24], [new GruSpec(6) { ReturnSequences = true }, new GlobalAveragePooling1DSpec(), new DenseSpec(3)]),
        ["answers"] = ([7, 24], [new GruSpec(6) { ReturnSequences = true }, new DenseSpec(3), new AverageSoftmaxSpec()]),
        ["means"] = ([3, 9, 8, 3], [new Conv2DSpec(6, 3), new GlobalAveragePooling2DSpec(), new GruSpec(4), new DenseSpec(3)]),
        ["flat"] = ([7, 24], [new DenseSpec(8), ActivationSpec.Sigmoid, new FlattenSpec(), new DenseSpec(3)]),
        ["both ways"] = ([6, 11],
        [
            new LstmSpec(6) { ReturnSequences = true, Bidirectional = true, Dropout = 0.4f },
            new GruSpec(5) { ReturnSequences = true, Bidirectional = true, Dropout = 0.3f }, new DropoutSpec(0.2f),
            new LstmSpec(4) { Bidirectional = true }, new DropoutSpec(0.5f), new DenseSpec(3),
        ]),
        ["attention"] = ([6, 10],
        [
            new PositionEmbeddingSpec(), new TransformerEncoderSpec(7) { Dropout = 0.3f }, new TransformerEncoderSpec(5),
            new GlobalMaxPooling1DSpec(), new DenseSpec(4),
        ]),
        ["frozen"] = ([6, 10],
        [
            new LstmSpec(6) { ReturnSequences = true, Trainable = false }, new BatchNormalizationSpec { Trainable = false },
            new GruSpec(5) { Trainable = false, ResetAfter = false, ReturnSequences = true }, new GruSpec(4), new DenseSpec(3),
        ]),
        // Odd and even windows, strides, borders: with functions that are smooth, so that rounding decides nothing.
        ["pictures"] = ([10, 13, 3],
        [
            new Conv2DSpec(6, 3) { Stride = 2 }, ActivationSpec.Tanh, new DepthwiseConv2DSpec(3) { Stride = 2 }, ActivationSpec.Tanh,
            new Conv2DSpec(5, 2) { UseBias = false }, new BatchNormalizationSpec { Momentum = 0.8f, WarmsUp = true }, ActivationSpec.Sigmoid,
            new DepthwiseConv2DSpec(2) { Padding = Padding.Valid, UseBias = false }, new ZeroPadding2DSpec(),
            new Conv2DSpec(4, 3) { Padding = Padding.Valid, Stride = 2 }, new FlattenSpec(), new DenseSpec(3),
        ]),
        ["films"] = ([3, 12, 10, 3],
        [
            new Conv2DSpec(6, 3) { Stride = 2, Activation = ActivationKind.Relu6 }, new ZeroPadding2DSpec(), new MaxPooling2DSpec(),
            new BatchNormalizationSpec { Activation = ActivationKind.Relu6 }, new DepthwiseConv2DSpec(3),
            new MaxPooling2DSpec(2), new FlattenSpec { TimeDistributed = true }, new DropoutSpec(0.4f), new GruSpec(5), new DenseSpec(3),
        ]),
        ["maxima"] = ([3, 9, 8, 3],
        [
            new Conv2DSpec(6, 3) { Activation = ActivationKind.Relu }, new GlobalMaxPooling2DSpec(), new LstmSpec(5), new DenseSpec(3),
        ]),
        ["volumes"] = ([6, 9, 10, 3],
        [
            new Conv3DSpec(5, 3), ActivationSpec.Tanh, new MaxPooling3DSpec(2), new Conv3DSpec(4, 2), ActivationSpec.Tanh,
            new Conv3DSpec(4, 2) { Padding = Padding.Valid }, new FlattenSpec(), new DropoutSpec(0.3f), new DenseSpec(3),
        ]),
        // I3D's layers, with channels that fill blocks of 16 and channels that do not.
        ["branches"] = ([6, 11, 10, 3],
        [
            new Conv3DSpec(16, 3) { Stride = 2, UseBias = false }, ActivationSpec.Tanh,
            new MaxPooling3DSpec(1, 3) { TimeStride = 1, Stride = 2, Padding = Padding.Same },
            new ParallelSpec(
                [new Conv3DSpec(16, 1), ActivationSpec.Tanh],
                [
                    new Conv3DSpec(5, 1) { UseBias = false }, new BatchNormalizationSpec { Scales = false, WarmsUp = true }, ActivationSpec.Tanh,
                    new Conv3DSpec(32, 3),
                ],
                [new MaxPooling3DSpec(3, 3) { TimeStride = 1, Stride = 1, Padding = Padding.Same }, new Conv3DSpec(7, 1)]),
            new ParallelSpec([new Conv3DSpec(3, 1)], [new Conv3DSpec(4, 3), new DropoutSpec(0.2f)]),
            new GlobalAveragePooling2DSpec(), new GlobalAveragePooling1DSpec(), new DenseSpec(3),
        ]),
    };

    public static TheoryData<string> Names => [.. Stacks.Keys];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void PredictionsOfAStackAreThoseOfTheEngine(string name)
    {
        Pair pair = Of(name);
        pair.AssertSamePredictions(Batch);
        // More than are computed at once.
        pair.AssertSamePredictions(67);
        if (HasSteps(name))
            pair.AssertSamePredictions(67, pair.Mask(67));
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void StepsOfAStackAreThoseOfTheEngine(string name)
    {
        Of(name).AssertSameSteps(new OptimizerSpec(OptimizerKind.Sgd, 0.1), new LossSpec(), Batch, steps: 3);
        if (HasSteps(name))
            Of(name).AssertSameSteps(new OptimizerSpec(OptimizerKind.Sgd, 0.1), new LossSpec(), Batch, masked: true, steps: 3);
    }

    [SkippableTheory]
    [InlineData(OptimizerKind.Adam, 0.001, 0.01, 0, false)]
    [InlineData(OptimizerKind.Sgd, 0.05, 0.02, 0.9, false)]
    [InlineData(OptimizerKind.Sgd, 0.05, 0, 0.9, true)]
    [InlineData(OptimizerKind.RmsProp, 0.001, 0.01, 0, false)]
    [InlineData(OptimizerKind.RmsProp, 0.001, 0, 0.8, false)]
    [InlineData(OptimizerKind.Adadelta, 0.5, 0.01, 0, false)]
    [InlineData(OptimizerKind.Adagrad, 0.01, 0.01, 0, false)]
    public void OptimizersGoAsKerasDoes(OptimizerKind kind, double rate, double decay, double momentum, bool nesterov) =>
        Of("pooled").AssertSameSteps(
            new OptimizerSpec(kind, rate, decay, momentum, nesterov), new LossSpec(0.1f, [0.5f, 2, 1.5f]), batch: 16, steps: 5);

    [SkippableFact]
    public void ABatchOfOneSampleIsNormalizedAsTheEngineDoes()
    {
        Pair pair = Of("mixed");
        float[] x = pair.Inputs(1);
        // It is its own mean: what goes back through that is nothing, or rounding.
        (float expected, _) = pair.Engine.Train(new(OptimizerKind.Sgd, 0.1), new()).Step(x, [1], null, new RandomSource(1));
        (float found, _) = pair.Torch.Train(new(OptimizerKind.Sgd, 0.1), new()).Step(x, [1], null, new RandomSource(1));
        pair.AssertSame("loss", [expected], [found]);
        pair.AssertSame(pair.Engine.Export(), pair.Torch.Export());
    }

    [SkippableTheory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.Adadelta)]
    [InlineData(OptimizerKind.Adagrad)]
    public void ATrainingThatGoesOnFromItsStateIsOneThatWasNotDisturbed(OptimizerKind kind)
    {
        Pair pair = Of("both ways");
        var optimizer = new OptimizerSpec(kind, 0.002, 0.01);
        float[] x = pair.Inputs(Batch);
        int[] labels = pair.Labels(Batch);
        ITrainingSession whole = pair.Torch.Train(optimizer, new LossSpec());
        Take(whole, 3);
        (TensorSet weights, TensorSet state) = (Pair.Copy(pair.Torch.Export()), Pair.Copy(whole.State));
        Take(whole, 2);

        foreach (IBackend backend in (IBackend[])[Libtorch.Require(), new CpuBackend()])
        {
            // What one backend remembers, the other takes up too.
            ITrainableNetwork again = backend.CreateNetwork(pair.Spec);
            again.Import(weights);
            ITrainingSession rest = again.Train(optimizer, new LossSpec());
            rest.Resume(state, 3, 0.002);
            Take(rest, 2);
            Assert.Equal(whole.Steps, rest.Steps);
            Assert.Equal(whole.CurrentRate, rest.CurrentRate);
            pair.AssertSame(pair.Torch.Export(), again.Export());
            pair.AssertSame(whole.State, rest.State);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => whole.Resume(state, 3, 0.002));

        void Take(ITrainingSession session, int steps)
        {
            for (int step = 0; step < steps; step++)
                session.Step(x, labels, null, new RandomSource(2, (ulong)session.Steps + 1));
        }
    }

    [SkippableFact]
    public void FirstValuesAreTheEnginesForEachSeed()
    {
        Pair pair = Of("mixed");
        foreach (ulong seed in (ulong[])[1, 2])
        {
            pair.Engine.Initialize(seed);
            pair.Torch.Initialize(seed);
            foreach (NamedTensor tensor in pair.Engine.Export())
                Assert.Equal(tensor.Values.ToArray(), pair.Torch.Export()[tensor.Name].Values.ToArray());
        }
        TensorSet before = Pair.Copy(pair.Torch.Export());
        pair.Torch.Initialize(3, l => l.Spec is DenseSpec);
        Assert.All(before, t => Assert.Equal(
            !t.Name.StartsWith("dense", StringComparison.Ordinal) || t.Name.EndsWith("bias", StringComparison.Ordinal),
            t.Values.Span.SequenceEqual(pair.Torch.Export()[t.Name].Values.Span)));
    }

    [SkippableFact]
    public void WeightsThatAreNotTheNetworksAreRefusedAndChangeNothing()
    {
        Pair pair = Of("flat");
        TensorSet before = Pair.Copy(pair.Torch.Export());
        NamedTensor good = new("dense/bias", [8], () => new float[8]), other = new("dense/kernel", [8, 24], () => new float[192]);
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => pair.Torch.Import(new TensorSet([good, other])));
        Assert.StartsWith("there is no tensor dense/kernel of shape [8, 24]", refusal.Message, StringComparison.Ordinal);
        pair.AssertSame(before, pair.Torch.Export());
    }

    [SkippableFact]
    public void WhatTorchDoesNotComputeIsRefusedInOneSentence()
    {
        TorchBackend backend = Libtorch.Require();
        Assert.Equal("torch", backend.Name);
        Assert.Throws<ArgumentException>(() => backend.CreateNetwork(new NetworkSpec([4, 3], [new DenseSpec(2)])));
        Assert.Throws<ArgumentException>(() => backend.CreateNetwork(new NetworkSpec([9, 9, 3], [new ConvolutionBlockSpec(3, 3, 3)])));
        NetworkSpec pictures = new([9, 9, 3], [new GlobalAveragePooling2DSpec()]);
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => backend.CreateExtractor(new ExtractorSpec(pictures, new TensorSet([]), 127.5f, -1), Precision.Int8));
        Assert.StartsWith("the backend torch computes no features with Int8", refusal.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void TenThousandStepsLeaveNoTensorBehind()
    {
        Libtorch.Require();
        var spec = new NetworkSpec(
            [3, 4],
            [new GruSpec(4) { Dropout = 0.2f }, new BatchNormalizationSpec(), new DropoutSpec(0.1f), new DenseSpec(2)]);
        Pair pair = new(spec, Libtorch.Require(), output);
        ITrainingSession session = pair.Torch.Train(new OptimizerSpec(OptimizerKind.Adam, 1e-4), new LossSpec());
        float[] x = pair.Inputs(4), probabilities = new float[8];
        int[] labels = pair.Labels(4);
        bool[] mask = pair.Mask(4);
        var random = new RandomSource(1);
        // Threads that wait for each other at every small product would take most of the time.
        int threads = TorchSharp.torch.get_num_threads();
        TorchSharp.torch.set_num_threads(1);
        Run(200);
        // Resident first: what other tests have left is collected there.
        long memory = Resident(), tensors = TorchSharp.torch.Tensor.TotalCount;
        Run(10_000);
        Assert.Equal(tensors, TorchSharp.torch.Tensor.TotalCount);
        long grown = Resident() - memory;
        GC.KeepAlive(pair);
        TorchSharp.torch.set_num_threads(threads);
        output.WriteLine($"{tensors} tensors; memory grew by {grown >> 10} KB");
        Assert.True(grown < 64 << 20, $"memory grew by {grown >> 20} MB");

        void Run(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                session.Step(x, labels, step % 2 == 0 ? mask : null, random);
                if (step % 10 == 0)
                    pair.Torch.Predict(x, 4, probabilities, mask);
            }
        }

        static long Resident()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    private Pair Of(string name) => new(new NetworkSpec(Stacks[name].Input, Stacks[name].Layers), Libtorch.Require(), output);

    private static bool HasSteps(string name) => name is not ("pictures" or "volumes" or "branches");
}
