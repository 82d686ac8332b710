namespace VideoLstm.Core.Accelerators;

/// <summary>What computes beside the CPU engine on this machine: TorchSharp, and libtorch for it.</summary>
/// <param name="Binding">The folder with TorchSharp, managed and native.</param>
/// <param name="Libraries">The folder with libtorch; often the same.</param>
/// <param name="Cuda">The CUDA that libtorch was built with; null: it is for the processor alone.</param>
public sealed record Accelerator(string Binding, string Libraries, Version? Cuda)
{
    /// <summary>The one that is there: the folder that the user names before what is installed.</summary>
    /// <param name="forCard">Whether a card is to compute; the packages for cards compute on the processor too.</param>
    /// <param name="device">What the user typed, for messages.</param>
    /// <returns>Null: nothing is installed.</returns>
    /// <exception cref="InputException">What is there is damaged, of another version, or not for cards.</exception>
    public static Accelerator? Find(bool forCard, string device)
    {
        if (LibtorchFolder.Asked() is { } asked)
        {
            if (forCard && asked.Cuda is null)
                throw new InputException($"{device}: {LibtorchFolder.Variable}: {asked.Libraries}: libtorch for the processor alone, " +
                    $"found no {LibtorchFolder.FileName("torch_cuda")}", Remedy.NameLibtorch);
            if (!AcceleratorPackage.Binding.IsInstalled)
                throw new InputException($"{device}: {AcceleratorPackage.Binding.Package} {AcceleratorPackage.Version}, which binds " +
                    $"{asked.Libraries}, is not installed", Remedy.InstallBinding);
            AcceleratorPackage.Binding.Check();
            return new Accelerator(AcceleratorPackage.Binding.Folder, asked.Libraries, asked.Cuda);
        }
        AcceleratorPackage package = forCard || AcceleratorPackage.Cuda.IsInstalled ? AcceleratorPackage.Cuda : AcceleratorPackage.Cpu;
        if (!package.IsInstalled)
            return null;
        package.Check();
        return Of(package, null);
    }

    /// <summary>What a package becomes with the libtorch that a user names, if it lacks one.</summary>
    internal static Accelerator Of(AcceleratorPackage package, LibtorchFolder? asked) => new(
        package.Folder, asked?.Libraries ?? package.Folder,
        asked is not null ? asked.Cuda : package == AcceleratorPackage.Cuda ? AcceleratorPackage.CudaVersion : null);
}
