using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsvHelper;
using CsvHelper.Configuration;

namespace VideoLstm.Core.Datasets;

/// <summary>A clip as a list names it.</summary>
/// <param name="Set">Train or test.</param>
/// <param name="Class">Name of its class.</param>
/// <param name="File">Its path as listed, with slashes: at least a file name.</param>
/// <param name="Row">Where it is listed, for messages: <c>train.csv, line 2</c>.</param>
public sealed record ListedClip(ClipSet Set, string Class, string File, string Row);

/// <summary>
/// Published lists of clips. What form a list has is seen by what is in it; any line end, a byte order mark, empty lines and
/// backslashes in paths are taken. A clip's name may hold spaces.
/// <code>
/// Keras' CNN-RNN example     video_name,tag                  other columns are passed over
///                            v_CricketShot_g08_c01.avi,CricketShot
/// UCF101, trainlist01.txt    ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1     number of the class, from 1
///         testlist01.txt     ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi
///         classInd.txt       1 ApplyEyeMakeup
/// HMDB51, brush_hair_test_split1.txt    April_09_brush_hair_u_nm_np1_ba_goo_0.avi 1     0 unused, 1 train, 2 test
/// </code>
/// </summary>
public sealed partial class ClipLists
{
    private const long LongestFile = 256 << 20;
    private const string NameColumn = "video_name", ClassColumn = "tag";

    // Line by line, so that a broken one spoils no other.
    private static readonly CsvConfiguration LineFormat = new(CultureInfo.InvariantCulture) { HasHeaderRecord = false };

    private readonly (string Path, ClipSet? Set)[] _files;
    private readonly string? _classList;

    private ClipLists((string Path, ClipSet? Set)[] files, string? classList)
    {
        _files = files;
        _classList = classList;
    }

    /// <summary>One list of clips for training and one for the test, as Keras' example and UCF101 have them.</summary>
    /// <param name="train">The list for training.</param>
    /// <param name="test">The list for the test.</param>
    /// <param name="classes">UCF101's <c>classInd.txt</c>, which the numbers in the lists are compared with; needed only where the paths name no class.</param>
    public static ClipLists OfSets(string train, string test, string? classes = null) => new([(train, ClipSet.Train), (test, ClipSet.Test)], classes);

    /// <summary>A list a class that says of each clip which side it is on, as HMDB51 has them: <c>&lt;Class&gt;_test_split1.txt</c>.</summary>
    /// <param name="lists">The lists of one split; <c>*</c> and <c>?</c> in a file name stand for any characters and any one.</param>
    /// <exception cref="InputException">There is no such file, or they are of several splits.</exception>
    public static ClipLists OfClasses(IEnumerable<string> lists)
    {
        string[] files = [.. lists.SelectMany(Expand).Distinct(StringComparer.Ordinal)];
        string[] splits = [.. files.Select(f => SplitName().Match(Path.GetFileName(f)).Groups["split"].Value).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal)];
        return splits.Length <= 1
            ? new ClipLists([.. files.Select(f => (f, (ClipSet?)null))], null)
            : throw new InputException($"{files[0]} and {files.Length - 1} others: are of splits {string.Join(", ", splits.Order(StringComparer.Ordinal))}; give those of one, e.g. *_test_split1.txt");
    }

    /// <summary>Reads all lists.</summary>
    /// <param name="failures">Gets one line for each row that cannot be used.</param>
    /// <exception cref="InputException">A list is missing, or is no list at all.</exception>
    public IReadOnlyList<ListedClip> Read(ICollection<string> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        Dictionary<int, string>? classes = _classList is null ? null : ReadClasses(_classList, failures);
        var clips = new List<ListedClip>();
        foreach ((string path, ClipSet? set) in _files)
        {
            List<(int Number, string Text)> lines = ReadLines(path);
            Func<string, ListedClip> parse = set is { } side ? FormOf(path, lines, side, classes) : HmdbForm(path);
            foreach ((int number, string text) in lines)
            {
                string row = $"{path}, line {number}";
                try
                {
                    ListedClip clip = parse(text);
                    // The split that the lists are of leaves it out.
                    if (clip.File.Length > 0)
                        clips.Add(clip with { Row = row });
                }
                catch (FormatException e)
                {
                    failures.Add($"{row}: {e.Message}");
                }
            }
        }
        return clips;
    }

    // A header is taken out of the lines.
    private static Func<string, ListedClip> FormOf(string path, List<(int Number, string Text)> lines, ClipSet set, Dictionary<int, string>? classes)
    {
        if (lines.Count == 0)
            throw new InputException($"{path}: is empty, expected a list of clips");
        string header = lines[0].Text;
        string[] columns = TrySplit(header) ?? [];
        int name = Column(columns, NameColumn), tag = Column(columns, ClassColumn);
        if (name >= 0 && tag >= 0)
        {
            lines.RemoveAt(0);
            return text => KerasRow(text, columns.Length, name, tag, set);
        }
        if (Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"{path}, line {lines[0].Number}: expected a header with the columns {NameColumn} and {ClassColumn}, found `{Shorten(header)}`");
        return text => UcfRow(text, set, classes);
    }

    private static ListedClip KerasRow(string text, int columns, int name, int tag, ClipSet set)
    {
        string[] fields = TrySplit(text) ?? throw new FormatException($"a quotation mark is not closed or stands where none can: `{Shorten(text)}`");
        if (fields.Length != columns)
            throw new FormatException($"expected {columns} fields as in the header, found {fields.Length}: `{Shorten(text)}`");
        return new ListedClip(set, ClassName(fields[tag].Trim()), ClipPath(fields[name].Trim()), "");
    }

    private static ListedClip UcfRow(string text, ClipSet set, Dictionary<int, string>? classes)
    {
        Match match = PathAndNumber().Match(text);
        string file = ClipPath(match.Success ? match.Groups["path"].Value : text);
        string[] parts = file.Split('/');
        string? folder = parts.Length > 1 ? parts[^2] : null, numbered = null;
        if (match.Success && classes is not null && !(int.TryParse(match.Groups["number"].Value, CultureInfo.InvariantCulture, out int number) && classes.TryGetValue(number, out numbered)))
            throw new FormatException($"class {match.Groups["number"].Value} is not in the list of classes: `{Shorten(text)}`");
        if (folder is not null && numbered is not null && folder != numbered)
            throw new FormatException($"{file} is in a folder {folder}, but its number is that of {numbered}");
        return new ListedClip(set, ClassName(folder ?? numbered ?? throw new FormatException($"expected `Class/clip.avi` or `Class/clip.avi 1`, found `{Shorten(text)}`")), file, "");
    }

    private static Func<string, ListedClip> HmdbForm(string path)
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
                "0" => new ListedClip(ClipSet.Train, className, "", ""),
                "1" => new ListedClip(ClipSet.Train, className, ClipPath(match.Groups["path"].Value), ""),
                "2" => new ListedClip(ClipSet.Test, className, ClipPath(match.Groups["path"].Value), ""),
                _ => throw new FormatException($"expected `clip.avi 0`, 1 or 2 (unused, train, test), found `{Shorten(text)}`"),
            };
        };
    }

    private static Dictionary<int, string> ReadClasses(string path, ICollection<string> failures)
    {
        var classes = new Dictionary<int, string>();
        foreach ((int line, string text) in ReadLines(path))
        {
            Match match = NumberAndClass().Match(text);
            if (!match.Success || !int.TryParse(match.Groups["number"].Value, CultureInfo.InvariantCulture, out int number) || !DataFile.IsName(match.Groups["class"].Value))
                failures.Add($"{path}, line {line}: expected `1 Class`, found `{Shorten(text)}`");
            else if (!classes.TryAdd(number, match.Groups["class"].Value))
                failures.Add($"{path}, line {line}: number {number} is that of {classes[number]} already");
        }
        return classes.Count > 0 ? classes : throw new InputException($"{path}: is no list of classes; expected lines `1 Class`");
    }

    private static List<(int Number, string Text)> ReadLines(string path)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a folder, expected a list of clips; give its files, e.g. {Path.Combine(path, "*_test_split1.txt")}");
        if (!File.Exists(path))
            throw new InputException($"{path}: no such file");
        if (new FileInfo(path).Length > LongestFile)
            throw new InputException($"{path}: is too large for a list of clips");
        try
        {
            return [.. File.ReadLines(path, new UTF8Encoding(false, throwOnInvalidBytes: true)).Select((text, i) => (i + 1, text.Trim())).Where(line => line.Item2.Length > 0)];
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException($"{path}: is no text in UTF-8, expected a list of clips", e);
        }
    }

    private static string ClipPath(string listed)
    {
        string[] parts = [.. listed.Replace('\\', '/').Split('/').SkipWhile(p => p == ".")];
        bool stays = parts.Length > 0 && parts.All(DataFile.IsName) && !listed.Any(char.IsControl) && !Path.IsPathRooted(listed) && !Drive().IsMatch(listed);
        return stays ? string.Join('/', parts) : throw new FormatException($"`{Shorten(listed)}` is no path of a clip in the data folder");
    }

    private static string ClassName(string name) =>
        DataFile.IsName(name) && !name.Any(char.IsControl) ? name : throw new FormatException($"`{Shorten(name)}` is no name of a class");

    private static string[]? TrySplit(string line)
    {
        using var parser = new CsvParser(new StringReader(line), LineFormat);
        try
        {
            return parser.Read() && line.Count(c => c == '"') % 2 == 0 ? parser.Record : null;
        }
        catch (CsvHelperException)
        {
            return null;
        }
    }

    private static int Column(string[] columns, string name) => Array.FindIndex(columns, c => c.Trim().Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> Expand(string list)
    {
        string name = Path.GetFileName(list);
        if (File.Exists(list) || !name.AsSpan().ContainsAny('*', '?'))
            return [list];
        string folder = Path.GetDirectoryName(list) is { Length: > 0 } given ? given : ".";
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, name).Order(StringComparer.Ordinal)] : [];
        return files.Length > 0 ? files : throw new InputException($"{list}: no such files");
    }

    private static string Shorten(string text)
    {
        const int longest = 100;
        text = string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
        return text.Length <= longest ? text : text[..longest] + "...";
    }

    // What is before the number ends with an extension: else the number belongs to the name.
    [GeneratedRegex(@"^(?<path>.*\.\w+)\s+(?<number>\d+)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PathAndNumber();

    [GeneratedRegex(@"^(?<number>\d+)\s+(?<class>\S.*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NumberAndClass();

    [GeneratedRegex(@"^(?<class>.+)_test_split(?<split>\d+)\.txt$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SplitName();

    [GeneratedRegex("^[A-Za-z]:")]
    private static partial Regex Drive();
}
