using System.Globalization;
using System.Text;
using VideoLstm.Core.Formats.Tables;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Formats.Tables;

public sealed class TableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a,b,c\n1,2,3\n", "1 a|b|c", "2 1|2|3")]
    [InlineData("a;b;c\r\n1,5;2;\r\n", "1 a|b|c", "2 1,5|2|")]
    [InlineData("a\tb\r\rc, d;e\tf", "1 a|b", "3 c, d;e|f")]
    [InlineData("sep=;\na,1;b\n", "2 a,1|b")]
    [InlineData("\"sep=,\"\r\na;1,b\r\n", "2 a;1|b")]
    [InlineData("start;end;class;note, if any\n0;4;x;\"good, clear\"\n", "1 start|end|class|note, if any", "2 0|4|x|good, clear")]
    [InlineData("start;end;\"a, b, c, d\"\n", "1 start|end|a, b, c, d")]
    [InlineData("0,5;1,5;Corner\n1,5;2,5;Goal\n", "1 0,5|1,5|Corner", "2 1,5|2,5|Goal")]
    [InlineData("\n \na,b\n,,,\n;;\n\t\n\"\",\" \"\nc,d\n,,", "3 a|b", "8 c|d")]
    [InlineData("a,\"x\r\ny,\"\"z\"\"\" , b \nc", "1 a|x\r\ny,\"z\"|b", "3 c")]
    [InlineData("one column\nno separator", "1 one column", "2 no separator")]
    [InlineData("")]
    public void Rows_know_their_fields_and_lines(string text, params string[] rows)
    {
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(false), new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(true, true)])
            Assert.Equal(rows, Read(text, encoding));
        if (text.Length > 1 && text[..2].All(char.IsAsciiLetterOrDigit))
            Assert.Equal(rows, (string[])[.. Read(text, new UnicodeEncoding(false, false)), .. Read(text, new UnicodeEncoding(true, false))[rows.Length..]]);
    }

    [Theory]
    [InlineData("a,b\n\"x,1\ny,2\nz,3\n", "1 a|b", "2 !", "3 y|2", "4 z|3")]
    [InlineData("a,b\nx\"y,1\n\"x\"y,1\nz,3\n", "1 a|b", "2 !", "3 !", "4 z|3")]
    [InlineData("a,b\n\"c,1\nd\",2\ne,3\n", "1 a|b", "2 c,1\nd|2", "4 e|3")]
    public void A_quotation_mark_out_of_place_spoils_no_other_line(string text, params string[] rows) => Assert.Equal(rows, Read(text, Encoding.UTF8));

    [Fact]
    public void Blanks_are_kept_where_they_may_be_a_part_of_a_name()
    {
        File.WriteAllText(_folder.File("t.csv"), " a ,b,\"c\"\n");
        using TableFile table = TableFile.Open(_folder.File("t.csv"), "a list", trims: false);
        Assert.Equal([" a ", "b", "c"], table.Rows().Single().Fields);
    }

    [Theory]
    [InlineData(",", 200_000_000, "line 1: has more than")]
    [InlineData("\0", 200_000_000, "line 1: has more than")]
    [InlineData("a,", 4000, "line 1: has more than 1000 fields")]
    [InlineData("a\n", 12_000_000, "has more than 5000000 lines")]
    [InlineData("\"a\n", 18_000_000, "has more than 5000000 lines")]
    [InlineData(",", 300_000_000, "too large for a list")]
    public void What_no_table_is_ends_at_once(string piece, int bytes, string expected)
    {
        byte[] pieces = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, 500_000 / piece.Length)));
        using (FileStream file = File.Create(_folder.File("t.csv")))
        {
            for (int written = 0; written < bytes; written += pieces.Length)
                file.Write(pieces.AsSpan(0, Math.Min(pieces.Length, bytes - written)));
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan start = ThreadTime.Now;
        InputException error = Assert.Throws<InputException>(() =>
        {
            using TableFile table = TableFile.Open(_folder.File("t.csv"), "a list");
            return table.Rows().Count();
        });
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(ThreadTime.Now - start < TimeSpan.FromSeconds(20), $"{ThreadTime.Now - start}");
        if (!expected.Contains("lines", StringComparison.Ordinal))
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50_000_000, $"{GC.GetAllocatedBytesForCurrentThread() - before}");
    }

    [Fact]
    public void What_is_no_text_says_after_which_line()
    {
        File.WriteAllBytes(_folder.File("t.csv"), [.. "a,b\nc"u8, 0xFF, .. ",d\n"u8]);
        Assert.Contains("is no text in UTF-8", Assert.Throws<InputException>(() => Read("t.csv")).Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<InputException>(() => Read("gone.csv")).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.File("folder.csv"));
        Assert.Contains("is a folder, expected a list", Assert.Throws<InputException>(() => Read("folder.csv")).Message, StringComparison.Ordinal);
    }

    private string[] Read(string text, Encoding encoding)
    {
        File.WriteAllText(_folder.File("t.csv"), text, encoding);
        return Read("t.csv");
    }

    private string[] Read(string name)
    {
        using TableFile table = TableFile.Open(_folder.File(name), "a list");
        return [.. table.Rows().Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Line} {(r.Fault is null ? string.Join('|', r.Fields) : "!")}"))];
    }
}
