using System.Numerics.Tensors;

namespace VideoLstm.Core.Samples;

/// <summary>A picture as polynomials at each scale, for <see cref="FarnebackFlow"/>.</summary>
internal sealed class FlowExpansion
{
    internal FlowExpansion(float[][] scales) => Scales = scales;

    /// <summary>Coarsest first: <c>[height, width, 8]</c>.</summary>
    internal float[][] Scales { get; }
}
