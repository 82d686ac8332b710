using System.Text.RegularExpressions;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Tables;
using VideoLstm.Core.Formats.Text;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// Published lists of clips. What form a list has is seen by what is in it: a table of any separator, encoding and line end, or lines;
/// empty rows and backslashes in paths are taken. A clip's name may hold spaces. A folder that holds clips of several numbers, or is no
/// class of a list of classes, names none: then the number does. Classes that differ only in case are one.
/// <code>
/// Keras' CNN-RNN example     video_name,tag                  other columns are passed over; also path, label and the like
///                            v_CricketShot_g08_c01.avi,CricketShot
/// UCF101, trainlist01.txt    ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1     number of the class, from 1
///         testlist01.txt     ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi
///         classInd.txt       1 ApplyEyeMakeup
/// MMAction2                  videos/f1.mp4 0                                   number of the class, from 0
///         label_map.txt      football                                          a class a line, from 0
/// HMDB51, brush_hair_test_split1.txt    April_09_brush_hair_u_nm_np1_ba_goo_0.avi 1     0 unused, 1 train, 2 test
/// </code>
/// </summary>
public sealed partial class ClipLists
{
    private const string What = "a list of clips";
    private const long LongestFile = 256 << 20;
    private const int MostLines = 5_000_000, MostFailures = 10_000;

    // How tables call the columns, the likeliest first.
    private static readonly string[] NameColumns =
        ["video_name", "video", "video_path", "path", "file_path", "filename", "file_name", "file", "clip"];
    private static readonly string[] ClassColumns = ["tag", "class", "class_name", "label", "category", "action"];

    private readonly (string Path, ClipSet? Set)[] _files;
    private readonly string? _classList;

    private ClipLists((string Path, ClipSet? Set)[] files, string? classList) => (_files, _classList) = (files, classList);

    /// <summary>One list of clips for training and one for the test, as Keras' example and UCF101 have them.</summary>
    /// <param name="train">The list for training.</param>
    /// <param name="test">The list for the test.</param>
    /// <param name="classes">UCF101's <c>classInd.txt</c>, which the numbers in the lists are compared with; needed only where the paths
    /// name no class.</param>
    public static ClipLists OfSets(string train, string test, string? classes = null) =>
        new([(train, ClipSet.Train), (test, ClipSet.Test)], classes);

    /// <summary>
    /// A list a class that says of each clip which side it is on, as HMDB51 has them: <c>&lt;Class&gt;_test_split1.txt</c>.
    /// </summary>
    /// <param name="lists">The lists of one split; <c>*</c> and <c>?</c> in a file name stand for any characters and any one.</param>
    /// <exception cref="InputException">There is no such file, or they are of several splits.</exception>
    public static ClipLists OfClasses(IEnumerable<string> lists)
    {
        string[] files = [.. lists.SelectMany(Expand).Distinct(StringComparer.Ordinal)];
        string[] splits = [.. files.Select(f => SplitName().Match(Path.GetFileName(f)).Groups["split"].Value).Where(s => s.Length > 0)
            .Distinct(StringComparer.Ordinal)];
        return splits.Length <= 1
            ? new ClipLists([.. files.Select(f => (f, (ClipSet?)null))], null)
            : throw new InputException(
                $"{files[0]} and {files.Length - 1} others: are of splits {string.Join(", ", splits.Order(StringComparer.Ordinal))}; "
                    + "give those of one, e.g. *_test_split1.txt");
    }

    /// <summary>Reads all lists.</summary>
    /// <param name="failures">Gets one line for each row that cannot be used.</param>
    /// <exception cref="InputException">A list is missing, or is no list at all, or the classes of its numbers are not known.</exception>
    public IReadOnlyList<ListedClip> Read(ICollection<Finding> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        var rows = new List<ListRow>();
        int faults = 0;
        foreach ((string path, ClipSet? set) in _files)
        {
            foreach (ListRow row in set is { } side ? ReadList(path, side) : ReadLines(path, HmdbForm(path)))
            {
                rows.Add(row);
                if (row.Fault is not null && ++faults > MostFailures)
                    throw new InputException($"{row.Place}: more than {MostFailures} rows cannot be used; expected {What}");
            }
        }
        ListedClasses classes = ListedClasses.Read(_classList, [.. rows.Where(r => r.Fault is null)], failures);
        var clips = new List<ListedClip>();
        foreach (ListRow row in rows)
        {
            try
            {
                clips.Add(row.Fault is null
                    ? new ListedClip(row.Set, classes.Of(row), row.File, row.Place)
                    : throw new FormatException(row.Fault));
            }
            catch (FormatException e)
            {
                failures.Add($"{row.Place}: {e.Message}");
            }
        }
        return clips;
    }

    private static IEnumerable<ListRow> ReadList(string path, ClipSet set)
    {
        using TableFile table = TableFile.Open(path, What, longest: LongestFile, mostLines: MostLines);
        using IEnumerator<TableRow> rows = table.Rows().GetEnumerator();
        if (!rows.MoveNext())
            throw new InputException($"{path}: is empty, expected {What}");
        TableRow first = rows.Current;
        if (Column(first, "youtube_id") >= 0 && Column(first, NameColumns) < 0)
            throw new InputException(
                $"{table.Place(first)}: is a list of videos at YouTube, as of Kinetics, and names no files; add a column video_name "
                    + "with the file of each clip");
        (int name, int tag) = (Column(first, NameColumns), Column(first, ClassColumns));
        bool hasHeader = name >= 0 && tag >= 0;
        if (!hasHeader)
        {
            (name, tag) = (0, 1);
            bool isTable = first.Fields.Length > 1 && FileName().IsMatch(first.Field(name)) && first.Field(tag).Length > 0;
            string line = string.Join(table.Separator, first.Fields);
            if (!isTable && Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) && !PathAndNumber().IsMatch(line))
                throw new InputException(
                    $"{table.Place(first)}: expected a header with the columns {NameColumns[0]} and {ClassColumns[0]}, found "
                        + $"{Printable.Quote(line)}");
            if (!isTable)
            {
                foreach (ListRow row in ReadLines(path, text => UcfRow(text, set)))
                    yield return row;
                yield break;
            }
        }
        bool isAtFirst = !hasHeader;
        while (isAtFirst || rows.MoveNext())
        {
            isAtFirst = false;
            yield return Parse(table.Place(rows.Current), () => TableRow(rows.Current, first.Fields.Length, name, tag, set))!;
        }
    }

    // Nothing is there of a clip that the split leaves out.
    private static IEnumerable<ListRow> ReadLines(string path, Func<string, ListRow?> parse)
    {
        using TextFile file = TextFile.Open(path, What, LongestFile);
        while (file.ReadLine() is { } line)
        {
            if (file.Line > MostLines)
                throw new InputException($"{path}: has more than {MostLines} lines, too many for {What}");
            if (line.Trim() is { Length: > 0 } text && Parse($"{path}, line {file.Line}", () => parse(text)) is { } row)
                yield return row;
        }
    }

    private static ListRow? Parse(string place, Func<ListRow?> parse)
    {
        try
        {
            return parse() is { } row ? row with { Place = place } : null;
        }
        catch (FormatException e)
        {
            return new ListRow(default, "", null, null) { Place = place, Fault = e.Message };
        }
    }

    private static ListRow TableRow(TableRow row, int columns, int name, int tag, ClipSet set)
    {
        if (row.Fault is not null)
            throw new FormatException(row.Fault);
        if (row.Fields.Length < columns || row.Fields.Skip(columns).Any(f => f.Length > 0))
            throw new FormatException($"expected {columns} fields as in the first row, found {row.Fields.Length}: "
                + $"{Printable.Quote(string.Join(',', row.Fields))}");
        string label = row.Field(tag).Trim();
        return new ListRow(set, ClipPath(row.Field(name).Trim()), ClassName(label), label.All(char.IsAsciiDigit) ? label : null);
    }

    private static ListRow UcfRow(string text, ClipSet set)
    {
        Match match = PathAndNumber().Match(text);
        string file = ClipPath(match.Success ? match.Groups["path"].Value : text);
        string[] parts = file.Split('/');
        if (parts.Length < 2 && !match.Success)
            throw new FormatException($"expected `Class/clip.avi` or `Class/clip.avi 1`, found {Printable.Quote(text)}");
        return new ListRow(set, file, parts.Length > 1 ? parts[^2] : null,
            match.Success ? match.Groups["number"].Value : null) { IsFolder = true };
    }

    private static Func<string, ListRow?> HmdbForm(string path)
    {
        Match name = SplitName().Match(Path.GetFileName(path));
        string className = name.Success
            ? name.Groups["class"].Value
            : throw new InputException($"{path}: its name says no class; expected <Class>_test_split1.txt");
        return text =>
        {
            Match match = PathAndNumber().Match(text);
            return (match.Success ? match.Groups["number"].Value : "") switch
            {
                "0" => null,
                "1" => new ListRow(ClipSet.Train, ClipPath(match.Groups["path"].Value), className, null),
                "2" => new ListRow(ClipSet.Test, ClipPath(match.Groups["path"].Value), className, null),
                _ => throw new FormatException($"expected `clip.avi 0`, 1 or 2 (unused, train, test), found {Printable.Quote(text)}"),
            };
        };
    }

    private static string ClipPath(string listed)
    {
        string[] parts = [.. listed.Replace('\\', '/').Split('/').SkipWhile(p => p == ".")];
        bool stays = parts.Length > 0 && parts.All(DataFile.IsName) && !listed.Any(char.IsControl) && !Path.IsPathRooted(listed)
            && !Drive().IsMatch(listed);
        return stays
            ? string.Join('/', parts)
            : throw new FormatException($"{Printable.Quote(listed)} is no path of a clip in the data folder");
    }

    private static string ClassName(string name) =>
        DataFile.IsName(name) && !name.Any(char.IsControl)
            ? name
            : throw new FormatException($"{Printable.Quote(name)} is no name of a class");

    private static int Column(TableRow row, params string[] names) =>
        names.Select(name => Array.FindIndex(row.Fields, c => c.Trim().Replace(' ', '_').Equals(name, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(i => i >= 0, -1);

    private static IEnumerable<string> Expand(string list)
    {
        string name = Path.GetFileName(list);
        if (File.Exists(list) || !name.AsSpan().ContainsAny('*', '?'))
            return [list];
        string folder = Path.GetDirectoryName(list) is { Length: > 0 } given ? given : ".";
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, name).Order(StringComparer.Ordinal)] : [];
        return files.Length > 0 ? files : throw new InputException($"{list}: no such files");
    }

    // What is before the number ends with an extension: else the number belongs to the name.
    [GeneratedRegex(@"^(?<path>.*\.\w+)\s+(?<number>\d+)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PathAndNumber();

    [GeneratedRegex(@"\.\w{1,8}$", RegexOptions.NonBacktracking)]
    private static partial Regex FileName();

    [GeneratedRegex(@"^(?<class>.+)_test_split(?<split>\d+)\.txt$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SplitName();

    [GeneratedRegex("^[A-Za-z]:")]
    private static partial Regex Drive();
}
