using VideoLstm.Numerics.Inference;

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
    /// <summary>Features of a picture.</summary>
    public const int Features = 2048;

    /// <summary>The smallest height and width, in pixels.</summary>
    public const int MinimumSize = 75;

    /// <summary>The largest height and width, in pixels: a frame of this size takes 1.6 GB of memory.</summary>
    public const int MaximumSize = 4096;

    private const int FramesTogether = 2;

    /// <summary>All convolutions in the order of their creation, which is the order of Keras' numbers and of torchvision's files.</summary>
    internal static IReadOnlyList<InceptionConvolution> Convolutions { get; } = List();

    /// <summary>
    /// The network for pictures of <paramref name="height"/> x <paramref name="width"/> pixels. A session takes a few at a
    /// time: 80 of its 87 MB of weights are those of the last layers, and would be read anew for each.
    /// </summary>
    /// <exception cref="InputException">The size is below 75 x 75 or above 4096 x 4096.</exception>
    public static InferenceNetwork Build(InceptionWeights weights, int height, int width, Precision precision = Precision.Float)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (Math.Min(height, width) < MinimumSize || Math.Max(height, width) > MaximumSize)
            throw new InputException($"frames of {height} x {width} pixels: InceptionV3 takes heights and widths from {MinimumSize} to {MaximumSize}");
        InferenceNetworkBuilder net = new(height, width);
        return net.Build(new FrozenDefinition(net, weights.Dialect, weights.Fold).Network(net.Input), precision, FramesTogether);
    }

    private static List<InceptionConvolution> List()
    {
        InferenceNetworkBuilder net = new(MinimumSize, MinimumSize);
        FrozenDefinition definition = new(net, InceptionDialect.Keras, _ => default);
        definition.Network(net.Input);
        return definition.Convolutions;
    }

    /// <summary>The layers, one behind the other, whatever they are made of.</summary>
    /// <typeparam name="TMap">What a layer puts out.</typeparam>
    internal abstract class Definition<TMap>
    {
        /// <summary>From a picture, its values scaled to -1..1, to 2048 features.</summary>
        public TMap Network(TMap picture)
        {
            // Sizes behind the layers are those at 299 x 299.
            TMap x = picture;
            x = Conv("Conv2d_1a_3x3", x, 32, (3, 3), stride: 2);        // 32 x 149 x 149
            x = Conv("Conv2d_2a_3x3", x, 32, (3, 3));                   // 32 x 147 x 147
            x = Conv("Conv2d_2b_3x3", x, 64, (3, 3), padding: (1, 1));  // 64 x 147 x 147
            x = MaxPool(x);                                             // 64 x 73 x 73
            x = Conv("Conv2d_3b_1x1", x, 80, (1, 1));                   // 80 x 73 x 73
            x = Conv("Conv2d_4a_3x3", x, 192, (3, 3));                  // 192 x 71 x 71
            x = MaxPool(x);                                             // 192 x 35 x 35
            x = InceptionA("Mixed_5b", x, poolFeatures: 32);            // 256 x 35 x 35
            x = InceptionA("Mixed_5c", x, poolFeatures: 64);            // 288 x 35 x 35
            x = InceptionA("Mixed_5d", x, poolFeatures: 64);            // 288 x 35 x 35
            x = InceptionB("Mixed_6a", x);                              // 768 x 17 x 17
            x = InceptionC("Mixed_6b", x, channels7x7: 128);            // 768 x 17 x 17
            x = InceptionC("Mixed_6c", x, channels7x7: 160);            // 768 x 17 x 17
            x = InceptionC("Mixed_6d", x, channels7x7: 160);            // 768 x 17 x 17
            x = InceptionC("Mixed_6e", x, channels7x7: 192);            // 768 x 17 x 17
            x = InceptionD("Mixed_7a", x);                              // 1280 x 8 x 8
            x = InceptionE("Mixed_7b", x);                              // 2048 x 8 x 8
            x = InceptionE("Mixed_7c", x);                              // 2048 x 8 x 8
            return GlobalAveragePool(x);                                // 2048
        }

        private TMap InceptionA(string name, TMap x, int poolFeatures)
        {
            TMap branch1x1 = Conv($"{name}.branch1x1", x, 64, (1, 1));

            TMap branch5x5 = Conv($"{name}.branch5x5_1", x, 48, (1, 1));
            branch5x5 = Conv($"{name}.branch5x5_2", branch5x5, 64, (5, 5), padding: (2, 2));

            TMap branch3x3dbl = Conv($"{name}.branch3x3dbl_1", x, 64, (1, 1));
            branch3x3dbl = Conv($"{name}.branch3x3dbl_2", branch3x3dbl, 96, (3, 3), padding: (1, 1));
            branch3x3dbl = Conv($"{name}.branch3x3dbl_3", branch3x3dbl, 96, (3, 3), padding: (1, 1));

            TMap branchPool = Conv($"{name}.branch_pool", AveragePool(x), poolFeatures, (1, 1));
            return Concat(branch1x1, branch5x5, branch3x3dbl, branchPool);
        }

        private TMap InceptionB(string name, TMap x)
        {
            TMap branch3x3 = Conv($"{name}.branch3x3", x, 384, (3, 3), stride: 2);

            TMap branch3x3dbl = Conv($"{name}.branch3x3dbl_1", x, 64, (1, 1));
            branch3x3dbl = Conv($"{name}.branch3x3dbl_2", branch3x3dbl, 96, (3, 3), padding: (1, 1));
            branch3x3dbl = Conv($"{name}.branch3x3dbl_3", branch3x3dbl, 96, (3, 3), stride: 2);

            return Concat(branch3x3, branch3x3dbl, MaxPool(x));
        }

        private TMap InceptionC(string name, TMap x, int channels7x7)
        {
            TMap branch1x1 = Conv($"{name}.branch1x1", x, 192, (1, 1));

            TMap branch7x7 = Conv($"{name}.branch7x7_1", x, channels7x7, (1, 1));
            branch7x7 = Conv($"{name}.branch7x7_2", branch7x7, channels7x7, (1, 7), padding: (0, 3));
            branch7x7 = Conv($"{name}.branch7x7_3", branch7x7, 192, (7, 1), padding: (3, 0));

            TMap branch7x7dbl = Conv($"{name}.branch7x7dbl_1", x, channels7x7, (1, 1));
            branch7x7dbl = Conv($"{name}.branch7x7dbl_2", branch7x7dbl, channels7x7, (7, 1), padding: (3, 0));
            branch7x7dbl = Conv($"{name}.branch7x7dbl_3", branch7x7dbl, channels7x7, (1, 7), padding: (0, 3));
            branch7x7dbl = Conv($"{name}.branch7x7dbl_4", branch7x7dbl, channels7x7, (7, 1), padding: (3, 0));
            branch7x7dbl = Conv($"{name}.branch7x7dbl_5", branch7x7dbl, 192, (1, 7), padding: (0, 3));

            TMap branchPool = Conv($"{name}.branch_pool", AveragePool(x), 192, (1, 1));
            return Concat(branch1x1, branch7x7, branch7x7dbl, branchPool);
        }

        private TMap InceptionD(string name, TMap x)
        {
            TMap branch3x3 = Conv($"{name}.branch3x3_1", x, 192, (1, 1));
            branch3x3 = Conv($"{name}.branch3x3_2", branch3x3, 320, (3, 3), stride: 2);

            TMap branch7x7x3 = Conv($"{name}.branch7x7x3_1", x, 192, (1, 1));
            branch7x7x3 = Conv($"{name}.branch7x7x3_2", branch7x7x3, 192, (1, 7), padding: (0, 3));
            branch7x7x3 = Conv($"{name}.branch7x7x3_3", branch7x7x3, 192, (7, 1), padding: (3, 0));
            branch7x7x3 = Conv($"{name}.branch7x7x3_4", branch7x7x3, 192, (3, 3), stride: 2);

            return Concat(branch3x3, branch7x7x3, MaxPool(x));
        }

        private TMap InceptionE(string name, TMap x)
        {
            TMap branch1x1 = Conv($"{name}.branch1x1", x, 320, (1, 1));

            TMap branch3x3 = Conv($"{name}.branch3x3_1", x, 384, (1, 1));
            TMap branch3x3a = Conv($"{name}.branch3x3_2a", branch3x3, 384, (1, 3), padding: (0, 1));
            TMap branch3x3b = Conv($"{name}.branch3x3_2b", branch3x3, 384, (3, 1), padding: (1, 0));

            TMap branch3x3dbl = Conv($"{name}.branch3x3dbl_1", x, 448, (1, 1));
            branch3x3dbl = Conv($"{name}.branch3x3dbl_2", branch3x3dbl, 384, (3, 3), padding: (1, 1));
            TMap branch3x3dbla = Conv($"{name}.branch3x3dbl_3a", branch3x3dbl, 384, (1, 3), padding: (0, 1));
            TMap branch3x3dblb = Conv($"{name}.branch3x3dbl_3b", branch3x3dbl, 384, (3, 1), padding: (1, 0));

            TMap branchPool = Conv($"{name}.branch_pool", AveragePool(x), 192, (1, 1));
            return Concat(branch1x1, branch3x3a, branch3x3b, branch3x3dbla, branch3x3dblb, branchPool);
        }

        /// <summary>Convolution, batch norm and ReLU.</summary>
        protected abstract TMap Conv(string name, TMap x, int filters, (int Height, int Width) kernel, int stride = 1, (int Y, int X) padding = default);

        /// <summary>3 x 3, stride 2, without padding.</summary>
        protected abstract TMap MaxPool(TMap x);

        /// <summary>3 x 3, stride 1, padding 1, of which the dialect says whether it counts.</summary>
        protected abstract TMap AveragePool(TMap x);

        /// <summary>The mean of each channel.</summary>
        protected abstract TMap GlobalAveragePool(TMap x);

        /// <summary>All channels of maps one after the other.</summary>
        protected abstract TMap Concat(params ReadOnlySpan<TMap> parts);
    }

    private sealed class FrozenDefinition(InferenceNetworkBuilder net, InceptionDialect dialect, Func<InceptionConvolution, ConvolutionParameters> weights) : Definition<FeatureMap>
    {
        public List<InceptionConvolution> Convolutions { get; } = [];

        protected override FeatureMap Conv(string name, FeatureMap x, int filters, (int Height, int Width) kernel, int stride = 1, (int Y, int X) padding = default)
        {
            InceptionConvolution layer = new(name, filters, x.Channels, kernel.Height, kernel.Width);
            Convolutions.Add(layer);
            return net.Convolution(x, filters, kernel, stride, padding, () => weights(layer));
        }

        protected override FeatureMap MaxPool(FeatureMap x) => net.MaxPool(x, size: 3, stride: 2);

        protected override FeatureMap AveragePool(FeatureMap x) =>
            net.AveragePool(x, size: 3, stride: 1, padding: 1, countPadding: dialect == InceptionDialect.Torchvision);

        protected override FeatureMap GlobalAveragePool(FeatureMap x) => net.GlobalAveragePool(x);

        protected override FeatureMap Concat(params ReadOnlySpan<FeatureMap> parts) => FeatureMap.Concat(parts);
    }
}
