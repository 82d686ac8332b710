using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Accelerators;

/// <summary>Loads what is installed, only when it is asked for: without it the program is complete.</summary>
public static class AcceleratorLoader
{
    private const string Library = "VideoLstm.Torch", Provider = "VideoLstm.Torch.TorchProvider";

    private static string? _binding;

    /// <summary>Names of devices that a user can give.</summary>
    public const string Auto = "auto", Cpu = "cpu", Torch = "torch", Cuda = "cuda";

    /// <summary>Opens a backend.</summary>
    /// <param name="device"><c>cpu</c>: the CPU engine; <c>torch</c>: libtorch on the processor; <c>cuda</c> or <c>cuda:N</c>: a card;
    /// <c>auto</c>: the first card if it can be used, else the CPU engine.</param>
    /// <param name="observer">Told of a card that is taken, and of one that <c>auto</c> cannot take.</param>
    /// <exception cref="InputException">It cannot be: which part is missing is said.</exception>
    public static IBackend Open(string device, IJobObserver observer)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(observer);
        if (device == Cpu || (device == Auto && !CudaDriver.Ask().HasCard))
            return new CpuBackend();
        if (device == Torch)
            return Take(Require(false, device), device, "the processor, by libtorch, to compare with", observer);
        if (device != Auto && CardOf(device) is null)
            throw new InputException($"{device}: is no device; expected auto, cpu, torch, cuda or cuda:N");
        try
        {
            (Accelerator accelerator, CudaCard card) = FindCard(device);
            return Take(accelerator, $"{Cuda}:{card.Index}", $"{card}", observer);
        }
        catch (InputException e) when (device == Auto)
        {
            observer.Remark(new Finding($"computing on the processor, not on the card: {e.Message}", e.Remedy));
            return new CpuBackend();
        }
    }

    /// <summary>Whether anything is installed, or named by the user.</summary>
    public static bool IsAnyThere => AcceleratorPackage.Cuda.IsInstalled || AcceleratorPackage.Cpu.IsInstalled
        || Environment.GetEnvironmentVariable(LibtorchFolder.Variable) is { Length: > 0 };

    /// <summary>Loads what is there.</summary>
    /// <returns>The devices that answer.</returns>
    /// <exception cref="InputException">Nothing is there, or it cannot be loaded.</exception>
    public static IReadOnlyList<ComputeDevice> Devices() => Load(Require(false, Torch)).Devices;

    /// <summary>A card that can be used, as far as can be told without loading libtorch.</summary>
    /// <param name="device"><c>auto</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="InputException">There is none: which part is missing is said.</exception>
    public static (Accelerator Accelerator, CudaCard Card) FindCard(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        string name = device == Auto ? Cuda : device;
        CudaDriver driver = CudaDriver.Ask();
        Accelerator accelerator = Require(true, name);
        return (accelerator, driver.Require(name, CardOf(name) ?? 0, accelerator.Cuda!));
    }

    /// <summary>Loads libraries; others cannot be loaded afterwards.</summary>
    /// <exception cref="InputException">A library is missing, cut off, or of another version.</exception>
    internal static IBackendProvider Load(Accelerator accelerator)
    {
        if (_binding is null)
            AssemblyLoadContext.Default.Resolving += Resolve;
        _binding = accelerator.Binding;
        try
        {
            Assembly own = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, Library + ".dll"));
            return (IBackendProvider)Activator.CreateInstance(own.GetType(Provider, throwOnError: true)!, accelerator)!;
        }
        catch (Exception e)
        {
            Exception cause = e;
            while (cause is TargetInvocationException or TypeInitializationException && cause.InnerException is { } inner)
                cause = inner;
            throw cause as InputException ?? new InputException(
                $"{accelerator.Libraries}: its libraries cannot be loaded: {cause.Message.ReplaceLineEndings(" ")}",
                accelerator.Libraries == accelerator.Binding ? Remedy.InstallAgain : Remedy.NameLibtorch, e);
        }
    }

    private static Accelerator Require(bool forCard, string device)
    {
        if (Accelerator.Find(forCard, device) is { } found)
            return found;
        // Who has no card need not fetch what computes on one.
        string? fault = forCard ? CudaDriver.Ask().Fault : null;
        throw new InputException(
            $"{device}: libtorch {AcceleratorPackage.LibtorchVersion} is not installed{(fault is null ? "" : $", and {fault}")}",
            fault is not null ? Remedy.CheckDriver : forCard ? Remedy.InstallCuda : Remedy.InstallTorch);
    }

    private static IBackend Take(Accelerator accelerator, string device, string description, IJobObserver observer)
    {
        IBackend backend = Load(accelerator).Create(device, observer);
        observer.Remark($"computing on {device}: {description}");
        return backend;
    }

    // The number of the card; null: the name of no card.
    private static int? CardOf(string device) => device == Cuda ? 0
        : device.StartsWith(Cuda + ":", StringComparison.Ordinal)
            && int.TryParse(device.AsSpan(Cuda.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int card) ? card : null;

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
    {
        string path = Path.Combine(_binding!, name.Name + ".dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    }
}
