using VideoLstm.Core.Classification;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Tests.Export;
using VideoLstm.Core.Timelines;
using VideoLstm.Numerics.Inference;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Jobs;

/// <summary>Videos are labelled, as the verb asks for it.</summary>
public sealed class ClassificationJobTests
{
    /// <summary>A process that ends while libtorch still computes is brought down by it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_refused_leaves_nothing_at_work(bool isRefusedByTheInput)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("frames.bin");
        (ExportSample sample, _) = ExportSample.OfFrames("convnet-gru", 2, 24, 27, pad: false);
        using (ITrainableNetwork network = Recipes.Build(sample.Info.Model, Engine.Backend))
            Checkpoint.Save(path, network, sample.Info);
        var backend = new SlowBackend();
        var job = new ClassificationJob(
            new ClassificationRequest
            {
                Path = path, Open = () => ClassifierFile.Open(path, new ClassifierHints()),
                Extractor = isRefusedByTheInput ? ExtractorRequest.Default : null,
                Videos = [], Labelling = new LabellingOptions(), Outputs = null!, Skip = [], Style = null!, Data = null!,
            },
            backend, new Silent());
        await Assert.ThrowsAsync<InputException>(() => job.LoadAsync(
            () =>
            {
                if (!isRefusedByTheInput)
                    throw new InputException("the video is none");
            },
            CancellationToken.None));
        Assert.True(backend.HasLoaded);
        Assert.True(backend.HasDisposed);
    }

    private sealed class SlowBackend : IBackend
    {
        public string Name => Engine.Backend.Name;

        public IReadOnlyList<Precision> Precisions => Engine.Backend.Precisions;

        public bool HasLoaded { get; private set; }

        public bool HasDisposed { get; private set; }

        public ITrainableNetwork CreateNetwork(NetworkSpec spec)
        {
            Thread.Sleep(500);
            return new Network(this, Engine.Backend.CreateNetwork(spec));
        }

        public IFeatureExtractor CreateExtractor(ExtractorSpec spec, Precision precision) => throw new NotSupportedException();

        private sealed class Network(SlowBackend backend, ITrainableNetwork network) : ITrainableNetwork
        {
            public NetworkSpec Spec => network.Spec;

            public TensorSet Export() => network.Export();

            public void Import(TensorSet weights)
            {
                network.Import(weights);
                backend.HasLoaded = true;
            }

            public void Initialize(ulong seed, Predicate<NetworkLayer>? layers = null) => network.Initialize(seed, layers);

            public void Predict(ReadOnlySpan<float> x, int batch, Span<float> probabilities, bool[]? mask = null) =>
                network.Predict(x, batch, probabilities, mask);

            public ITrainingSession Train(OptimizerSpec optimizer, LossSpec loss) => network.Train(optimizer, loss);

            public void Dispose()
            {
                network.Dispose();
                backend.HasDisposed = true;
            }
        }
    }

    private sealed class Silent : IClassificationObserver
    {
        public void Remark(Finding finding)
        {
        }

        public void Failure(Finding finding)
        {
        }

        public T Watch<T>(string title, string unit, Func<IProgress<WorkProgress>, T> work) => work(new Progress<WorkProgress>());

        public Task<T> WatchAsync<T>(string title, string unit, Func<IProgress<WorkProgress>, Task<T>> work) => work(new Progress<WorkProgress>());

        public void Began(string video, int found)
        {
        }

        public void Predicted(IReadOnlyList<string> classes, ProbabilityStep step)
        {
        }

        public void Labelled(string video, VideoClassification result, ClassificationOutputs outputs, double seconds)
        {
        }

        public void Failed(string video, Finding finding)
        {
        }

        public FrameLabel Draw(IReadOnlyList<string> classes, ProbabilityStep step, string label) => throw new NotSupportedException();
    }
}
