using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Features;

/// <summary>
/// InceptionV3 up to its last pooling layer: an RGB picture of 299 x 299 (or any other size) to 2048 features.
/// <para>
/// C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna: Rethinking the Inception Architecture for Computer Vision
/// (https://arxiv.org/abs/1512.00567). 94 convolutions, each with batch norm (epsilon 0.001) and ReLU; 21.8 million weights;
/// 5.71 G multiply-adds at 299 x 299. Large kernels are factored: 5x5 into two 3x3, 7x7 into 1x7 and 7x1.
/// Layers are named as in torchvision and stand in the order in which torchvision and Keras create them.
/// </para>
/// <para>
/// Both dialects take pixel / 127.5 - 1: Keras' preprocessing, and what torchvision's transform_input makes of pictures
/// normalised with ImageNet's mean and deviation. They differ only in the average pools: see <see cref="InceptionDialect"/>.
/// </para>
/// </summary>
public static class InceptionV3
{
    /// <summary>Its name in files.</summary>
    public const string Name = "inception_v3";

    /// <summary>Features of a picture.</summary>
    public const int Features = 2048;

    /// <summary>The smallest height and width, in pixels.</summary>
    public const int MinimumSize = 75;

    /// <summary>The largest height and width, in pixels: a frame of this size takes 1.6 GB of memory.</summary>
    public const int MaximumSize = 4096;

    /// <summary>All convolutions in the order of their creation, which is the order of Keras' numbers and of torchvision's files.</summary>
    internal static IReadOnlyList<InceptionConvolution> Convolutions { get; } =
    [
        .. from layer in Spec(MinimumSize, MinimumSize, InceptionDialect.Keras).AllLayers
           let convolution = layer.Spec as ConvolutionBlockSpec
           where convolution is not null
           select new InceptionConvolution(
               layer.Paths[0], convolution.Filters, layer.InputShape[^1], convolution.KernelHeight, convolution.KernelWidth),
    ];

    /// <summary>The network for pictures of <paramref name="height"/> x <paramref name="width"/> pixels.</summary>
    /// <exception cref="InputException">The size is below 75 x 75 or above 4096 x 4096.</exception>
    public static NetworkSpec Spec(int height, int width, InceptionDialect dialect)
    {
        if (Math.Min(height, width) < MinimumSize || Math.Max(height, width) > MaximumSize)
        {
            throw new InputException(
                $"frames of {height} x {width} pixels: InceptionV3 takes heights and widths from {MinimumSize} to {MaximumSize}");
        }
        // Sizes behind the layers are those at 299 x 299.
        return new NetworkSpec([height, width, 3],
        [
            Conv("Conv2d_1a_3x3", 32, (3, 3), stride: 2),                // 149 x 149 x 32
            Conv("Conv2d_2a_3x3", 32, (3, 3)),                           // 147 x 147 x 32
            Conv("Conv2d_2b_3x3", 64, (3, 3), padding: Padding.Same),    // 147 x 147 x 64
            MaxPool(),                                                   // 73 x 73 x 64
            Conv("Conv2d_3b_1x1", 80, (1, 1)),                           // 73 x 73 x 80
            Conv("Conv2d_4a_3x3", 192, (3, 3)),                          // 71 x 71 x 192
            MaxPool(),                                                   // 35 x 35 x 192
            InceptionA("Mixed_5b", poolFeatures: 32, dialect),           // 35 x 35 x 256
            InceptionA("Mixed_5c", poolFeatures: 64, dialect),           // 35 x 35 x 288
            InceptionA("Mixed_5d", poolFeatures: 64, dialect),           // 35 x 35 x 288
            InceptionB("Mixed_6a"),                                      // 17 x 17 x 768
            InceptionC("Mixed_6b", channels7x7: 128, dialect),           // 17 x 17 x 768
            InceptionC("Mixed_6c", channels7x7: 160, dialect),           // 17 x 17 x 768
            InceptionC("Mixed_6d", channels7x7: 160, dialect),           // 17 x 17 x 768
            InceptionC("Mixed_6e", channels7x7: 192, dialect),           // 17 x 17 x 768
            InceptionD("Mixed_7a"),                                      // 8 x 8 x 1280
            InceptionE("Mixed_7b", dialect),                             // 8 x 8 x 2048
            InceptionE("Mixed_7c", dialect),                             // 8 x 8 x 2048
            new GlobalAveragePooling2DSpec(),                            // 2048
        ]);
    }

    private static ParallelSpec InceptionA(string name, int poolFeatures, InceptionDialect dialect) => new(
        [Conv($"{name}.branch1x1", 64, (1, 1))],
        [Conv($"{name}.branch5x5_1", 48, (1, 1)), Conv($"{name}.branch5x5_2", 64, (5, 5), padding: Padding.Same)],
        [
            Conv($"{name}.branch3x3dbl_1", 64, (1, 1)), Conv($"{name}.branch3x3dbl_2", 96, (3, 3), padding: Padding.Same),
            Conv($"{name}.branch3x3dbl_3", 96, (3, 3), padding: Padding.Same),
        ],
        [AveragePool(dialect), Conv($"{name}.branch_pool", poolFeatures, (1, 1))]);

    private static ParallelSpec InceptionB(string name) => new(
        [Conv($"{name}.branch3x3", 384, (3, 3), stride: 2)],
        [
            Conv($"{name}.branch3x3dbl_1", 64, (1, 1)), Conv($"{name}.branch3x3dbl_2", 96, (3, 3), padding: Padding.Same),
            Conv($"{name}.branch3x3dbl_3", 96, (3, 3), stride: 2),
        ],
        [MaxPool()]);

    private static ParallelSpec InceptionC(string name, int channels7x7, InceptionDialect dialect) => new(
        [Conv($"{name}.branch1x1", 192, (1, 1))],
        [
            Conv($"{name}.branch7x7_1", channels7x7, (1, 1)), Conv($"{name}.branch7x7_2", channels7x7, (1, 7), padding: Padding.Same),
            Conv($"{name}.branch7x7_3", 192, (7, 1), padding: Padding.Same),
        ],
        [
            Conv($"{name}.branch7x7dbl_1", channels7x7, (1, 1)), Conv($"{name}.branch7x7dbl_2", channels7x7, (7, 1), padding: Padding.Same),
            Conv($"{name}.branch7x7dbl_3", channels7x7, (1, 7), padding: Padding.Same),
            Conv($"{name}.branch7x7dbl_4", channels7x7, (7, 1), padding: Padding.Same),
            Conv($"{name}.branch7x7dbl_5", 192, (1, 7), padding: Padding.Same),
        ],
        [AveragePool(dialect), Conv($"{name}.branch_pool", 192, (1, 1))]);

    private static ParallelSpec InceptionD(string name) => new(
        [Conv($"{name}.branch3x3_1", 192, (1, 1)), Conv($"{name}.branch3x3_2", 320, (3, 3), stride: 2)],
        [
            Conv($"{name}.branch7x7x3_1", 192, (1, 1)), Conv($"{name}.branch7x7x3_2", 192, (1, 7), padding: Padding.Same),
            Conv($"{name}.branch7x7x3_3", 192, (7, 1), padding: Padding.Same), Conv($"{name}.branch7x7x3_4", 192, (3, 3), stride: 2),
        ],
        [MaxPool()]);

    private static ParallelSpec InceptionE(string name, InceptionDialect dialect) => new(
        [Conv($"{name}.branch1x1", 320, (1, 1))],
        [
            Conv($"{name}.branch3x3_1", 384, (1, 1)),
            new ParallelSpec(
                [Conv($"{name}.branch3x3_2a", 384, (1, 3), padding: Padding.Same)],
                [Conv($"{name}.branch3x3_2b", 384, (3, 1), padding: Padding.Same)]),
        ],
        [
            Conv($"{name}.branch3x3dbl_1", 448, (1, 1)), Conv($"{name}.branch3x3dbl_2", 384, (3, 3), padding: Padding.Same),
            new ParallelSpec(
                [Conv($"{name}.branch3x3dbl_3a", 384, (1, 3), padding: Padding.Same)],
                [Conv($"{name}.branch3x3dbl_3b", 384, (3, 1), padding: Padding.Same)]),
        ],
        [AveragePool(dialect), Conv($"{name}.branch_pool", 192, (1, 1))]);

    private static ConvolutionBlockSpec Conv(
        string name, int filters, (int Height, int Width) kernel, int stride = 1, Padding padding = Padding.Valid) =>
        new(filters, kernel.Height, kernel.Width) { Name = name, Stride = stride, Padding = padding };

    private static MaxPooling2DSpec MaxPool() => new(3) { Stride = 2 };

    private static AveragePooling2DSpec AveragePool(InceptionDialect dialect) =>
        new(3, CountsPadding: dialect == InceptionDialect.Torchvision);
}
