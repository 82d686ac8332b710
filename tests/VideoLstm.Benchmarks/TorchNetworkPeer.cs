using System.Diagnostics;
using TorchSharp;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Tests;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VideoLstm.Benchmarks;

/// <summary>
/// InceptionV3 as a user of PyTorch computes it: torchvision's layers one by one, convolution, batch norm and ReLU apart, with nothing
/// folded, on libtorch's CPU.
/// </summary>
internal sealed class TorchNetworkPeer
{
    private readonly ExtractorSpec _spec;
    private readonly bool _channelsLast;
    private readonly Dictionary<string, Tensor> _weights;

    private TorchNetworkPeer(ExtractorSpec spec, bool channelsLast)
    {
        (_spec, _channelsLast) = (spec, channelsLast);
        _weights = spec.Weights.ToDictionary(
            t => t.Name, t => Laid(tensor(t.Values.ToArray(), [.. t.Shape.Select(s => (long)s)])), StringComparer.Ordinal);
    }

    /// <summary>Frames per second; what it says when it is ready is the features of a frame.</summary>
    public static void Serve(int height, int width, int batch, bool channelsLast)
    {
        TorchPeers.Prepare();
        using IDisposable without = inference_mode();
        var peer = new TorchNetworkPeer(InceptionWeights.Random(1).Spec(height, width), channelsLast);
        byte[] rgb = Ours.Frame(height, width);
        Tensor frames = tensor(rgb, [1, height, width, 3], ScalarType.Byte).repeat(batch, 1, 1, 1);
        float[] features = peer.Run(frames);
        Contender.Serve(Frames, features);

        double Frames(double seconds)
        {
            int count = 0;
            long start = Stopwatch.GetTimestamp();
            do
            {
                peer.Run(frames);
                count += batch;
            }
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
            return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>The features of the first frame.</summary>
    private float[] Run(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Laid((frames.to(float32) / _spec.Divisor + _spec.Offset).permute(0, 3, 1, 2));
        return Run(_spec.Network.Layers, x)[0].data<float>().ToArray();
    }

    private Tensor Run(IReadOnlyList<NetworkLayer> layers, Tensor x) => layers.Aggregate(x, (y, layer) => Run(layer, y));

    private Tensor Run(NetworkLayer layer, Tensor x)
    {
        switch (layer.Spec)
        {
            case ParallelSpec:
                return cat([.. layer.Branches.Select(branch => Run(branch, x))], 1);
            case ConvolutionBlockSpec spec:
                Tensor[] w = [.. layer.Parameters.Select(p => _weights[p.Name])];
                var axes = spec.Axes(layer.InputShape);
                Tensor sums = F.conv2d(x, w[0], null, [.. axes.Select(a => (long)a.Stride)], [.. axes.Select(a => (long)a.PadBefore)]);
                return F.relu(F.batch_norm(sums, w[3], w[4], w[1], w[2], eps: ConvolutionBlockSpec.Epsilon), inplace: true);
            case MaxPooling2DSpec spec:
                return F.max_pool2d(x, [spec.Size, spec.Size], [spec.Stride, spec.Stride]);
            case AveragePooling2DSpec spec:
                return F.avg_pool2d(
                    x, [spec.Size, spec.Size], [1, 1], [spec.Size / 2, spec.Size / 2], count_include_pad: spec.CountsPadding);
            case GlobalAveragePooling2DSpec:
                return x.mean([2L, 3L]);
            default:
                throw new ArgumentException($"torchvision's InceptionV3 has no {layer.Spec}", nameof(layer));
        }
    }

    private Tensor Laid(Tensor x) => TorchPeers.Laid(x, _channelsLast);
}
