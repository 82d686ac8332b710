using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Training;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;
using VideoLstm.Tests;

namespace VideoLstm.Torch.Tests;

/// <summary>Memory of a device is given back, and where it is full, less is computed at a time or one line says what to lower.</summary>
public sealed class DeviceMemoryTests : IDisposable
{
    private static readonly string[] Classes = ["Bars", "Noise"];
    private static readonly NetworkSpec Small = new(
        [3, 8], [new LstmSpec(4) { ReturnSequences = true, Bidirectional = true, Dropout = 0.2f }, new GruSpec(4), new DenseSpec(2)]);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Recipes => [.. Core.Models.Recipes.All.Select(r => r.Name)];

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Recipes))]
    public void ANetworkThatIsDisposedOfLeavesNoTensorBehind(string name)
    {
        TorchBackend backend = Libtorch.Require();
        Libtorch.Collect();
        long tensors = torch.Tensor.TotalCount;
        using (Pair pair = RecipeTests.Of(name, backend, null))
        using (ITrainingSession session = pair.Torch.Train(new OptimizerSpec(OptimizerKind.Adam, 1e-4), new LossSpec()))
        {
            session.Step(pair.Inputs(2), pair.Labels(2), null, new RandomSource(1));
            Assert.True(torch.Tensor.TotalCount > tensors);
        }
        Assert.Equal(tensors, torch.Tensor.TotalCount);
    }

    [SkippableFact]
    public void AnEpochLeavesNoTensorBehindAndATrainingNone()
    {
        TorchBackend backend = Libtorch.Require();
        Libtorch.Collect();
        long before = torch.Tensor.TotalCount;
        var sequences = new SequenceSpec(3, 75, 75, FrameSampling.Even, FrameFit.Resize, "digest") { Features = InceptionV3.Features };
        Sample[] samples =
        [
            .. Enumerable.Range(0, 12).Select(i => new Sample(
                new Clip(i < 8 ? ClipSet.Train : ClipSet.Test, Classes[i % 2], $"{i}", 10), 0, i % 2, 10, 3)),
        ];
        List<long> afterEpochs = [];
        ModelSpec model = ModelSpec.Of(Core.Models.Recipes.Find("lstm")!, sequences, 2) with { Units = 4, Bidirectional = true };
        new Trainer(
            new DataFolder(_folder.Path), new Noise(sequences.Features), samples, Classes,
            new CheckpointSource(sequences) { Extractor = InceptionV3.Name, WeightsName = "random:1" }, model,
            new TrainingOptions { Epochs = 4, Patience = null, LearningRate = 0.5, BatchSize = 3 }, backend)
            .Run(onEpoch: (_, _) => afterEpochs.Add(torch.Tensor.TotalCount));
        Assert.Equal(4, afterEpochs.Count);
        Assert.Equal(string.Join(' ', Enumerable.Repeat(afterEpochs[0], 4)), string.Join(' ', afterEpochs));
        Assert.True(afterEpochs[0] > before);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [SkippableFact]
    public void AVideoThatIsLabelledLeavesNoTensorBehind()
    {
        TorchBackend backend = Libtorch.Require();
        string video = _folder.File("v.avi");
        using (Process ffmpeg = Process.Start("ffmpeg", $"-nostdin -v error -f lavfi -i testsrc=s=64x48:r=10 -frames:v 40 {video}"))
            ffmpeg.WaitForExit();
        Libtorch.Collect();
        long before = torch.Tensor.TotalCount;
        InceptionWeights weights = InceptionWeights.Random(1);
        CheckpointSource source = CheckpointSource.Of(
            weights, new SequenceSpec(4, 75, 75, FrameSampling.Even, FrameFit.Resize, ""), backend);
        ModelSpec model = ModelSpec.Of(Core.Models.Recipes.Find("gru")!, source.Sequences, 2);
        ITrainableNetwork network = Core.Models.Recipes.Build(model, backend);
        network.Initialize(1);
        var info = new CheckpointInfo
        {
            Classes = Classes, Model = model, Source = source, ClipFrames = 8, Epoch = 1, ValidationLoss = 0, ValidationAccuracy = 1,
        };
        using (var classifier = new Classifier(
            info, network, new FeatureClassifierInput(backend.CreateExtractor(weights.Spec(75, 75), Precision.Float))))
        {
            long loaded = torch.Tensor.TotalCount;
            Assert.True(loaded > before);
            Assert.Equal(5, new VideoClassifier(classifier).Run(video).Windows);
            Assert.Equal(loaded, torch.Tensor.TotalCount);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [SkippableFact]
    public void WhereABatchDoesNotFitFewerSamplesArePredictedTogetherAndItIsSaidOnce()
    {
        var said = new Remarks();
        List<int> tried = [];
        TorchBackend backend = Libtorch.Require(said, count =>
        {
            tried.Add(count);
            if (count > 5)
                Libtorch.ExhaustMemory();
        });
        using ITrainableNetwork tight = backend.CreateNetwork(Small), wide = Libtorch.Require().CreateNetwork(Small);
        wide.Initialize(3);
        tight.Import(wide.Export());
        float[] x = [.. Enumerable.Range(0, 33 * 24).Select(i => MathF.Sin(i))], expected = new float[66], found = new float[66];
        wide.Predict(x, 33, expected);
        tight.Predict(x, 33, found);
        Assert.All(expected.Zip(found), p => Assert.Equal(p.First, p.Second, 1e-6f));
        Assert.Equal([32, 16, 8, 4, 4, 4, 4, 4, 4, 4, 4, 1], tried);
        Assert.Equal(["torch: its memory is too small for 32 samples at a time; fewer are computed together"], said.Lines);
    }

    [SkippableFact]
    public void WhatCannotBeHalvedIsOneLineThatSaysWhatToLower()
    {
        bool isFull = false;
        TorchBackend backend = Libtorch.Require(computing: _ =>
        {
            if (isFull)
                Libtorch.ExhaustMemory();
        });
        using ITrainableNetwork network = backend.CreateNetwork(Small);
        using ITrainingSession session = network.Train(new OptimizerSpec(OptimizerKind.Adam, 1e-4), new LossSpec());
        float[] x = new float[6 * 24];
        isFull = true;
        InputException step = Assert.Throws<InputException>(() => session.Step(x, [0, 1, 0, 1, 0, 1], null, new RandomSource(1)));
        Assert.Equal(("torch: its memory is too small for a step of 6 samples", Remedy.TakeSmallerBatch), (step.Message, step.Remedy));
        InputException prediction = Assert.Throws<InputException>(() => network.Predict(x, 6, new float[12]));
        Assert.Equal(
            ("torch: its memory is too small for samples, even one at a time", Remedy.TrainSmallerOrOnCpu),
            (prediction.Message, prediction.Remedy));
        // Nothing was learnt, and it can go on.
        isFull = false;
        Assert.Equal(0, session.Steps);
        session.Step(x, [0, 1, 0, 1, 0, 1], null, new RandomSource(1));
        Assert.Equal(1, session.Steps);

        // 2^42 weights of a layer.
        var huge = new NetworkSpec([1 << 21], [new DenseSpec(1 << 21)]);
        InputException creation = Assert.Throws<InputException>(() => backend.CreateNetwork(huge));
        Assert.Equal("torch: its memory is too small for the network", creation.Message);
    }

    [SkippableFact]
    public void OtherErrorsOfLibtorchAreNoLackOfMemory()
    {
        Libtorch.Require();
        Assert.True(DeviceMemory.IsFull(Assert.Throws<ExternalException>(Libtorch.ExhaustMemory).Message));
        Assert.True(DeviceMemory.IsFull("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 14.58 GiB"));
        using torch.Tensor two = torch.zeros(2), three = torch.zeros(3);
        Assert.False(DeviceMemory.IsFull(Assert.Throws<ExternalException>(() => two.add(three)).Message));
    }

    /// <summary>Samples that differ by their clip.</summary>
    private sealed class Noise(int features) : ISampleReader
    {
        public IReadOnlyList<int> SampleShape => [3, features];

        public string Digest(ClipVariant clip) => "1";

        public void Read(Sample sample, int epoch, Memory<float> x)
        {
            var random = new RandomSource((ulong)sample.Label);
            foreach (ref float value in x.Span)
                value = (float)random.NextUniform();
        }
    }
}
