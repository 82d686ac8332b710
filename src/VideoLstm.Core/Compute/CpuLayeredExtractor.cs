using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Compute;

/// <summary>A network for pictures whose layers are those of networks that learn: MobileNet.</summary>
internal sealed class CpuLayeredExtractor : ArrayBatchedExtractor
{
    private const int Frames = 4;

    private readonly ExtractorSpec _spec;
    private readonly Network _network;
    private readonly float[] _pixels = new float[256];
    private readonly float[] _input;

    /// <summary>A network with its weights.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="network">What computes it; its weights are still to come.</param>
    public CpuLayeredExtractor(ExtractorSpec spec, CpuNetwork network)
        : base(BatchOf(Frames, spec.Network.InputShape.Aggregate(1L, (a, b) => a * b)), threads: 1)
    {
        network.Import(spec.Weights);
        (_spec, _network) = (spec, network.Engine);
        for (int i = 0; i < _pixels.Length; i++)
            _pixels[i] = i / spec.Divisor + spec.Offset;
        _input = new float[BatchSize * _network.InputSize];
    }

    /// <inheritdoc/>
    public override int Height => _spec.Network.InputShape[0];

    /// <inheritdoc/>
    public override int Width => _spec.Network.InputShape[1];

    /// <inheritdoc/>
    public override int Features => _spec.Network.OutputShape[0];

    /// <inheritdoc/>
    protected override void Compute(byte[] frames, int count, float[] features)
    {
        int sample = _network.InputSize;
        Workers.For(BatchSize, i =>
        {
            for (int p = i * sample; p < (i + 1) * sample; p++)
                _input[p] = _pixels[frames[p]];
        });
        _network.Compute(_input, BatchSize, features);
    }
}
