using System.Globalization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Storage;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Accelerators;

/// <summary>
/// Installs the published packages of an accelerator into a folder of this user, by the .NET SDK and the package source that it is
/// configured for. What was downloaded stays with the SDK, so an installation that was cut off goes on; the folder counts as installed
/// when everything is there, has computed rightly and is written down. One process installs at a time; what a killed one left goes.
/// </summary>
/// <param name="package">What is installed.</param>
/// <param name="asked">The libtorch that a package without it is tried with; null: the package has its own.</param>
/// <param name="observer">Told of the work.</param>
public sealed class AcceleratorInstaller(AcceleratorPackage package, LibtorchFolder? asked, IJobObserver observer)
{
    private const string Project = "accelerator.csproj";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>Installs it, if it is not there.</summary>
    /// <param name="ct">Stops the work.</param>
    /// <returns>Whether anything had to be done.</returns>
    /// <exception cref="InputException">
    /// There is no SDK, or the packages cannot be had, do not fit on the disk, or do not compute rightly.
    /// </exception>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        if (package.IsInstalled)
            return false;
        PartialFile.Check(Path.Combine(AcceleratorPackage.Root, "any"));
        using FileStream held = await HoldAsync(ct);
        // Another process may have been at it.
        if (package.IsInstalled)
            return false;
        // Never that of a killed process: the SDK that it started may still be writing there.
        string partial = $"{package.Folder}.{HeldFile.NewId()}{AtomicFile.PartialSuffix}";
        try
        {
            foreach (string left in Directory.GetDirectories(AcceleratorPackage.Root, "*" + AtomicFile.PartialSuffix))
                Directory.Delete(left, recursive: true);
            string output = Path.Combine(partial, "output");
            WriteProject(package, partial);
            await observer.WatchAsync(package.Package, "MB", progress => new SdkRun(
                $"{package.Package} {package.PackageVersion}", package.Megabytes)
                .RunAsync(partial, ["publish", Project, "-c", "Release", "-o", output], progress, ct));
            Prune(output);
            if (CxxLibrary.AdaptBinding(output) is { } remark)
                observer.Remark(remark);
            if (Directory.Exists(package.Folder))
                Directory.Delete(package.Folder, recursive: true);
            Directory.Move(output, package.Folder);
            // Where it stays: a folder whose libraries are loaded cannot be moved on every system.
            Try();
            AcceleratorPackage.Seal(package.Folder);
            return true;
        }
        catch (InputException)
        {
            Discard(package.Folder);
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(package.Folder);
            throw new InputException($"{AcceleratorPackage.Root}: cannot be written ({e.Message})", e);
        }
        finally
        {
            Discard(partial);
        }
    }

    // Until no other process installs.
    private async Task<FileStream> HoldAsync(CancellationToken ct)
    {
        for (bool isSaid = false; ; isSaid = true)
        {
            if (HeldFile.TryHold(AcceleratorPackage.LockFile, FileMode.OpenOrCreate) is { } held)
                return held;
            if (!isSaid)
                observer.Remark($"{AcceleratorPackage.Root}: another process installs there; waiting for it");
            await Task.Delay(Poll, ct);
        }
    }

    private static void Discard(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its libraries are loaded in this process: the next installation deletes it.
        }
    }

    private static void WriteProject(AcceleratorPackage package, string folder) => SdkRun.WriteProject(folder, Project, $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
            <RuntimeIdentifier>{AcceleratorPackage.Platform()}</RuntimeIdentifier>
            <SelfContained>false</SelfContained>
            <AssemblyName>accelerator</AssemblyName>
          </PropertyGroup>
          <ItemGroup>
            {string.Join("\n    ", new[] { AcceleratorPackage.Binding, package }.Distinct().Select(p =>
                $"""<PackageReference Include="{p.Package}" Version="[{p.PackageVersion}]" />"""))}
          </ItemGroup>
        </Project>
        """);

    // What nothing here loads.
    private static void Prune(string output)
    {
        foreach (string name in (string[])["accelerator.dll", "accelerator.pdb", "accelerator.deps.json", "libtorch_python.so",
            "libtorch_python.dylib"])
            File.Delete(Path.Combine(output, name));
    }

    // A matrix product and a convolution, against the CPU engine.
    private void Try()
    {
        var accelerator = Accelerator.Of(package, asked);
        IBackendProvider provider = AcceleratorLoader.Load(accelerator);
        ComputeDevice device = provider.Devices[0];
        if (accelerator.Cuda is not null && device.Name == AcceleratorLoader.Torch)
            observer.Remark(new Finding(
                $"{package.Package}: tried on the processor: {CudaDriver.Ask().Fault ?? "no card answers to libtorch"}",
                Remedy.CheckDriver));
        IBackend tested = provider.Create(device.Name);
        var engine = new CpuBackend();
        var random = new Random(1);

        var network = new NetworkSpec([64], [new DenseSpec(48)]);
        using ITrainableNetwork first = engine.CreateNetwork(network), second = tested.CreateNetwork(network);
        first.Initialize(1);
        second.Import(first.Export());
        float[] x = [.. Enumerable.Range(0, 8 * 64).Select(_ => random.NextSingle())], expected = new float[8 * 48],
            found = new float[8 * 48];
        first.Predict(x, 8, expected);
        second.Predict(x, 8, found);
        Compare("a matrix product", expected, found);

        var pictures = new NetworkSpec(
            [33, 35, 3], [new ConvolutionBlockSpec(16, 3, 3) { Name = "conv", Stride = 2 }, new GlobalAveragePooling2DSpec()]);
        Dictionary<string, float[]> values = pictures.Parameters.ToDictionary(
            p => p.Name, p => (float[])[.. Enumerable.Range(0, p.Shape.Aggregate(1, (a, b) => a * b))
                .Select(_ => random.NextSingle() + 0.1f)]);
        var weights = new TensorSet(pictures.Parameters.Select(p => new NamedTensor(p.Name, p.Shape, () => values[p.Name])));
        var spec = new ExtractorSpec(pictures, weights, 127.5f, -1);
        byte[] frame = new byte[33 * 35 * 3];
        random.NextBytes(frame);
        Compare("a convolution", Features(engine), Features(tested));

        float[] Features(IBackend backend)
        {
            bool given = false;
            using IFeatureExtractor extractor = backend.CreateExtractor(spec, Precision.Float);
            return extractor.Run((Span<byte> rgb, out int tag) =>
            {
                tag = 0;
                frame.CopyTo(rgb);
                return !given && (given = true);
            }).Single().Features.ToArray();
        }

        void Compare(string what, float[] expected, float[] found)
        {
            float scale = expected.Max(MathF.Abs), worst = expected.Zip(found, (a, b) => MathF.Abs(a - b)).Max();
            if (!(worst <= 1e-4f * scale))
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"{package.Package} on {device.Name}: {what} is wrong by {worst:g3} of {scale:g3}; it is not installed"));
        }
    }
}
