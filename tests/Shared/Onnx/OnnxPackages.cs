using System.Reflection;
using VideoLstm.Core.Accelerators;

namespace VideoLstm.Tests;

/// <summary>What of other packages the tests use where the packages lie.</summary>
internal static class OnnxPackages
{
    /// <summary>ONNX Runtime's native library.</summary>
    public static string Library { get; } = Directory.GetFiles(
        Path.Combine(Package("onnxruntime"), "runtimes", AcceleratorPackage.Platform(), "native")).Single(f => Path.GetFileName(f)
        is "libonnxruntime.so" or "libonnxruntime.dylib" or "onnxruntime.dll");

    /// <summary>A file of ResNet-18.</summary>
    public static string ResNet18(params string[] parts) => Path.Combine([Package("resnet18"), "tools", "DnnImageModels", .. parts]);

    private static string Package(string name) => typeof(OnnxPackages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == name).Value!;
}
