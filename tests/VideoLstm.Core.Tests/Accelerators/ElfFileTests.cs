using System.Buffers.Binary;
using System.Text;
using VideoLstm.Core.Accelerators;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Tests.Accelerators;

/// <summary>Versions in ELF files that are made up here, in this machine's C++ library, and in damaged files.</summary>
public sealed class ElfFileTests
{
    private const int Flags = 4;

    [Fact]
    public void NeededAndDefinedVersionsAreRead()
    {
        ElfFile file = ElfFile.Parse("made.so", MadeUp(bindsNew: false, out _));
        Assert.Equal(
            [("libstdc++.so.6", "GLIBCXX_3.4", false, true), ("libstdc++.so.6", "GLIBCXX_3.4.32", false, false)],
            file.Needed.Select(v => (v.Library, v.Name, v.IsWeak, v.IsBound)));
        Assert.Equal(["MADE_1"], file.Defined);
    }

    [Fact]
    public void AMissingVersionThatNothingIsBoundToIsMadeWeakAndNothingElseChanges()
    {
        byte[] original = MadeUp(bindsNew: false, out int missing);
        byte[] adapted = ElfFile.Parse("made.so", original).AdaptedTo("libstdc++.so.6", ["GLIBCXX_3.4"])!;
        Assert.Equal([missing + Flags], Enumerable.Range(0, original.Length).Where(i => original[i] != adapted[i]));
        Assert.Equal(2, adapted[missing + Flags]);
        ElfFile again = ElfFile.Parse("made.so", adapted);
        Assert.Equal([false, true], again.Needed.Select(v => v.IsWeak));
        Assert.Null(again.AdaptedTo("libstdc++.so.6", ["GLIBCXX_3.4"]));
    }

    [Fact]
    public void NothingIsChangedWhereNothingIsMissing()
    {
        ElfFile file = ElfFile.Parse("made.so", MadeUp(bindsNew: true, out _));
        Assert.Null(file.AdaptedTo("libstdc++.so.6", ["GLIBCXX_3.4", "GLIBCXX_3.4.32"]));
        Assert.Null(file.AdaptedTo("libm.so.6", []));
    }

    [Fact]
    public void AMissingVersionThatIsReallyUsedIsRefusedInOneLine()
    {
        ElfFile file = ElfFile.Parse("made.so", MadeUp(bindsNew: true, out _));
        InputException refusal = Assert.Throws<InputException>(() => file.AdaptedTo("libstdc++.so.6", ["GLIBCXX_3.4"]));
        Assert.Equal("made.so: expected GLIBCXX_3.4.32 in libstdc++.so.6, which is older here", refusal.Message);
    }

    [SkippableFact]
    public void ThisMachinesLibraryOfCxxHasItsVersions()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && CxxLibrary.Find() is not null, "there is no libstdc++ here");
        ElfFile library = ElfFile.Read(CxxLibrary.Find()!);
        Assert.Contains("GLIBCXX_3.4", library.Defined);
        Assert.Contains("CXXABI_1.3", library.Defined);
        Assert.Contains(library.Needed, v => v.Library == "libc.so.6" && v.IsBound);
        Assert.Null(CxxLibrary.Adapt(CxxLibrary.Find()!));
    }

    [Fact]
    public void DamagedFilesAreRefusedInOneLine()
    {
        byte[] whole = MadeUp(bindsNew: false, out _);
        for (int length = 0; length < whole.Length; length++)
            AssertRefusedOrRead(whole[..length]);
        var random = new RandomSource(3);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] damaged = [.. whole];
            for (int i = random.NextIndex(4); i >= 0; i--)
                damaged[random.NextIndex(damaged.Length)] = random.NextIndex(2) == 0 ? (byte)0xff : (byte)random.NextIndex(256);
            AssertRefusedOrRead(damaged);
        }
    }

    private static void AssertRefusedOrRead(byte[] bytes)
    {
        try
        {
            ElfFile.Parse("made.so", bytes).AdaptedTo("libstdc++.so.6", []);
        }
        catch (InputException refusal)
        {
            Assert.StartsWith("made.so: ", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
        }
    }

    /// <summary>A library with two symbols, of GLIBCXX_3.4 and of GLIBCXX_3.4.32; the first is always bound.</summary>
    /// <param name="bindsNew">Whether a relocation refers to the second.</param>
    /// <param name="newEntry">Where the second version's entry is.</param>
    private static byte[] MadeUp(bool bindsNew, out int newEntry)
    {
        byte[] names = Encoding.ASCII.GetBytes("\0libstdc++.so.6\0GLIBCXX_3.4\0GLIBCXX_3.4.32\0MADE_1\0made.so\0");
        byte[] needs = new byte[48], definitions = new byte[56], versions = new byte[6], relocations = new byte[bindsNew ? 48 : 24];
        Put16(needs, 0, 1, 2);
        Put32(needs, 4, 1, 16, 0);
        Entry(needs, 16, version: 2, name: 16, next: 16);
        Entry(needs, 32, version: 3, name: 28, next: 0);
        Put16(definitions, 0, 1, 1, 1, 1);
        Put32(definitions, 12, 20, 28, 50);
        Put16(definitions, 28, 1, 0, 4, 1);
        Put32(definitions, 40, 20, 0, 43);
        Put16(versions, 0, 0, 2, 3);
        Put32(relocations, 12, 1);
        if (bindsNew)
            Put32(relocations, 36, 2);

        (uint Type, byte[] Bytes, uint Link, uint Info)[] sections =
        [
            (0, [], 0, 0), (3, names, 0, 0), (0x6ffffffe, needs, 1, 1), (0x6ffffffd, definitions, 1, 2), (0x6fffffff, versions, 6, 0),
            (4, relocations, 6, 0), (11, [], 1, 0),
        ];
        int at = 64;
        newEntry = at + names.Length + 32;
        byte[] file = new byte[at + sections.Sum(s => s.Bytes.Length) + 64 * sections.Length];
        int table = file.Length - 64 * sections.Length;
        byte[] magic = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(file, 0);
        Put32(file, 0x28, (uint)table);
        Put16(file, 0x3a, 64, (ushort)sections.Length);
        foreach ((int number, (uint type, byte[] bytes, uint link, uint info)) in sections.Index())
        {
            bytes.CopyTo(file, at);
            Put32(file, table + 64 * number + 4, type);
            Put32(file, table + 64 * number + 24, (uint)at, 0, (uint)bytes.Length, 0, link, info);
            at += bytes.Length;
        }
        return file;
    }

    private static void Entry(byte[] bytes, int at, ushort version, uint name, uint next)
    {
        Put16(bytes, at + 6, version);
        Put32(bytes, at + 8, name, next);
    }

    private static void Put16(byte[] bytes, int at, params ushort[] values)
    {
        foreach ((int i, ushort value) in values.Index())
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 2 * i), value);
    }

    private static void Put32(byte[] bytes, int at, params uint[] values)
    {
        foreach ((int i, uint value) in values.Index())
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 4 * i), value);
    }
}
