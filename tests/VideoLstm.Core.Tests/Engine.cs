using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Tests;

/// <summary>The CPU engine behind the backend, for tests that look at what it computes.</summary>
internal static class Engine
{
    public static IBackend Backend { get; } = new CpuBackend();

    public static Network Build(ModelSpec spec) => Of(Recipes.Build(spec, Backend));

    public static Network Build(NetworkSpec spec) => Of(Backend.CreateNetwork(spec));

    public static Network Of(ITrainableNetwork network) => ((CpuNetwork)network).Engine;

    /// <summary>The same network as the product sees it.</summary>
    public static ITrainableNetwork Wrap(Network network, ModelSpec spec) => new CpuNetwork(Recipes.Network(spec), network);

    public static TensorSet Weights(Network network) => new CpuNetwork(null!, network).Export();
}
