using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace VideoLstm.Core.Reports;

/// <summary>Markup that may go into a page as it is.</summary>
internal readonly record struct Markup(string Text);
