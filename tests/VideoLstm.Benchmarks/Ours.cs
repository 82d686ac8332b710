using System.Diagnostics;
using System.Globalization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics.Optimizers;

namespace VideoLstm.Benchmarks;

/// <summary>What is measured of ours: see <see cref="Contender"/>.</summary>
internal static class Ours
{
    private const int Batch = 32;

    /// <summary>The frame that all networks see.</summary>
    public static byte[] Frame(int height, int width)
    {
        byte[] rgb = new byte[height * width * 3];
        new Random(1).NextBytes(rgb);
        return rgb;
    }

    /// <summary>The bare InceptionV3, a frame on each core: frames per second.</summary>
    public static void Network(int height, int width, Precision precision)
    {
        InferenceNetwork network = CpuBackend.CreateEngine(InceptionWeights.Random(1).Spec(height, width), precision);
        byte[] rgb = Frame(height, width);
        Session[] sessions = [.. Enumerable.Range(0, Workers.Count).Select(_ => network.CreateSession())];
        Frames(0);
        Contender.Serve(Frames, sessions[0].Features(0));

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

    /// <summary>
    /// Prints what each part of a training step takes, the least of some runs: milliseconds, those of all threads' processor time, and the
    /// share of the peak that its products reach in that processor time, which other programs disturb least.
    /// </summary>
    public static void LstmProfile()
    {
        const int Time = 75, Units = 2048, Gates = 4 * Units, Rows = Batch * Time;
        var workspace = new Workspace();
        AlignedBuffer x = new(Rows * Units), gates = new(Rows * Gates), kernel = new(Units * Gates), gradient = new(Units * Gates);
        foreach (AlignedBuffer buffer in (AlignedBuffer[])[x, kernel])
            buffer.Span.Fill(0.01f);
        unsafe
        {
            MatrixView inputs = x.Matrix(Rows, Units), all = gates.Matrix(Rows, Gates), weights = kernel.Matrix(Units, Gates);
            MatrixView change = gradient.Matrix(Units, Gates);
            const double Product = 2.0 * Rows * Units * Gates, Steps = Product * (Time - 1) / Time;
            Print("inputs to gates", Product, () => workspace.Multiply(inputs, weights, all));
            Print("packing the recurrent kernel", 0, () => workspace.Packed.Pack(weights));
            Print("recurrent, forward", Steps, () =>
            {
                for (int t = 1; t < Time; t++)
                    workspace.MultiplyByPacked(inputs.Slice((t - 1) * Batch, Batch), all.Slice(t * Batch, Batch), accumulate: true);
            });
            Print("packing it for the way back", 0, () => workspace.Packed.Pack(weights.Transposed));
            Print("recurrent, backward", Steps, () =>
            {
                for (int t = Time - 1; t > 0; t--)
                    workspace.MultiplyByPacked(all.Slice(t * Batch, Batch), inputs.Slice((t - 1) * Batch, Batch), accumulate: true);
            });
            Print("packing the gates' gradients", 0, () => workspace.Packed.Pack(all));
            Print("gradient of the kernel", Product, () => workspace.MultiplyByPacked(inputs.Transposed, change));
            Print("gradient of the recurrent kernel", Product, () => workspace.MultiplyByPacked(inputs.Transposed, change));
        }
        var parameters = (Parameter[])[new("a", Units, Gates), new("b", Units, Gates)];
        var optimizer = new Adam(1e-5f);
        Print("Adam", 0, () => optimizer.Step(parameters));
        GC.KeepAlive((x, gates, kernel, gradient));
        var (model, values, labels) = Classifier();
        var random = new RandomSource(2);
        Print("the step", Comparison.LstmStepFlops, () =>
        {
            model.ComputeGradients(values, labels, null, out _, random);
            optimizer.Step(model.Parameters);
        });

        static void Print(string name, double flops, Action action)
        {
            double least = double.MaxValue, leastOfProcessor = double.MaxValue;
            for (int i = 0; i < 8; i++)
            {
                long start = Stopwatch.GetTimestamp();
                TimeSpan processor = Environment.CpuUsage.TotalTime;
                action();
                leastOfProcessor = Math.Min(leastOfProcessor, (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
                least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            string share = flops == 0 ? "" : (flops / leastOfProcessor / 1e6 / Peak.Gflops).ToString("P1", CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34} {least,8:F1} {leastOfProcessor,8:F1} {share,7}"));
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
