using System.Diagnostics;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;

namespace VideoLstm.Benchmarks;

/// <summary>Training steps of a recipe that are the same for whatever computes them: a network, its first weights, a batch.</summary>
internal sealed class TrainingWork
{
    private const double LearningRate = 1e-5;
    private const int Classes = 2;

    private readonly ModelSpec _model;

    private TrainingWork(ModelSpec model, int batch)
    {
        (_model, Batch) = (model, batch);
        Spec = Recipes.Network(model);
        var random = new Random(1);
        X = new float[batch * Spec.InputShape.Aggregate((a, b) => a * b)];
        foreach (ref float value in X.AsSpan())
            value = random.NextSingle();
        Labels = [.. Enumerable.Range(0, batch).Select(i => i % Classes)];
    }

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>Samples of a step.</summary>
    public int Batch { get; }

    /// <summary><c>[batch, ...InputShape]</c>.</summary>
    public float[] X { get; }

    /// <summary><c>[batch]</c>.</summary>
    public int[] Labels { get; }

    /// <summary>The steps of a recipe: the article's <c>lstm</c> on 75 x 2048 features, or <c>convnet-gru</c> on 5 frames of 112 x 112.</summary>
    public static TrainingWork Of(string recipe) => recipe switch
    {
        "lstm" => new(new ModelSpec(recipe, 75, 2048, Classes), 32),
        "convnet-gru" => new(new ModelSpec(recipe, 5, 0, Classes) { Height = 112, Width = 112 }, 8),
        _ => throw new ArgumentException($"no steps of {recipe} are measured", nameof(recipe)),
    };

    /// <summary>The first weights, those of the CPU engine.</summary>
    public TensorSet FirstWeights()
    {
        ITrainableNetwork network = Recipes.Build(_model, new CpuBackend());
        network.Initialize(1);
        return network.Export().ToMemory();
    }

    /// <summary>Contends with a backend's steps; what it says when it is ready is the loss of two steps without dropout.</summary>
    public void Serve(IBackend backend)
    {
        float[] losses = [.. Losses(Begin(backend, WithoutDropout()))];
        Serve(NewStep(backend), losses);
    }

    /// <summary>Contends with steps.</summary>
    public static void Serve(Action step, ReadOnlySpan<float> losses)
    {
        step();
        Contender.Serve(Speed(step), losses);
    }

    /// <summary>A step of a backend, from the first weights on.</summary>
    public Action NewStep(IBackend backend)
    {
        ITrainingSession session = Begin(backend, Spec);
        var random = new RandomSource(2);
        return () => session.Step(X, Labels, null, random);
    }

    /// <summary>Steps per second over so many seconds, at least one.</summary>
    public static Func<double, double> Speed(Action step) => seconds =>
    {
        int steps = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            step();
            steps++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return steps / Stopwatch.GetElapsedTime(start).TotalSeconds;
    };

    private IEnumerable<float> Losses(ITrainingSession session)
    {
        var random = new RandomSource(2);
        for (int i = 0; i < 2; i++)
            yield return session.Step(X, Labels, null, random).Loss;
    }

    private ITrainingSession Begin(IBackend backend, NetworkSpec spec)
    {
        ITrainableNetwork network = backend.CreateNetwork(spec);
        network.Import(FirstWeights());
        return network.Train(new OptimizerSpec(OptimizerKind.Adam, LearningRate), new LossSpec());
    }

    private NetworkSpec WithoutDropout() => new(Spec.InputShape,
    [
        .. Spec.Layers.Select(l => l.Spec).Where(l => l is not DropoutSpec)
            .Select(l => l is RecurrentSpec recurrent ? recurrent with { Dropout = 0 } : l),
    ]);
}
