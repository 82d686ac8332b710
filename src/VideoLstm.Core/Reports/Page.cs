using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Reports;

/// <summary>
/// What all pages have in common: one HTML file that runs nothing but its own script and reaches no network, which its content
/// security policy makes sure of.
/// </summary>
internal static class Page
{
    /// <summary>Writes a page, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">Its title.</param>
    /// <param name="style">Name of its own style sheet among the resources.</param>
    /// <param name="scripts">Names of the parts of its script, in their order.</param>
    /// <param name="addBody">Adds what is between the tags of the body.</param>
    /// <param name="media">From where video may come, as a policy says it; null: from nowhere.</param>
    public static void Write(
        string path, string title, string style, IEnumerable<string> scripts, Action<Html> addBody, string? media = null)
    {
        string script = string.Concat(scripts.Select(Resource));
        string digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        var sources = new Markup((media is null ? "" : $"media-src {media}; ") + "base-uri 'none'; form-action 'none'");
        var page = new Html();
        page.Add($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy"
            content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{new Markup(digest)}'; {sources}">
            <link rel="icon" href="data:,">
            <title>{title}</title>
            <style>
            {new Markup(Resource("page.css"))}{new Markup(Resource(style))}</style>
            </head>
            <body>
            """);
        addBody(page);
        page.Add($"<script>{new Markup(script)}</script>\n</body>\n</html>");
        AtomicFile.WriteText(path, page.ToMarkup().Text);
    }

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        // As HTML parsers see it, whatever the line ends of the checkout: the digest is of that.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
