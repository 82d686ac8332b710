using System.Text.RegularExpressions;
using System.Xml.Linq;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using VideoLstm.Numerics;
using VideoLstm.Tests;
using Assembly = System.Reflection.Assembly;

namespace VideoLstm.Core.Tests.Rooms;

/// <summary>
/// The rooms of a project are its folders. A room uses only rooms that stand before it in these lists; types beside the rooms are used by
/// all and use none. What the compiler leaves of a use is read from the assemblies, bodies of methods included; what it does not leave,
/// such as constants, is read from the usings of the sources.
/// </summary>
public sealed partial class RoomOrderTests
{
    private static readonly Project Core = new(
        typeof(InputException).Assembly,
        [
            "Storage", "Formats", "Media", "Timelines", "Datasets", "Samples", "Compute", "Features", "Accelerators", "Extractors", "Models",
            "Training", "Classification", "Clips", "Cutting", "Reports", "Export", "Jobs",
        ]);

    private static readonly Project Numerics = new(typeof(Workers).Assembly, ["Kernels", "Layers", "Inference", "Optimizers"]);

    private static readonly Lazy<Architecture> Loaded = new(
        () => new ArchLoader().LoadAssemblies(Core.Assembly, Numerics.Assembly).Build());

    public static TheoryData<string> Projects => [Core.Name, Numerics.Name];

    [Theory]
    [MemberData(nameof(Projects))]
    public void EveryFolderIsARoom(string name)
    {
        Project project = Find(name);
        string[] folders =
        [
            .. Directory.GetDirectories(project.Folder).Where(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories).Any())
                .Select(f => Path.GetFileName(f)).Where(f => f is not ("obj" or "bin")),
        ];
        Assert.Equal(project.Rooms.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void NamespacesFollowFolders(string name)
    {
        Project project = Find(name);
        Assert.All(project.Sources(), source =>
        {
            string path = Path.GetRelativePath(project.Folder, Path.GetDirectoryName(source.Path)!);
            string folder = path.Replace(Path.DirectorySeparatorChar, '.');
            Assert.Contains($"namespace {(folder == "." ? name : $"{name}.{folder}")};", source.Text, StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void CompiledRoomsUseOnlyThoseBeforeThem(string name)
    {
        Project project = Find(name);
        IEnumerable<string> upwards =
            from type in Loaded.Value.Types
            let room = project.RoomOf(type.FullName)
            where room is not null
            from use in type.Dependencies
            let used = project.RoomOf(use.Target.FullName)
            where used is not null && project.IsAbove(used, room)
            select $"{room} uses {used}: {type.FullName} uses {use.Target.FullName}";
        AssertNone(upwards);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void SourcesOfRoomsNameOnlyThoseBeforeThem(string name)
    {
        Project project = Find(name);
        IEnumerable<string> upwards =
            from source in project.Sources()
            let room = project.RoomOf(source.Namespace + ".")
            from Match use in RoomName().Matches(source.Text)
            where use.Groups["project"].Value == name.Split('.')[1]
            let used = use.Groups["room"].Value
            where project.Rooms.Contains(used) && project.IsAbove(used, room)
            select $"{source.Path}: {(room.Length > 0 ? room : "no room")} names {used}";
        AssertNone(upwards);
    }

    [Fact]
    public void ProjectsUseOnlyThoseBeforeThem()
    {
        Assert.Empty(References("Numerics"));
        Assert.Equal(["Numerics"], References("Core"));
        Assert.Contains("Core", References("Cli"));
        Assert.Empty(Ours(Numerics.Assembly));
        Assert.Equal([Numerics.Name], Ours(Core.Assembly));

        static IEnumerable<string> Ours(Assembly assembly) =>
            assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("VideoLstm", StringComparison.Ordinal));

        static string[] References(string name) =>
        [
            .. XDocument.Load(Path.Combine(TestAssets.Repository, "src", $"VideoLstm.{name}", $"VideoLstm.{name}.csproj"))
                .Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!)["VideoLstm.".Length..]),
        ];
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void LibrariesDoNotTalkToTheConsole(string name)
    {
        Project project = Find(name);
        Assert.DoesNotContain(project.Assembly.GetReferencedAssemblies(), a => a.Name == "System.Console");
        IEnumerable<IType> types = Loaded.Value.Types.Where(t => project.RoomOf(t.FullName) is not null);
        Assert.DoesNotContain(types, t => t.Dependencies.Any(d => d.Target.FullName == "System.Console"));
        Assert.DoesNotContain(project.Sources(), s => ConsoleName().IsMatch(s.Text));
    }

    private static void AssertNone(IEnumerable<string> faults)
    {
        string[] found = [.. faults.Distinct().Order(StringComparer.Ordinal)];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    private static Project Find(string name) => name == Core.Name ? Core : Numerics;

    [GeneratedRegex(@"\b(?<project>Core|Numerics)\.(?<room>[A-Z]\w*)\b")]
    private static partial Regex RoomName();

    [GeneratedRegex(@"\bConsole\b")]
    private static partial Regex ConsoleName();

    /// <param name="Assembly">What is compiled of it.</param>
    /// <param name="Rooms">From the ground up.</param>
    private sealed record Project(Assembly Assembly, string[] Rooms)
    {
        public string Name => Assembly.GetName().Name!;

        public string Folder => Path.Combine(TestAssets.Repository, "src", Name);

        /// <summary>The room of a type by its full name: empty beside the rooms, null in another project.</summary>
        public string? RoomOf(string type)
        {
            if (!type.StartsWith(Name + ".", StringComparison.Ordinal))
                return null;
            string[] parts = type[(Name.Length + 1)..].Split('.');
            return parts.Length > 1 ? parts[0] : "";
        }

        public bool IsAbove(string used, string? room) => Array.IndexOf(Rooms, used) > Array.IndexOf(Rooms, room);

        public IEnumerable<Source> Sources() => Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => Path.GetRelativePath(Folder, f).Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin"))
            .Select(f => new Source(f, File.ReadAllText(f)));
    }

    private sealed record Source(string Path, string Text)
    {
        public string Namespace => NamespaceLine().Match(Text).Groups["name"].Value;
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
