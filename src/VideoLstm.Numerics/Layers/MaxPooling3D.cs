using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The largest value of each window of a volume <c>[time, height, width, channels]</c>, Keras' MaxPooling3D. The gradient goes
/// to the first of the largest.
/// </summary>
public sealed class MaxPooling3D : MaxPooling
{
    /// <summary>A layer without parameters.</summary>
    /// <param name="inputShape">Of one sample: 4 dimensions.</param>
    /// <param name="pool">Steps, height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="strides">From a window to the next, in time, down and across; null: as large as the window.</param>
    /// <param name="padding">What windows do at the borders.</param>
    public MaxPooling3D(
        ReadOnlySpan<int> inputShape, (int Time, int Height, int Width) pool, Workspace workspace,
            (int Time, int Height, int Width)? strides = null,
        Padding padding = Padding.Valid)
        : base(inputShape, Windows(inputShape, Sizes(pool), Sizes(strides ?? pool), padding), workspace)
    {
    }

    private static int[] Sizes((int Time, int Height, int Width) window) => [window.Time, window.Height, window.Width];
}
