using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace VideoLstm.Core.Formats.Xml;

/// <summary>
/// The one door for XML that others wrote. A document type declaration is passed over: no entity of it is known, nothing is loaded, and
/// what it says of elements counts for nothing. Depth and number of nodes are bounded before a tree is made.
/// </summary>
internal static class SafeXml
{
    // No file that this program reads comes near; the tree is walked by recursion here and there.
    private const int Deepest = 100;

    private const int MostNodes = 3_000_000;

    /// <summary>Parses a document.</summary>
    /// <exception cref="XmlException">It is no XML, nested too deeply, or has too many nodes.</exception>
    public static XElement Parse(string text)
    {
        using (XmlReader reader = Open(text))
        {
            for (int nodes = 0; reader.Read(); nodes += 1 + reader.AttributeCount)
            {
                if (reader.Depth > Deepest || nodes > MostNodes)
                    throw new XmlException(reader.Depth > Deepest ? "nested too deeply" : "too many elements", null,
                        ((IXmlLineInfo)reader).LineNumber, ((IXmlLineInfo)reader).LinePosition);
            }
        }
        using XmlReader again = Open(text);
        return XElement.Load(again, LoadOptions.PreserveWhitespace | LoadOptions.SetLineInfo);
    }

    /// <summary>Text that XML 1.0 can hold: control characters are spaces, and what is no character is U+FFFD.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i]))
                clean.Append(text[i]);
            else if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                clean.Append(text[i]).Append(text[++i]);
            else
                clean.Append(char.IsControl(text[i]) ? ' ' : '\uFFFD');
        }
        return clean.ToString();
    }

    /// <summary>Writes a document as others read it: indented, with line ends in values as references, so that they come back.</summary>
    /// <param name="writer">Where to; it stays open.</param>
    /// <param name="root">The document.</param>
    /// <param name="docType">Name of the document type, for programs that go by it; null for none.</param>
    public static void Write(TextWriter writer, XElement root, string? docType = null)
    {
        var settings = new XmlWriterSettings { Indent = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.Entitize };
        using var xml = XmlWriter.Create(writer, settings);
        xml.WriteStartDocument();
        if (docType is not null)
            xml.WriteDocType(docType, null, null, null);
        root.WriteTo(xml);
        xml.WriteEndDocument();
    }

    private static XmlReader Open(string text) => XmlReader.Create(new StringReader(text), new XmlReaderSettings
    {
        DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true,
        MaxCharactersFromEntities = 1,
    });
}
