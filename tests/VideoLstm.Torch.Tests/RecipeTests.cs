using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using Xunit.Abstractions;

namespace VideoLstm.Torch.Tests;

/// <summary>All recipes give what the CPU engine gives: probabilities, and everything after a step, dropout included.</summary>
public sealed class RecipeTests(ITestOutputHelper output)
{
    private const int Batch = 3;

    public static TheoryData<string> Names => [.. Recipes.All.Select(r => r.Name)];

    /// <summary>
    /// Not I3D, of whose gradient rounding decides the third digit, in the engine alone as well: 21 batch norms one behind the other, each by
    /// the statistics of a few samples, magnify it. <see cref="StackTests"/> has its layers, FrameRecipeTests its gradient by moving statistics.
    /// </summary>
    public static TheoryData<string> NamesOfSteps => [.. Recipes.All.Select(r => r.Name).Where(n => n != "i3d")];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void PredictionsOfARecipeAreThoseOfTheEngine(string name)
    {
        using Pair pair = Of(name);
        pair.AssertSamePredictions(Batch);
        if (!Recipes.Find(name)!.NeedsAllFrames)
            pair.AssertSamePredictions(Batch, pair.Mask(Batch));
    }

    // Plain descent, of which a step is the gradient: Adam's first goes as far whatever the gradient's size, and to either side for
    // rounding.
    [SkippableTheory]
    [MemberData(nameof(NamesOfSteps))]
    public void AStepOfARecipeIsThatOfTheEngine(string name)
    {
        bool isVolume = name is "c3d" or "conv3d";
        // A batch norm of as few samples as others take here magnifies rounding.
        int batch = isVolume ? 1 : name == "mobilenet-flatten" ? 8 : Batch;
        using Pair pair = Of(name);
        pair.AssertSameSteps(
            new OptimizerSpec(OptimizerKind.Sgd, 0.0001), new LossSpec(), batch,
            masked: !Recipes.Find(name)!.NeedsAllFrames, smooth: isVolume);
    }

    private Pair Of(string name) => Of(name, Libtorch.Require(), output);

    internal static Pair Of(string name, IBackend backend, ITestOutputHelper? output)
    {
        bool isVolume = name is "c3d" or "conv3d" or "i3d";
        (int time, int height, int width) = name switch
        {
            "c3d" => (16, 32, 32),
            "i3d" => (6, 40, 33),
            "conv3d" => (11, 80, 80),
            "lrcn" => (3, 80, 80),
            _ when name.StartsWith("mobilenet", StringComparison.Ordinal) => (3, 64, 96),
            _ when name.StartsWith("convnet", StringComparison.Ordinal) => (2, 17, 16),
            _ => (5, 1, 1),
        };
        ModelSpec model = new(name, time, Recipes.Find(name)!.SeesFrames ? 0 : 12, 3)
        {
            Height = height, Width = width, Units = 8, Layers = isVolume ? 1 : 2, Bidirectional = !isVolume, Alpha = 0.25,
            Edition = Recipes.Find(name)!.Edition,
        };
        // Such that rounding does not decide which value a ReLU or a pooling lets through.
        ulong seed = name switch { "convnet-lstm" => 10, "convnet-flatten" => 6, _ => 5 };
        return new Pair(Recipes.Network(model), backend, output, seed: seed);
    }
}
