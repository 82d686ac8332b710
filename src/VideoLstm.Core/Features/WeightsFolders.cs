namespace VideoLstm.Core.Features;

/// <summary>The folders in which weights may lie.</summary>
/// <param name="Cache">Our own; downloads go there.</param>
/// <param name="Keras">Where Keras keeps its models.</param>
/// <param name="Torch">Where torch's hub keeps its checkpoints.</param>
public sealed record WeightsFolders(string Cache, string Keras, string Torch)
{
    /// <summary>The folders of this user, by the environment variables that Keras, torch and XDG define.</summary>
    public static WeightsFolders OfThisUser()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        string cacheHome = Variable("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache");
        string ours = OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "vlstm")
            : Path.Combine(cacheHome, "vlstm");
        return new WeightsFolders(
            Variable("VLSTM_CACHE") ?? ours,
            Path.Combine(Variable("KERAS_HOME") ?? Path.Combine(home, ".keras"), "models"),
            Path.Combine(Variable("TORCH_HOME") ?? Path.Combine(cacheHome, "torch"), "hub", "checkpoints"));
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
