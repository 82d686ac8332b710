namespace VideoLstm.Core.Features;

/// <summary>The folders in which weights may lie.</summary>
/// <param name="Cache">Our own; downloads go there.</param>
/// <param name="Keras">Where Keras keeps its models.</param>
/// <param name="Torch">Where torch's hub keeps its checkpoints.</param>
public sealed record WeightsFolders(string Cache, string Keras, string Torch)
{
    /// <summary>The folders of this user, by the environment variables that Keras, torch and XDG define.</summary>
    public static WeightsFolders OfThisUser() => By(
        Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
        OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) : null);

    // localData: where Windows keeps what programs keep for a user; null elsewhere.
    internal static WeightsFolders By(Func<string, string?> variable, string home, string? localData)
    {
        // The XDG specification has relative paths ignored.
        string caches = Variable("XDG_CACHE_HOME") is { } xdg && Path.IsPathFullyQualified(xdg) ? xdg : Path.Combine(home, ".cache");
        return new WeightsFolders(
            Path.GetFullPath(Variable("VLSTM_CACHE") ?? Path.Combine(localData ?? caches, "vlstm")),
            Path.GetFullPath(Path.Combine(Variable("KERAS_HOME") ?? Path.Combine(home, ".keras"), "models")),
            Path.GetFullPath(Path.Combine(Variable("TORCH_HOME") ?? Path.Combine(caches, "torch"), "hub", "checkpoints")));

        string? Variable(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }
}
