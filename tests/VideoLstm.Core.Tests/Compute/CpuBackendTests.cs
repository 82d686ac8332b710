using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Tests.Compute;

public sealed class CpuBackendTests
{
    public static TheoryData<string> RecipeNames => [.. Recipes.All.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(RecipeNames))]
    public void LayersOfARecipeAreThoseOfItsDescription(string name)
    {
        ModelSpec model = new(name, 16, 12, 3) { Height = 96, Width = 96, Units = 6, Layers = 2, Bidirectional = true, Alpha = 0.25 };
        AssertSame(Recipes.Network(model), Engine.Build(model));
    }

    [Fact]
    public void LayersOfAKerasModelAreThoseOfItsDescription()
    {
        var network = new NetworkSpec(
            [5, 7],
            [
                new DenseSpec(8), ActivationSpec.Tanh,
                new LstmSpec(6) { ReturnSequences = true, Bidirectional = true, RecurrentActivation = GateActivation.HardSigmoid },
                new BatchNormalizationSpec { Epsilon = 0.01 }, new GruSpec(5) { ResetAfter = false, ReturnSequences = true },
                new GruSpec(4) { ReturnSequences = true },
                new FlattenSpec(), ActivationSpec.Sigmoid, new DenseSpec(3) { Trainable = false },
            ]);
        AssertSame(network, Engine.Build(network));
        Assert.Equal(
            [
                "dense", "activation", "bidirectional/forward_lstm", "batch_normalization", "gru", "gru_1", "flatten",
                "activation_1", "dense_1",
            ],
            network.Layers.Select(l => l.Paths[0]));
    }

    [Fact]
    public void ALayerThatDoesNotTakeWhatTheOneBeforeGivesIsRefused()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() =>
            new NetworkSpec([5, 7], [new GruSpec(6), new LstmSpec(6) { Bidirectional = true }]));
        Assert.StartsWith("lstm 6 in both directions takes a sequence, not [6]", refused.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(NetworkSpec expected, Network actual)
    {
        Assert.Equal(expected.InputShape, actual.InputShape);
        Assert.Equal(expected.OutputShape, [actual.Classes]);
        Assert.All(expected.Layers.Zip(actual.Layers), pair =>
        {
            Assert.Equal(pair.First.InputShape, pair.Second.InputShape);
            Assert.Equal(pair.First.OutputShape, pair.Second.OutputShape);
            Assert.Equal(pair.First.PropagatesMask, pair.Second.PropagatesMask);
            Assert.Equal(
                pair.First.Parameters.Select(p => (p.Name, string.Join(", ", p.Shape), p.Trainable)),
                pair.Second.Parameters.Select(p => (p.Name, string.Join(", ", p.Shape), p.Trainable)));
        });
    }
}
