using System.Reflection;
using System.Runtime.Loader;
using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Accelerators;

/// <summary>Loads what is installed, only when it is asked for: without it the program is complete.</summary>
public static class AcceleratorLoader
{
    private const string Library = "VideoLstm.Torch", Provider = "VideoLstm.Torch.TorchProvider";

    private static string? _folder;

    /// <summary>Names of devices that a user can give.</summary>
    public const string Auto = "auto", Cpu = "cpu", Torch = "torch", Cuda = "cuda";

    /// <summary>Opens a backend.</summary>
    /// <param name="device"><c>cpu</c>: the CPU engine; <c>torch</c>: libtorch on the processor; <c>cuda</c> or <c>cuda:N</c>: a card;
    /// <c>auto</c>: a card where CUDA is installed and one answers, else the CPU engine.</param>
    /// <param name="observer">Told of a card that is taken.</param>
    /// <exception cref="InputException">It cannot be: which part is missing is said.</exception>
    public static IBackend Open(string device, IJobObserver observer)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(observer);
        bool isCard = device == Cuda || device.StartsWith(Cuda + ":", StringComparison.Ordinal);
        if (device == Cpu || (device == Auto && !AcceleratorPackage.Cuda.IsInstalled))
            return new CpuBackend();
        if (!isCard && device is not (Auto or Torch))
            throw new InputException($"{device}: is no device; expected auto, cpu, torch, cuda or cuda:N");
        // The package for cards computes on the processor too.
        AcceleratorPackage package = isCard || device == Auto || AcceleratorPackage.Cuda.IsInstalled ? AcceleratorPackage.Cuda
            : AcceleratorPackage.Cpu;
        if (!package.IsInstalled)
            throw new InputException($"{device}: libtorch {AcceleratorPackage.LibtorchVersion} is not installed", isCard
                ? Remedy.InstallCuda : Remedy.InstallTorch);
        package.Check();
        IBackendProvider provider = Load(package.Folder);
        ComputeDevice? found = device == Auto || device == Cuda
            ? provider.Devices.FirstOrDefault(d => d.Name.StartsWith(Cuda, StringComparison.Ordinal))
            : provider.Devices.FirstOrDefault(d => d.Name == device);
        if (found is null && device == Auto)
            return new CpuBackend();
        if (found is null)
            throw new InputException($"{device}: no such device answers; there are " +
                $"{string.Join(", ", provider.Devices.Select(d => d.Name))}", Remedy.CheckDriver);
        observer.Remark($"computing on {found.Name}: {found.Description}");
        return provider.Create(found.Name, observer);
    }

    /// <summary>The devices that answer to an installed package.</summary>
    /// <exception cref="InputException">It cannot be loaded.</exception>
    public static IReadOnlyList<ComputeDevice> Devices(AcceleratorPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        package.Check();
        return Load(package.Folder).Devices;
    }

    /// <summary>Loads the libraries in a folder; another folder cannot be loaded afterwards.</summary>
    /// <exception cref="InputException">A library is missing, cut off, or of another version.</exception>
    internal static IBackendProvider Load(string folder)
    {
        if (_folder is null)
            AssemblyLoadContext.Default.Resolving += Resolve;
        _folder = folder;
        try
        {
            Assembly own = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, Library + ".dll"));
            return (IBackendProvider)Activator.CreateInstance(own.GetType(Provider, throwOnError: true)!, folder)!;
        }
        catch (Exception e) when (e is not InputException)
        {
            Exception cause = e;
            while (cause is TargetInvocationException or TypeInitializationException && cause.InnerException is { } inner)
                cause = inner;
            throw new InputException($"{folder}: its libraries cannot be loaded: {cause.Message.ReplaceLineEndings(" ")}",
                Remedy.InstallAgain, e);
        }
    }

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
    {
        string path = Path.Combine(_folder!, name.Name + ".dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    }
}
