using VideoLstm.Core;
using VideoLstm.Core.Accelerators;
using VideoLstm.Tests;

namespace VideoLstm.Torch.Tests;

/// <summary>TorchSharp's native half asks for a version of the C++ library of which it uses nothing.</summary>
public sealed class BindingTests
{
    private const string New = "GLIBCXX_3.4.32";

    [SkippableFact]
    public void ItAsksForANewVersionWithoutUsingIt()
    {
        ElfVersion version = Read().Needed.Single(v => v is { Library: CxxLibrary.Name, Name: New });
        Assert.False(version.IsBound);
        Assert.False(version.IsWeak);
        Assert.Contains(Read().Needed, v => v is { Library: CxxLibrary.Name, Name: "GLIBCXX_3.4.21", IsBound: true });
    }

    [SkippableFact]
    public void OneByteMakesItLoadBesideAnOlderLibrary()
    {
        ElfFile file = Read();
        string[] older = [.. file.Needed.Where(v => v.Library == CxxLibrary.Name && v.Name != New).Select(v => v.Name)];
        byte[] original = File.ReadAllBytes(LibtorchFiles.Binding!), adapted = file.AdaptedTo(CxxLibrary.Name, older)!;
        Assert.Equal(original.Length, adapted.Length);
        Assert.Single(original.Zip(adapted), p => p.First != p.Second);
        Assert.True(ElfFile.Parse("adapted", adapted).Needed.Single(v => v.Name == New).IsWeak);
        Assert.Null(file.AdaptedTo(CxxLibrary.Name, [.. older, New]));
    }

    [SkippableFact]
    public void AVersionThatIsUsedCannotBeMissing()
    {
        InputException refusal = Assert.Throws<InputException>(() => Read().AdaptedTo(CxxLibrary.Name, []));
        Assert.Contains("in libstdc++.so.6, which is older here", refusal.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void ItIsAdaptedOnlyWhereTheMachineNeedsIt()
    {
        ElfFile file = Read();
        Skip.If(CxxLibrary.Find() is null, "there is no libstdc++ here");
        bool hasIt = ElfFile.Read(CxxLibrary.Find()!).Defined.Contains(New);
        Assert.NotEmpty(file.Needed);
        Assert.Equal(hasIt, CxxLibrary.Adapt(LibtorchFiles.Binding!) is null);
    }

    [SkippableFact]
    public void LibrariesAreLookedForInOneFolderOnly()
    {
        Libtorch.Require();
        Assert.Throws<InvalidOperationException>(() => TorchLibraries.Use(Path.GetTempPath()));
    }

    private static ElfFile Read()
    {
        Skip.If(LibtorchFiles.Binding is null, "there is no package of TorchSharp for this system");
        return ElfFile.Read(LibtorchFiles.Binding!);
    }
}
