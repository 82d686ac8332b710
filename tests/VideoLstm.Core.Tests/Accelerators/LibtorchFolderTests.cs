using VideoLstm.Core.Accelerators;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Accelerators;

/// <summary>Folders of libtorch that are already there, as libtorch's archives, pip and conda lay them out.</summary>
public sealed class LibtorchFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("build-version", "2.10.0+cu128\n", "2.10.0+cu128", "12.8")]
    [InlineData("build-version", "2.10.0+cu130", "2.10.0+cu130", "13.0")]
    [InlineData("build-version", "2.10.0+cpu", "2.10.0+cpu", "12.8")]
    [InlineData("version.py", "from typing import Optional\n\n__all__ = ['__version__']\n__version__ = '2.10.0+cu126'\ndebug = False\ncuda: Optional[str] = '12.6'\n", "2.10.0+cu126", "12.6")]
    [InlineData("version.py", "__version__: str = \"2.10.0\"\ncuda = None\n", "2.10.0", "12.8")]
    [InlineData("version.py", "nothing", null, "12.8")]
    [InlineData("other", "2.9.1", null, "12.8")]
    public void VersionIsReadBesideTheLibraries(string file, string text, string? version, string cuda)
    {
        Lay("c10", "torch_cpu", "torch");
        File.WriteAllText(_folder.File("torch", file), text);
        var expected = new LibtorchFolder(_folder.File("torch", "lib"), version, null);
        Assert.All([_folder.File("torch", "lib"), _folder.File("torch"), _folder.Path], path => Assert.Equal(expected, LibtorchFolder.Read(path)));
        Lay("torch_cuda");
        Assert.Equal(expected with { Cuda = Version.Parse(cuda) }, LibtorchFolder.Read(_folder.Path));
    }

    [Theory]
    [InlineData("build-version", "2.9.1+cu128", "2.9.1+cu128")]
    [InlineData("build-version", "2.10.1", "2.10.1")]
    [InlineData("build-version", "2.10.0.dev20251101", "2.10.0.dev20251101")]
    [InlineData("version.py", "__version__ = '2.14.1'", "2.14.1")]
    public void AnotherVersionIsRefusedByItsNumber(string file, string text, string found)
    {
        Lay("c10", "torch_cpu", "torch");
        File.WriteAllText(_folder.File("torch", file), text);
        Refuse(_folder.Path, $"{_folder.File("torch", "lib")}: libtorch of another version: found {found}, expected 2.10.0");
    }

    [Fact]
    public void WhatIsNotThereIsSaid()
    {
        Refuse(_folder.File("none"), $"VLSTM_LIBTORCH: {_folder.File("none")}: no such folder");
        Refuse(_folder.Path, $"VLSTM_LIBTORCH: {_folder.Path}: expected a folder of libtorch, found no {LibtorchFolder.FileName("torch_cpu")}");
        Lay("torch_cpu", "torch");
        Refuse(_folder.Path, $"{LibtorchFolder.FileName("c10")} is missing");
    }

    [SkippableFact]
    public void LibraryThatIsCutOffIsFoundWithoutLoadingIt()
    {
        Skip.If(CxxLibrary.Find() is null, "there is no libstdc++ here");
        byte[] whole = File.ReadAllBytes(CxxLibrary.Find()!);
        Lay("c10", "torch_cpu", "torch");
        string library = _folder.File("torch", "lib", LibtorchFolder.FileName("c10"));
        foreach (int length in (int[])[0, 4, 63, 64, 100, 4096, whole.Length / 2])
        {
            File.WriteAllBytes(library, whole[..length]);
            Refuse(_folder.Path, $"VLSTM_LIBTORCH: {library}: is cut off: expected at least ");
            Refuse(_folder.Path, $"bytes, found {length}");
        }
        File.WriteAllBytes(library, whole);
        Assert.NotNull(LibtorchFolder.Read(_folder.Path));

        // NVIDIA's libraries that pip lays beside it.
        File.WriteAllBytes(_folder.File("nvidia", "cudnn", "lib", "libcudnn.so.9"), whole[..1000]);
        Refuse(_folder.Path, "libcudnn.so.9: is cut off: expected at least ");
    }

    private static void Refuse(string path, string text)
    {
        InputException refusal = Assert.Throws<InputException>(() => LibtorchFolder.Read(path));
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.NameLibtorch, refusal.Remedy);
    }

    // No ELF files: only those can be seen to be cut off.
    private void Lay(params string[] names)
    {
        foreach (string name in names)
            File.WriteAllText(_folder.File("torch", "lib", LibtorchFolder.FileName(name)), "library");
    }
}
