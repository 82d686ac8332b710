using System.Diagnostics;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics.Optimizers;

namespace VideoLstm.Benchmarks;

/// <summary>What is measured of ours: see <see cref="Contender"/>.</summary>
internal static class Ours
{
    private const int Batch = 32;

    /// <summary>The bare InceptionV3, a frame on each core: frames per second.</summary>
    public static void Network(int height, int width, Precision precision)
    {
        InferenceNetwork network = CpuBackend.CreateEngine(InceptionWeights.Random(1).Spec(height, width), precision);
        byte[] rgb = new byte[height * width * 3];
        new Random(1).NextBytes(rgb);
        Session[] sessions = [.. Enumerable.Range(0, Workers.Count).Select(_ => network.CreateSession())];
        Frames(0);
        Contender.Serve(Frames);

        double Frames(double seconds)
        {
            int frames = 0;
            long start = Stopwatch.GetTimestamp();
            Thread[] threads = [.. sessions.Select(session => new Thread(() =>
            {
                do
                {
                    for (int i = 0; i < network.Frames; i++)
                        session.Add(rgb);
                    Interlocked.Add(ref frames, session.Finish());
                }
                while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            return frames / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>Training steps of the article's network per second, one at a time.</summary>
    public static void LstmStep()
    {
        var (model, x, labels) = Classifier();
        var optimizer = new Adam(1e-5f);
        var random = new RandomSource(2);
        Step(0);
        Contender.Serve(Step);

        double Step(double seconds)
        {
            long start = Stopwatch.GetTimestamp();
            model.ComputeGradients(x, labels, null, out _, random);
            optimizer.Step(model.Parameters);
            return 1 / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>Windows classified per second, so many at a time.</summary>
    public static void LstmPredict(int batch)
    {
        var (model, x, _) = Classifier();
        float[] probabilities = new float[batch * model.Classes];
        Predict(0);
        Contender.Serve(Predict);

        double Predict(double seconds)
        {
            int windows = 0;
            long start = Stopwatch.GetTimestamp();
            do
            {
                model.Predict(x.Span[..(batch * model.InputSize)], batch, probabilities);
                windows += batch;
            }
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
            return windows / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static (Network Model, AlignedBuffer X, int[] Labels) Classifier()
    {
        Network model = CpuBackend.CreateEngine(Recipes.Network(new ModelSpec("lstm", 75, 2048, 2)));
        var random = new RandomSource(1);
        model.Initialize(random);
        var values = new Random(1);
        AlignedBuffer x = new(Batch * model.InputSize);
        foreach (ref float value in x.Span)
            value = values.NextSingle();
        return (model, x, [.. Enumerable.Range(0, Batch).Select(i => i % 2)]);
    }
}
