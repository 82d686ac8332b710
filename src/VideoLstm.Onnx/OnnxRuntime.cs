using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using VideoLstm.Core;
using VideoLstm.Core.Compute;

namespace VideoLstm.Onnx;

/// <summary>ONNX Runtime, on the processor or on a card of NVIDIA.</summary>
public sealed class OnnxRuntime : IOnnxRuntime
{
    private static string? _library;

    /// <summary>Loads the native library.</summary>
    /// <param name="library">Full path of it.</param>
    /// <exception cref="InvalidOperationException">Another has been loaded before.</exception>
    /// <exception cref="DllNotFoundException">It cannot be loaded.</exception>
    public OnnxRuntime(string library)
    {
        ArgumentException.ThrowIfNullOrEmpty(library);
        string? before = Interlocked.CompareExchange(ref _library, library, null);
        if (before is null)
        {
            OrtEnv.DisableDllImportResolver = true;
            NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, Resolve);
        }
        else if (before != library)
        {
            throw new InvalidOperationException($"{before} has been loaded already");
        }
        // What it complains of comes as exceptions; on standard error nobody asked for it.
        OrtEnv.Instance().EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
        Version = OrtEnv.Instance().GetVersionString();
    }

    /// <inheritdoc/>
    public string Version { get; }

    /// <inheritdoc/>
    public bool KnowsCards => OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider", StringComparer.Ordinal);

    /// <inheritdoc/>
    public IOnnxSession Open(OnnxModel model, string output, int threads, int? card)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            return new OnnxSession(model, output, threads, card);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InputException($"{model.Name}: ONNX Runtime {Version} cannot compute it: {Explain(e)}", e);
        }
    }

    /// <summary>What it says of a fault, in one line and without where in its source that was found.</summary>
    internal static string Explain(OnnxRuntimeException e)
    {
        string text = e.Message.ReplaceLineEndings(" ").Trim();
        int code = text.StartsWith("[ErrorCode:", StringComparison.Ordinal) ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        text = text[(code + 1)..].Trim();
        // Of a model in memory, it is told by no name.
        foreach (string prefix in (string[])["Load model from ", "Exception during initialization: ", "Failed to load model with error: "])
            text = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
        return Core.Formats.Printable.Short(text, 300);
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name.StartsWith("onnxruntime", StringComparison.Ordinal) && !name.Contains("extensions", StringComparison.Ordinal)
            ? NativeLibrary.Load(_library!) : 0;
}
