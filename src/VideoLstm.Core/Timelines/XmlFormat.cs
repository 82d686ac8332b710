using System.Globalization;
using System.Xml.Linq;
using System.Xml;
using VideoLstm.Core.Formats.Xml;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>A format that is XML. Whatever such a file is called, its first element says which one it is.</summary>
/// <param name="extension">What names of such files end with.</param>
/// <param name="clockRate">Steps of the format's clock in a second.</param>
/// <param name="root">Name of the first element.</param>
internal abstract class XmlFormat(string extension, int clockRate, string root) : TimelineFormat(extension, clockRate)
{
    private static readonly XmlFormat[] Known =
        [new ElanTimeline(), new CvatTimeline(), new FcpxmlTimeline(), new XmemlTimeline(".xml"), new MltTimeline(".mlt")];

    private readonly string _root = root;

    /// <summary>Reads a document.</summary>
    /// <exception cref="InputException">It is not what it should be.</exception>
    protected abstract Timeline Read(TimelineText text, XElement root);

    /// <inheritdoc/>
    public override Timeline Read(TimelineText text)
    {
        XElement document;
        try
        {
            document = SafeXml.Parse(text.ReadAll());
        }
        catch (XmlException e)
        {
            throw new InputException(Invariant($"{text.Path}, line {e.LineNumber}: is no XML ({Printable.Short(e.Message, 200)})"), e);
        }
        string name = document.Name.LocalName;
        XmlFormat format = name == _root ? this : Array.Find(Known, f => f._root == name)
            ?? throw new InputException($"{text.Path}: expected one of the elements {string.Join(", ", Known.Select(f => f._root))} first, "
                + $"found {Printable.Quote(name)}");
        return format.Read(text, document);
    }

    /// <summary>Index of the line that an element begins in.</summary>
    protected static int Line(XElement element) => Math.Max(0, ((IXmlLineInfo)element).LineNumber - 1);

    /// <summary>An element is not what it should be.</summary>
    /// <param name="text">The file.</param>
    /// <param name="element">The element.</param>
    /// <param name="expected">What it should have.</param>
    protected static InputException Broken(TimelineText text, XElement element, string expected) =>
        new($"{text.Place(Line(element))}: expected {expected} in <{Printable.Short(element.Name.LocalName, 60)}>");

    /// <summary>The text of an attribute; null if it is not there.</summary>
    protected static string? Value(XElement element, string name) => element.Attribute(name)?.Value;

    /// <summary>The number that is the text of an element or attribute; null if it is none, or too large for a time.</summary>
    protected static double? Number(string? text) =>
        double.TryParse(text?.Trim(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out double value) && Math.Abs(value) < 1e15 ? value : null;

    /// <summary>The whole number that a text is.</summary>
    protected static long? Whole(string? text) => Number(text) is { } value && value == Math.Floor(value) ? (long)value : null;

    /// <summary>Where a video is, as an address.</summary>
    protected static string Address(string? video) =>
        video is null ? "file:///video" : video.Contains("://", StringComparison.Ordinal) ? SafeXml.Clean(video)
            : new Uri(Path.GetFullPath(SafeXml.Clean(video))).AbsoluteUri;

    /// <summary>The name of a video without its folder; null if it is not known.</summary>
    protected static string? FileName(string? video) => video is null ? null : SafeXml.Clean(Path.GetFileName(video));
}
