using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>The largest value of each window of a picture, Keras' MaxPooling2D. The gradient goes to the first of the largest.</summary>
public sealed class MaxPooling2D : MaxPooling
{
    /// <summary>A layer without parameters.</summary>
    /// <param name="inputShape">Of one sample: 3 dimensions, or 4 of which the first is time.</param>
    /// <param name="pool">Height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="strides">From a window to the next, down and across; null: as large as the window.</param>
    /// <param name="padding">What windows do at the borders.</param>
    public MaxPooling2D(
        ReadOnlySpan<int> inputShape, (int Height, int Width) pool, Workspace workspace, (int Height, int Width)? strides = null,
        Padding padding = Padding.Valid)
        : base(inputShape, Windows(inputShape, Sizes(pool), Sizes(strides ?? pool), padding), workspace)
    {
    }

    private static int[] Sizes((int Height, int Width) window) => [window.Height, window.Width];
}
