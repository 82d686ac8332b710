using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Keras' BatchNormalization over the channels, the last dimension of any shape: y = gamma · (x - mean) / sqrt(variance +
/// epsilon) + beta. Training takes mean and variance (biased) from the batch and lets the moving ones follow: moving ·
/// momentum + batch · (1 - momentum). Otherwise, and where gamma and beta are frozen, the moving ones are used.
/// With a warm-up the momentum of the first steps is smaller, as that of TensorFlow's ExponentialMovingAverage with num_updates, since first
/// values that are nobody's statistics would be left over from few steps: of 0.99, half of them after 69.
/// Parameters: gamma, beta, moving_mean, moving_variance <c>[channels]</c>; training by gradients leaves the last two alone.
/// </summary>
/// <remarks>S. Ioffe, C. Szegedy, "Batch Normalization" (2015).</remarks>
public sealed unsafe class BatchNormalization : SpatialLayer
{
    private readonly float _momentum;
    private readonly bool _warmsUp;
    private readonly Activation _activation;
    private readonly AlignedBuffer _mean, _scale, _slope, _shift;
    private readonly float[] _deviation;

    /// <summary>A layer with gamma and variance 1, beta and mean 0: Keras' first values.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="shape">Of one sample: channels last.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="momentum">What the moving statistics keep in a step, 0 to 1.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="activation">What is done to each output.</param>
    /// <param name="warmsUp">Whether the momentum is that of <see cref="MomentumAt"/>.</param>
    public BatchNormalization(string name, ReadOnlySpan<int> shape, Workspace workspace, float momentum = 0.99f, float epsilon = 1e-3f,
        Activation activation = Activation.None, bool warmsUp = false)
        : base(shape, shape, workspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(momentum, 1f);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        (_momentum, Epsilon, _activation, _warmsUp) = (momentum, epsilon, activation, warmsUp);
        Gamma = new Parameter(name + "/gamma", InputChannels);
        Beta = new Parameter(name + "/beta", InputChannels);
        MovingMean = new Parameter(name + "/moving_mean", InputChannels) { Trainable = false };
        MovingVariance = new Parameter(name + "/moving_variance", InputChannels) { Trainable = false };
        Gamma.Value.Span.Fill(1f);
        MovingVariance.Value.Span.Fill(1f);
        int filled = ChannelBlocks.Count(InputChannels) * ActivationMap.BlockSize;
        (_mean, _scale, _slope, _shift, _deviation) = (new(filled), new(filled), new(filled), new(filled), new float[filled]);
    }

    /// <summary><c>[channels]</c>.</summary>
    public Parameter Gamma { get; }

    /// <summary><c>[channels]</c>.</summary>
    public Parameter Beta { get; }

    /// <summary><c>[channels]</c>, not trainable.</summary>
    public Parameter MovingMean { get; }

    /// <summary><c>[channels]</c>, not trainable.</summary>
    public Parameter MovingVariance { get; }

    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [Gamma, Beta, MovingMean, MovingVariance];

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    private protected override Activation OutputActivation => _activation;

    private protected override bool TakesActivations => true;

    private int BlockCount => ChannelBlocks.Count(InputChannels);

    /// <summary>What moving statistics keep in a step of a warm-up: min(momentum, (1 + step) / (10 + step)).</summary>
    /// <param name="step">From 0.</param>
    /// <param name="momentum">What they keep later, 0 to 1.</param>
    public static float MomentumAt(long step, float momentum) => MathF.Min(momentum, (1f + step) / (10f + step));

    /// <inheritdoc/>
    public override void Initialize(RandomSource random)
    {
        Gamma.Value.Span.Fill(1f);
        Beta.Value.Span.Clear();
        MovingMean.Value.Span.Clear();
        MovingVariance.Value.Span.Fill(1f);
    }

    private protected override void Forward(float* x, float* y, in Pass pass)
    {
        int frames = Frames(InputShape, pass.Batch), pixels = Pixels(InputShape);
        if (UsesBatch(pass))
        {
            (float[] mean, float[] variance) = ChannelStatistics.Moments(x, frames, BlockCount, pixels, Workspace);
            SetStatistics(mean, variance);
            float momentum = _warmsUp ? MomentumAt(pass.Step, _momentum) : _momentum;
            Follow(MovingMean, mean, momentum);
            Follow(MovingVariance, variance, momentum);
        }
        else
        {
            SetStatistics(MovingMean.Value.Span, MovingVariance.Value.Span);
        }
        for (int c = 0; c < InputChannels; c++)
            (_scale.Span[c], _shift.Span[c]) = (Gamma.Value.Span[c] / _deviation[c], Beta.Value.Span[c]);
        ChannelStatistics.NormalizePlane kernel = new()
        {
            X = x, Y = y, Mean = _mean.Pointer, Scale = _scale.Pointer, Shift = _shift.Pointer,
            Activation = _activation, Blocks = BlockCount, Pixels = pixels,
        };
        Elementwise.RunPlanes(kernel, frames * BlockCount, Workspace.Level);
    }

    private protected override void Backward(float* x, float* y, float* dy, float* dx, in Pass pass)
    {
        int frames = Frames(InputShape, pass.Batch), pixels = Pixels(InputShape);
        bool learns = Gamma.Trainable || Beta.Trainable;
        if (learns || UsesBatch(pass))
        {
            (double[] gradient, double[] product) =
                ChannelStatistics.Products(x, y, dy, _mean.Pointer, OwnActivation, frames, BlockCount, pixels, Workspace);
            double count = (double)frames * pixels;
            for (int c = 0; c < InputChannels; c++)
            {
                double deviation = _deviation[c], scale = Gamma.Value.Span[c] / deviation;
                Gamma.Gradient.Span[c] = (float)(product[c] / deviation);
                Beta.Gradient.Span[c] = (float)gradient[c];
                _slope.Span[c] = UsesBatch(pass) ? (float)(-scale * product[c] / (count * deviation * deviation)) : 0f;
                _shift.Span[c] = UsesBatch(pass) ? (float)(-scale * gradient[c] / count) : 0f;
            }
        }
        else
        {
            _slope.Span.Clear();
            _shift.Span.Clear();
        }
        if (dx == null)
            return;
        ChannelStatistics.GradientPlane kernel = new()
        {
            X = x, Y = y, Gradient = dy, InputGradient = dx,
            Mean = _mean.Pointer, Scale = _scale.Pointer, Slope = _slope.Pointer, Shift = _shift.Pointer,
            Activation = OwnActivation, InputActivation = InputActivation, Blocks = BlockCount, Pixels = pixels,
        };
        Elementwise.RunPlanes(kernel, frames * BlockCount, Workspace.Level);
    }

    private bool UsesBatch(in Pass pass) => pass.Training && (Gamma.Trainable || Beta.Trainable);

    private void SetStatistics(ReadOnlySpan<float> mean, ReadOnlySpan<float> variance)
    {
        for (int c = 0; c < InputChannels; c++)
            (_mean.Span[c], _deviation[c]) = (mean[c], MathF.Sqrt(variance[c] + Epsilon));
    }

    private void Follow(Parameter moving, float[] batch, float momentum)
    {
        for (int c = 0; c < InputChannels; c++)
            moving.Value.Span[c] = moving.Value.Span[c] * momentum + batch[c] * (1 - momentum);
    }
}
