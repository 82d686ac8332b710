using VideoLstm.Core.Accelerators;

namespace VideoLstm.Core.Reports;

/// <summary>
/// Looks whether a card can compute and what it takes is there; loads nothing of it, since a broken library can end a process.
/// </summary>
public static class AcceleratorChecks
{
    // TorchSharp's native half names it.
    private const string NewestNamed = "GLIBCXX_3.4.32";

    /// <summary>Looks at cards, driver, packages and the folder that the user names.</summary>
    public static IEnumerable<Check> Run()
    {
        CudaDriver driver = CudaDriver.Ask();
        if (driver.Fault is { } fault)
            yield return driver.HasCard ? new Check(Severity.Lacking, "graphics card", fault, Remedy: Remedy.CheckDriver)
                : new Check(Severity.Well, "graphics card", $"none: {fault}");
        else
            yield return new Check(Severity.Well, "graphics driver",
                $"{(CudaDriver.Version is { } version ? $"{version}, for " : "")}CUDA {driver.Cuda} or older");
        foreach (CudaCard card in driver.Cards)
            yield return new Check(Severity.Well, "graphics card", $"cuda:{card.Index}: {card}, compute capability {card.Capability}");

        bool isNamed = Environment.GetEnvironmentVariable(LibtorchFolder.Variable) is { Length: > 0 };
        if (isNamed)
            yield return Try(LibtorchFolder.Variable, () => LibtorchFolder.Asked() is { } asked
                ? $"{asked.Libraries}: libtorch {asked.Version ?? "that does not say its version before it is loaded"}, " +
                    $"{(asked.Cuda is { } cuda ? $"for CUDA {cuda}" : "for the processor alone")}" : "");
        foreach (AcceleratorPackage package in AcceleratorPackage.All)
            yield return Installed(package);
        if (isNamed || AcceleratorPackage.Binding.IsInstalled)
            yield return Installed(AcceleratorPackage.Binding);
        if (OperatingSystem.IsLinux())
            yield return Try("C++ library", () => CxxLibrary.Find() is not { } path ? "none: libtorch cannot be loaded"
                : ElfFile.Read(path).Defined.Contains(NewestNamed) ? $"{path}, new enough for TorchSharp"
                : $"{path}, older than TorchSharp was linked with: its copy is changed when it is installed");
        bool isRuntimeNamed = Environment.GetEnvironmentVariable(OnnxRuntimeLoader.Variable) is { Length: > 0 };
        yield return Try(isRuntimeNamed ? OnnxRuntimeLoader.Variable : "ONNX Runtime",
            () => OnnxRuntimeLoader.Find() ?? $"{OnnxRuntimeLoader.Version}: not here yet; an extractor that takes it downloads it");
        yield return Try("device auto",
            () => !driver.HasCard ? "takes the processor"
                : AcceleratorLoader.FindCard(AcceleratorLoader.Auto) is var (accelerator, card)
                    ? $"takes cuda:{card.Index}: {card}, with libtorch of {accelerator.Libraries}" : "");
    }

    private static Check Installed(AcceleratorPackage package) => Try($"accelerator {package.Name}", () =>
    {
        if (!package.IsInstalled)
            return $"{package.Package} {package.PackageVersion}: not installed";
        package.Check();
        return Invariant($"{package.Package} {package.PackageVersion}: {package.InstalledMegabytes:0} MB, in {package.Folder}");
    });

    private static Check Try(string name, Func<string> look)
    {
        try
        {
            return new Check(Severity.Well, name, look());
        }
        catch (InputException e)
        {
            return new Check(Severity.Lacking, name, e.Message, Remedy: e.Remedy);
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            return new Check(Severity.Lacking, name, e.Message);
        }
    }
}
