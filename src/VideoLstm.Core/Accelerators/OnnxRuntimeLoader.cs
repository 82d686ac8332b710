using System.Reflection;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;

namespace VideoLstm.Core.Accelerators;

/// <summary>
/// Loads ONNX Runtime when a network in its format is first asked for. Its native library is looked for in the folder that the user
/// names, beside the program, and in the user's cache, where the .NET SDK puts it if it is nowhere.
/// </summary>
public static class OnnxRuntimeLoader
{
    /// <summary>The environment variable that names a folder with the native library.</summary>
    public const string Variable = "VLSTM_ONNXRUNTIME";

    /// <summary>The version that our code is made for.</summary>
    public const string Version = "1.31.1";

    private const string Package = "Microsoft.ML.OnnxRuntime", Library = "VideoLstm.Onnx", Runtime = "VideoLstm.Onnx.OnnxRuntime";

    private static IOnnxRuntime? _loaded;

    private static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll"
        : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";

    private static PackagedFiles Files => new(
        Package, Version, Megabytes: 160, Path.Combine(WeightsFolders.OfThisUser().Cache, "onnxruntime-" + Version),
        [($"runtimes/{AcceleratorPackage.Platform()}/native/{FileName}", null)]);

    /// <summary>Where the native library is; null: nowhere here.</summary>
    /// <exception cref="InputException">It is not where the user says.</exception>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } asked)
        {
            string named = Path.Combine(Path.GetFullPath(asked), FileName);
            return File.Exists(named) ? named : throw new InputException($"{Variable}: {asked}: holds no {FileName}");
        }
        string beside = Path.Combine(AppContext.BaseDirectory, FileName);
        return File.Exists(beside) ? beside : Files.AreThere ? Files.PathOf(FileName) : null;
    }

    /// <summary>Loads it; what is nowhere here is got.</summary>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="InputException">It cannot be had, or cannot be loaded.</exception>
    public static async Task<IOnnxRuntime> LoadAsync(IJobObserver observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (_loaded is not null)
            return _loaded;
        string? library = Find();
        if (library is null)
        {
            observer.Remark($"{Package} {Version}, which computes such networks, is got once: about {Files.Megabytes} MB");
            await Files.GetAsync(observer, ct);
            library = Files.PathOf(FileName);
        }
        try
        {
            var own = Assembly.Load(Library);
            return _loaded = (IOnnxRuntime)Activator.CreateInstance(own.GetType(Runtime, throwOnError: true)!, library)!;
        }
        catch (Exception e) when (e is not InputException)
        {
            Exception cause = e;
            while (cause is TargetInvocationException or TypeInitializationException && cause.InnerException is { } inner)
                cause = inner;
            throw new InputException($"{library}: cannot be loaded: {cause.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
