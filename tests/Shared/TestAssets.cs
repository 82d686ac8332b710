using System.Runtime.CompilerServices;

namespace VideoLstm.Tests;

/// <summary>
/// Optional large test data: real clips and weights in a folder <c>shared/assets</c> beside the checkout.
/// Tests that need one call <see cref="Require"/> and are skipped, with the reason, where it is not there.
/// </summary>
internal static class TestAssets
{
    /// <summary>The root folder of the checkout.</summary>
    public static string Repository { get; } = FindRepository();

    private static string Root { get; } = Path.Combine(Path.GetDirectoryName(Repository)!, "shared", "assets");

    /// <summary>Full path of an asset, e.g. <c>Require("videos", "odd", "circle.gif")</c>; skips the test where it is missing.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([Root, .. parts]);
        Skip.IfNot(Path.Exists(path), $"test data {Path.Combine(parts)} is not on this machine");
        return path;
    }

    private static string FindRepository([CallerFilePath] string self = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(self)!, "..", ".."));
}
