using System.Buffers.Binary;
using System.Text;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Accelerators;

/// <summary>
/// The versions of symbols in a shared library of Linux, ELF of 64 bits, little-endian: those that it has and those that it asks of others.
/// </summary>
/// <remarks>Linux Standard Base, "Symbol Versioning"; TIS, "Executable and Linking Format".</remarks>
public sealed class ElfFile
{
    private const int HeaderSize = 64, SegmentSize = 56, SectionSize = 64, NeedSize = 16, DefinitionSize = 20;
    private const ushort WeakFlag = 2, BaseFlag = 1, VersionMask = 0x7fff;

    // More than a symbol's 15 bits can tell apart.
    private const int MostVersions = 1 << 15;

    private const int LongestName = 1 << 12;

    private readonly string _name;
    private readonly byte[] _bytes;
    private readonly Section[] _sections;

    private ElfFile(string name, byte[] bytes)
    {
        (_name, _bytes) = (name, bytes);
        ReadOnlySpan<byte> header = Slice(0, HeaderSize);
        if (!header[..4].SequenceEqual("\u007fELF"u8) || header[4] != 2 || header[5] != 1)
            throw Refuse("expected an ELF file of 64 bits, little-endian");
        ulong table = U64(0x28);
        (int size, int count) = (U16(0x3a), U16(0x3c));
        if (count == 0 || size != SectionSize)
            throw Refuse($"expected a table of sections of {SectionSize} bytes each, found {count} of {size}");
        Slice(table, (ulong)count * SectionSize);
        _sections = [.. Enumerable.Range(0, count).Select(i => ReadSection((int)table + i * SectionSize))];
        Needed = [.. ReadNeeded()];
        Defined = [.. ReadDefined()];
    }

    /// <summary>The versions that it asks of other libraries.</summary>
    public IReadOnlyList<ElfVersion> Needed { get; }

    /// <summary>The versions that it has.</summary>
    public IReadOnlyList<string> Defined { get; }

    /// <summary>Reads a library.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="InputException">It is no such library, or damaged.</exception>
    public static ElfFile Parse(string name, byte[] bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(bytes);
        return new ElfFile(name, bytes);
    }

    /// <summary>Reads a library.</summary>
    /// <exception cref="InputException">It is no such library, or damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ElfFile Read(string path) => Parse(path, File.ReadAllBytes(path));

    /// <summary>
    /// Looks whether all that the loader maps of a library is there: what is cut off ends the process that loads it. Files of other kinds
    /// are let be, empty ones are not.
    /// </summary>
    /// <exception cref="InputException">It is cut off.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void CheckWhole(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> header = stackalloc byte[HeaderSize];
        int read = stream.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
        bool isElf = read >= 4 && header[..4].SequenceEqual("\u007fELF"u8);
        if (!isElf && read > 0)
            return;
        ulong end = HeaderSize;
        if (read == HeaderSize)
        {
            (ulong table, int size, int count) = (BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..]),
                BinaryPrimitives.ReadUInt16LittleEndian(header[0x36..]), BinaryPrimitives.ReadUInt16LittleEndian(header[0x38..]));
            end = table + (ulong)size * (ulong)count;
            var segments = new byte[size == SegmentSize && end <= (ulong)stream.Length ? size * count : 0];
            stream.Position = segments.Length > 0 ? (long)table : 0;
            stream.ReadExactly(segments);
            for (int at = 0; at < segments.Length; at += SegmentSize)
            {
                ReadOnlySpan<byte> segment = segments.AsSpan(at);
                end = Math.Max(
                    end, BinaryPrimitives.ReadUInt64LittleEndian(segment[8..]) + BinaryPrimitives.ReadUInt64LittleEndian(segment[32..]));
            }
        }
        if (end > (ulong)stream.Length)
            throw new InputException(Invariant($"{path}: is cut off: expected at least {end} bytes, found {stream.Length}"));
    }

    /// <summary>The file with a version made weak, so that it loads where the version is missing.</summary>
    /// <param name="version">One of <see cref="Needed"/>.</param>
    public byte[] WithWeak(ElfVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        if (!Needed.Contains(version))
            throw new ArgumentException("not a version of this file", nameof(version));
        byte[] copy = [.. _bytes];
        Span<byte> flags = copy.AsSpan(version.FlagsOffset, 2);
        BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | WeakFlag));
        return copy;
    }

    /// <summary>
    /// The file as it loads beside a library that lacks some of its versions: those are made weak. Null: it lacks none.
    /// </summary>
    /// <param name="library">The name of the other library, <c>libstdc++.so.6</c>.</param>
    /// <param name="defined">The versions that the other library has.</param>
    /// <exception cref="InputException">A symbol of a version that is missing is really used.</exception>
    public byte[]? AdaptedTo(string library, IReadOnlyCollection<string> defined)
    {
        ElfFile file = this;
        while (file.Needed.FirstOrDefault(v => v.Library == library && !v.IsWeak && !defined.Contains(v.Name)) is { } missing)
        {
            if (missing.IsBound)
                throw Refuse($"expected {Printable.Short(missing.Name)} in {Printable.Short(library)}, which is older here");
            file = new ElfFile(_name, file.WithWeak(missing));
        }
        return ReferenceEquals(file, this) ? null : file._bytes;
    }

    private IEnumerable<ElfVersion> ReadNeeded()
    {
        bool[] bound = BoundVersions();
        int versions = 0;
        Section section = First(SectionType.VersionNeeds);
        foreach (int need in Chain(section, section.Start, section.Info, NeedSize, 12))
        {
            string library = Text(section, U32(need + 4));
            foreach (int entry in Chain(section, need + (long)U32(need + 8), U16(need + 2), NeedSize, 12))
            {
                if (++versions > MostVersions)
                    throw Refuse("expected fewer versions");
                yield return new ElfVersion(
                    library, Text(section, U32(entry + 8)), (U16(entry + 4) & WeakFlag) != 0, bound[U16(entry + 6) & VersionMask])
                {
                    FlagsOffset = entry + 4,
                };
            }
        }
    }

    private IEnumerable<string> ReadDefined()
    {
        int versions = 0;
        Section section = First(SectionType.VersionDefinitions);
        foreach (int definition in Chain(section, section.Start, section.Info, DefinitionSize, 16))
        {
            if (++versions > MostVersions)
                throw Refuse("expected fewer versions");
            // The base definition is the name of the file.
            if ((U16(definition + 2) & BaseFlag) == 0)
                yield return Text(section, U32(Inside(section, definition + (long)U32(definition + 12), 8)));
        }
    }

    /// <summary>By number of a version: whether a relocation refers to a symbol of it.</summary>
    private bool[] BoundVersions()
    {
        var bound = new bool[VersionMask + 1];
        Section versions = First(SectionType.SymbolVersions);
        long left = _bytes.Length;
        foreach (Section relocations in _sections.Where(s => (s.Type is SectionType.Rela or SectionType.Rel) && s.Link == versions.Link))
        {
            if ((left -= relocations.End - relocations.Start) < 0)
                throw Refuse("relocations overlap");
            int size = relocations.Type == SectionType.Rela ? 24 : 16;
            for (int at = relocations.Start; at + size <= relocations.End; at += size)
            {
                ulong symbol = U64(at + 8) >> 32;
                if (symbol * 2 + 2 <= (ulong)(versions.End - versions.Start))
                    bound[U16(versions.Start + 2 * (int)symbol) & VersionMask] = true;
            }
        }
        return bound;
    }

    // A file has one of each kind that matters here; nothing is in one that it has not.
    private Section First(SectionType type) => _sections.FirstOrDefault(s => s.Type == type);

    // Records, each of which says how far it is to the next.
    private IEnumerable<int> Chain(Section section, long first, uint count, int size, int next)
    {
        long at = first;
        for (uint i = 0; i < count; i++)
        {
            int record = Inside(section, at, size);
            yield return record;
            uint distance = U32(record + next);
            if (distance == 0)
                yield break;
            at += distance;
        }
    }

    private int Inside(Section section, long at, int size) =>
        at >= section.Start && at + size <= section.End ? (int)at : throw Refuse("a version lies outside of its section");

    private string Text(Section section, uint offset)
    {
        if (section.Link >= _sections.Length)
            throw Refuse("the names of versions are in no section");
        Section names = _sections[section.Link];
        ReadOnlySpan<byte> rest = offset < names.End - names.Start ? _bytes.AsSpan((names.Start + (int)offset)..names.End) : [];
        rest = rest[..Math.Min(rest.Length, LongestName)];
        int end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.UTF8.GetString(rest[..end]) : throw Refuse("the name of a version lies outside of its section");
    }

    private Section ReadSection(int at)
    {
        var type = (SectionType)U32(at + 4);
        (ulong offset, ulong size) = (U64(at + 24), U64(at + 32));
        if (!Enum.IsDefined(type))
            return new Section(default, 0, 0, 0, 0);
        Slice(offset, size);
        return new Section(type, (int)offset, (int)(offset + size), U32(at + 40), U32(at + 44));
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice((ulong)at, 2));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice((ulong)at, 4));

    private ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(Slice((ulong)at, 8));

    private ReadOnlySpan<byte> Slice(ulong offset, ulong length)
    {
        ulong all = (ulong)_bytes.Length;
        return offset <= all && length <= all - offset ? _bytes.AsSpan((int)offset, (int)length) : throw Refuse("the file ends too early");
    }

    private InputException Refuse(string fact) => new($"{_name}: {fact}");

    private enum SectionType : uint
    {
        None = 0,
        Names = 3,
        Rela = 4,
        Rel = 9,
        VersionDefinitions = 0x6ffffffd,
        VersionNeeds = 0x6ffffffe,
        SymbolVersions = 0x6fffffff,
    }

    /// <param name="Type">What is in it.</param>
    /// <param name="Start">Where it begins in the file.</param>
    /// <param name="End">Behind its last byte.</param>
    /// <param name="Link">Number of another section: names of versions, symbols.</param>
    /// <param name="Info">Number of records.</param>
    private readonly record struct Section(SectionType Type, int Start, int End, uint Link, uint Info);
}
