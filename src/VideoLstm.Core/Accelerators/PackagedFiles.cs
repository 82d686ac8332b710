using System.Security.Cryptography;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Accelerators;

/// <summary>
/// Some files out of a published package, in a folder of this user, got by the .NET SDK when they are first needed. A file is there, or
/// it is whole: they are copied aside and renamed. One process gets them at a time.
/// </summary>
/// <param name="Package">The package.</param>
/// <param name="Version">Its version.</param>
/// <param name="Megabytes">About how much is downloaded.</param>
/// <param name="Folder">Where the files go.</param>
/// <param name="Files">Where they are in the package, and the SHA-256 digest of each, or null where the SDK's own check is enough.</param>
internal sealed record PackagedFiles(
    string Package, string Version, int Megabytes, string Folder, IReadOnlyList<(string Path, string? Sha256)> Files)
{
    private const string Project = "files.csproj";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether they are there.</summary>
    public bool AreThere => Files.All(f => File.Exists(PathOf(f.Path)));

    /// <summary>Where a file is, if it is there.</summary>
    public string PathOf(string file) => Path.Combine(Folder, Path.GetFileName(file));

    /// <summary>Gets them, if they are not there.</summary>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="InputException">
    /// There is no SDK, the package cannot be had or is another, or the folder cannot be written.
    /// </exception>
    public async Task GetAsync(IJobObserver observer, CancellationToken ct)
    {
        if (AreThere)
            return;
        string partial = Path.Combine(Folder, $"getting.{HeldFile.NewId()}{AtomicFile.PartialSuffix}");
        try
        {
            PartialFile.Check(Path.Combine(Folder, "any"));
            using FileStream held = await HoldAsync(ct);
            // Another process may have been at it.
            if (AreThere)
                return;
            foreach (string left in Directory.GetDirectories(Folder, "getting.*" + AtomicFile.PartialSuffix))
                Directory.Delete(left, recursive: true);
            string output = Path.Combine(partial, "output"), within = $"$(NuGetPackageRoot){Package.ToLowerInvariant()}/{Version}/";
            // The one package alone, not what it asks for besides.
            SdkRun.WriteProject(partial, Project, $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageDownload Include="{Package}" Version="[{Version}]" />
                  </ItemGroup>
                  <Target Name="TakeFiles">
                    <Copy SourceFiles="{string.Join(';', Files.Select(f => within + f.Path))}" DestinationFolder="output" />
                  </Target>
                </Project>
                """);
            await observer.WatchAsync(Package, "MB", progress => new SdkRun($"{Package} {Version}", Megabytes)
                .RunAsync(partial, ["build", Project, "-t:TakeFiles"], progress, ct));
            foreach ((string file, string? digest) in Files)
            {
                string copied = Path.Combine(output, Path.GetFileName(file));
                using (FileStream stream = File.OpenRead(copied))
                {
                    if (digest is not null && Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct)) is var found
                        && found != digest)
                        throw new InputException($"{Package} {Version}: {file} has the SHA-256 digest {found}, expected {digest}; it is " +
                            "not used");
                }
                File.SetLastWriteTimeUtc(copied, DateTime.UtcNow);
                File.Move(copied, PathOf(file), overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{Folder}: cannot be written ({e.Message})", e);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private async Task<FileStream> HoldAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(Folder);
        while (true)
        {
            if (HeldFile.TryHold(Path.Combine(Folder, "getting.lock"), FileMode.OpenOrCreate) is { } held)
                return held;
            await Task.Delay(Poll, ct);
        }
    }
}
