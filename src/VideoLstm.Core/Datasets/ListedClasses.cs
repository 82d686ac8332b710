using System.Globalization;
using System.Text.RegularExpressions;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Text;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// The classes of listed clips: by name, by folder, or by number in a list of classes, which is UCF101's (<c>1 ApplyEyeMakeup</c>),
/// MMAction2's with or without numbers (<c>0 football</c>, or one a line from 0), or with the number behind.
/// </summary>
internal sealed partial class ListedClasses
{
    private readonly Dictionary<int, string>? _byNumber;
    private readonly HashSet<string> _known;

    private ListedClasses(Dictionary<int, string>? byNumber)
    {
        _byNumber = byNumber;
        _known = new HashSet<string>(byNumber?.Values ?? Enumerable.Empty<string>(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Reads the list of classes.</summary>
    /// <param name="path">The file; null if there is none.</param>
    /// <param name="rows">All rows of the lists: what their numbers and folders can mean, all of them together say.</param>
    /// <param name="failures">Gets one line for each line that cannot be used.</param>
    /// <exception cref="InputException">It is none, or there is none and the rows need one.</exception>
    public static ListedClasses Read(string? path, IReadOnlyList<ListRow> rows, ICollection<Finding> failures)
    {
        if (path is not null)
            return new ListedClasses(ReadFile(path, rows, failures));
        var numberOfFolder = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (ListRow row in rows.Where(r => r.Number is not null && (r.IsFolder || r.Class is null)))
        {
            string folder = row.Class ?? "";
            if (!numberOfFolder.TryAdd(folder, row.Number!) && numberOfFolder[folder] != row.Number)
                throw new InputException(
                    $"{row.Place}: {(folder.Length > 0 ? $"the folder {folder} holds" : "there are")} clips of several numbers, "
                        + $"{numberOfFolder[folder]} and {row.Number}, so it names no class",
                    Remedy.NumberClasses);
        }
        return new ListedClasses(null);
    }

    /// <summary>The class of a row.</summary>
    /// <exception cref="FormatException">What is said of it does not go together.</exception>
    public string Of(ListRow row)
    {
        string? numbered = null;
        if (row.Number is { } digits && _byNumber is not null
            && !(int.TryParse(digits, CultureInfo.InvariantCulture, out int number) && _byNumber.TryGetValue(number, out numbered)))
            throw new FormatException($"class {digits} is not in the list of classes: {Printable.Quote($"{row.File} {digits}")}");
        string? name = row.Class;
        if (numbered is not null)
        {
            // A folder that is no class says where the clip lies, and no more.
            if (row.IsFolder && name is not null && _known.Contains(name) && !name.Equals(numbered, StringComparison.OrdinalIgnoreCase))
                throw new FormatException($"{row.File} is in a folder {name}, but its number is that of {numbered}");
            name = numbered;
        }
        if (name is null)
            throw new FormatException(
                $"expected `Class/clip.avi`, or a list of classes for the number: {Printable.Quote($"{row.File} {row.Number}")}");
        // As the list of classes writes it; without one, the two sides of the split are compared later.
        return _known.TryGetValue(name, out string? spelling) ? spelling : name;
    }

    private static Dictionary<int, string> ReadFile(string path, IReadOnlyList<ListRow> rows, ICollection<Finding> failures)
    {
        const string what = "a list of classes";
        (int Line, string Text)[] lines =
        [
            .. TextFile.ReadLines(path, what, 16 << 20, 200_000).Select((text, i) => (Line: i + 1, Text: text.Trim()))
                .Where(line => line.Text.Length > 0),
        ];
        if (lines.Length > 1 && Header().IsMatch(lines[0].Text))
            lines = lines[1..];
        Regex? form = Array.Exists(lines, l => NumberAndClass().IsMatch(l.Text)) ? NumberAndClass()
            : lines.Length > 0 && Array.TrueForAll(lines, l => ClassAndNumber().IsMatch(l.Text)) ? ClassAndNumber() : null;
        int[] used = [.. rows.Select(r => int.TryParse(r.Number, CultureInfo.InvariantCulture, out int n) ? n : -1).Where(n => n >= 0)];
        int next = used.Length > 0 && used.Min() > 0 && used.Max() == lines.Length ? 1 : 0;
        var classes = new Dictionary<int, string>();
        foreach ((int line, string text) in lines)
        {
            Match? match = form?.Match(text);
            string name = match is null ? text : match.Groups["class"].Value.Trim('"');
            int number = next;
            if (match is { Success: false }
                || (match is not null && !int.TryParse(match.Groups["number"].Value, CultureInfo.InvariantCulture, out number))
                || !DataFile.IsName(name) || name.Any(char.IsControl))
                failures.Add($"{path}, line {line}: expected `1 Class`, found {Printable.Quote(text)}");
            else if (!classes.TryAdd(number, name))
                failures.Add($"{path}, line {line}: number {number} is that of {classes[number]} already");
            next++;
        }
        return classes.Count > 0
            ? classes
            : throw new InputException($"{path}: is no {what[2..]}; expected lines `1 Class`, or one class a line");
    }

    [GeneratedRegex(@"^(?<number>\d+)[\s,;:]+(?<class>\S.*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NumberAndClass();

    [GeneratedRegex(@"^(?<class>.*\S)[\s,;:]+(?<number>\d+)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ClassAndNumber();

    [GeneratedRegex(@"^(id|index|number|class_?id|label_?id)[,;\t ]+\w+$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Header();
}
