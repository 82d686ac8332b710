using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Export;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Onnx;

namespace VideoLstm.Benchmarks;

/// <summary>InceptionV3 as we export it, by ONNX Runtime on the processor.</summary>
internal static class OnnxRuntimePeer
{
    private const string Frames = "frames", Features = "features";

    /// <summary>Frames per second; what it says when it is ready is the features of a frame.</summary>
    public static void Serve(int height, int width, int batch, int sessions, int threads)
    {
        byte[] model = Model(height, width, batch);
        byte[] rgb = Ours.Frame(height, width);
        byte[] frames = [.. Enumerable.Range(0, batch).SelectMany(_ => rgb)];
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        InferenceSession[] all = [.. Enumerable.Range(0, sessions).Select(_ => new InferenceSession(model, options))];
        using var run = new RunOptions();
        float[][] features = [.. all.Select(Run)];
        Contender.Serve(Speed, features[0].AsSpan(0, features[0].Length / batch));
        Array.ForEach(all, session => session.Dispose());

        float[] Run(InferenceSession session)
        {
            using OrtValue x = OrtValue.CreateTensorValueFromMemory(frames, [batch, height, width, 3]);
            using IDisposableReadOnlyCollection<OrtValue> y = session.Run(run, [Frames], [x], [Features]);
            return y[0].GetTensorDataAsSpan<float>().ToArray();
        }

        double Speed(double seconds)
        {
            int count = 0;
            long start = Stopwatch.GetTimestamp();
            Thread[] running = [.. all.Select(session => new Thread(() =>
            {
                do
                {
                    Run(session);
                    Interlocked.Add(ref count, batch);
                }
                while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
            }))];
            Array.ForEach(running, thread => thread.Start());
            Array.ForEach(running, thread => thread.Join());
            return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    // All sizes are fixed, so that ONNX Runtime can plan with them.
    private static byte[] Model(int height, int width, int batch)
    {
        ExtractorSpec spec = InceptionWeights.Random(1).Spec(height, width);
        var graph = new OnnxGraph("extractor");
        string frames = graph.Input(Frames, OnnxType.UInt8, batch, height, width, 3);
        graph.Output(Features, new OnnxExtractorGraph(graph, spec).Add(frames), OnnxType.Float, batch, spec.Network.OutputShape[0]);
        using var stream = new MemoryStream();
        graph.Write(stream, new Dictionary<string, string>(StringComparer.Ordinal));
        return stream.ToArray();
    }
}
