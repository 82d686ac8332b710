using System.IO.Compression;
using System.Text;

namespace VideoLstm.Core.Formats.Text;

/// <summary>
/// A text file of others, line by line: UTF-8, or UTF-16 with or without a byte order mark; lines end with a line feed, a carriage return
/// or both; one whose name ends with .gz is decompressed as it is read. It may be anything: what is too large, too long or no text is
/// refused before it is in memory.
/// </summary>
internal sealed class TextFile : IDisposable
{
    /// <summary>Characters of the longest line that a file of lines may have.</summary>
    public const int LongestLine = 1 << 17;

    private readonly string _path, _what;
    private readonly long _longest;
    private readonly Stream _file;
    private readonly Decoder _decoder;
    private readonly byte[] _bytes = new byte[1 << 16];
    private readonly char[] _buffer = new char[(1 << 16) + 4];
    private readonly StringBuilder _line = new();
    private long _read;
    private int _at, _end;

    private TextFile(string path, string what, long longest)
    {
        (_path, _what, _longest) = (path, what, longest);
        FileStream file = File.OpenRead(path);
        if (file.CanSeek && file.Length > longest)
        {
            file.Dispose();
            throw TooLarge();
        }
        _file = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        int count = _file.ReadAtLeast(_bytes.AsSpan(0, 4), 4, throwOnEndOfStream: false);
        (Encoding encoding, int mark) = EncodingOf(_bytes.AsSpan(0, count));
        _decoder = encoding.GetDecoder();
        _end = Decode(_bytes.AsSpan(mark, count - mark), flush: count == 0);
    }

    /// <summary>Number of the line read last, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>What the line read last ended with; nothing at the end of the file.</summary>
    public string LineEnd { get; private set; } = "";

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it should be, with its article, for messages: <c>a timeline</c>.</param>
    /// <param name="longest">Bytes that no such file exceeds.</param>
    /// <exception cref="InputException">It is missing, a folder, too large or cannot be read.</exception>
    public static TextFile Open(string path, string what, long longest)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a folder, expected {what}");
        if (!File.Exists(path))
            throw new InputException($"{path}: no such file");
        try
        {
            return new TextFile(path, what, longest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new InputException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    /// <summary>All of a file, of lines of any length.</summary>
    /// <exception cref="InputException">As for <see cref="Open"/>, or it is no text.</exception>
    public static string ReadAll(string path, string what, long longest)
    {
        using TextFile file = Open(path, what, longest);
        var text = new StringBuilder();
        for (; file.Fill(); file._at = file._end)
            text.Append(file._buffer.AsSpan(file._at, file._end - file._at));
        return text.ToString();
    }

    /// <summary>All lines of a file, without their ends; one that is empty is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it should be, with its article.</param>
    /// <param name="longest">Bytes that no such file exceeds.</param>
    /// <param name="mostLines">Lines that no such file exceeds.</param>
    /// <exception cref="InputException">As for <see cref="Open"/>, or it is no text, or has too long or too many lines.</exception>
    public static string[] ReadLines(string path, string what, long longest, int mostLines)
    {
        using TextFile file = Open(path, what, longest);
        var lines = new List<string>();
        while (file.ReadLine() is { } line)
        {
            if (lines.Count == mostLines)
                throw new InputException(Invariant($"{path}: has more than {mostLines} lines, too many for {what}"));
            lines.Add(line);
        }
        return [.. lines];
    }

    /// <summary>The next line without its end; null at the end of the file.</summary>
    /// <exception cref="InputException">It is too long, or no text.</exception>
    public string? ReadLine()
    {
        if (!Fill())
            return null;
        Line++;
        _line.Clear();
        do
        {
            ReadOnlySpan<char> rest = _buffer.AsSpan(_at, _end - _at);
            int length = rest.IndexOfAny('\n', '\r');
            _line.Append(length < 0 ? rest : rest[..length]);
            if (_line.Length > LongestLine)
                throw new InputException(Invariant($"{_path}, line {Line}: has more than {LongestLine} characters, expected {_what}"));
            _at = length < 0 ? _end : _at + length;
            if (length >= 0)
            {
                LineEnd = TakeLineEnd();
                return _line.ToString();
            }
        }
        while (Fill());
        LineEnd = "";
        return _line.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private string TakeLineEnd()
    {
        if (_buffer[_at++] == '\n')
            return "\n";
        if (!Fill() || _buffer[_at] != '\n')
            return "\r";
        _at++;
        return "\r\n";
    }

    // Whether there is a character left.
    private bool Fill()
    {
        if (_at < _end)
            return true;
        try
        {
            int read;
            do
            {
                read = _file.Read(_bytes);
                // It may be a device, or grow.
                if ((_read += read) > _longest)
                    throw TooLarge();
                (_at, _end) = (0, Decode(_bytes.AsSpan(0, read), flush: read == 0));
            }
            while (_end == 0 && read > 0);
            return _end > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new InputException($"{_path}: cannot be read ({e.Message})", e);
        }
    }

    private int Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        try
        {
            return _decoder.GetChars(bytes, _buffer, flush);
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException(Invariant($"{_path}: is no text in UTF-8 (after line {Line}), expected {_what}; save it as UTF-8"), e);
        }
    }

    private InputException TooLarge() => new($"{_path}: is too large for {_what}");

    // Without a mark, text in UTF-16 begins with an ASCII character.
    private static (Encoding Encoding, int Mark) EncodingOf(ReadOnlySpan<byte> start) => start switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (new UTF8Encoding(false, throwOnInvalidBytes: true), 3),
        [0xFF, 0xFE, ..] => (new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), 2),
        [0xFE, 0xFF, ..] => (new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), 2),
        [not 0, 0, not 0, 0] => (new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), 0),
        [0, not 0, 0, not 0] => (new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), 0),
        _ => (new UTF8Encoding(false, throwOnInvalidBytes: true), 0),
    };
}
