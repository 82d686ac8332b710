using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Adds to each step of <c>[batch, time, features]</c> what training learns about its position: embeddings <c>[time,
/// features]</c>.
/// </summary>
public sealed unsafe class PositionEmbedding : Layer
{
    // Keras' "uniform".
    private const float InitialLimit = 0.05f;

    private readonly Workspace _workspace;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameter's name begins with.</param>
    /// <param name="time">Steps of a sequence.</param>
    /// <param name="features">Features of a step.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public PositionEmbedding(string name, int time, int features, Workspace workspace)
        : base([time, features], [time, features])
    {
        ArgumentNullException.ThrowIfNull(workspace);
        _workspace = workspace;
        Embeddings = new Parameter(name + "/embeddings", time, features);
    }

    /// <summary><c>[time, features]</c>.</summary>
    public Parameter Embeddings { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [Embeddings];

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    /// <summary>Keras' default: uniform in ±0.05.</summary>
    public override void Initialize(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        foreach (ref float weight in Embeddings.Value.Span)
            weight = (float)((2 * random.NextUniform() - 1) * InitialLimit);
    }

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        for (nint first = 0; first < (nint)pass.Batch * InputSize; first += InputSize)
            Elementwise.Run(new SumKernel(x.Pointer + first, Embeddings.Value.Pointer, y.Pointer + first), InputSize, _workspace.Level);
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        float* sum = Embeddings.Gradient.Pointer;
        Embeddings.Gradient.Span.Clear();
        for (int b = 0; b < pass.Batch; b++)
            Elementwise.Run(new SumKernel(sum, yGradient.Pointer + (nint)b * InputSize, sum), InputSize, _workspace.Level);
        if (xGradient is not null)
            yGradient.Span[..(pass.Batch * InputSize)].CopyTo(xGradient.Span);
    }
}
