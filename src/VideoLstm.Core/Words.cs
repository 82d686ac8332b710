using System.Globalization;

namespace VideoLstm.Core;

/// <summary>Lists of those settings that change something.</summary>
internal static class Words
{
    /// <summary>The texts that apply, with commas between.</summary>
    public static string Join(params (bool Applies, FormattableString Text)[] words) =>
        string.Join(", ", words.Where(w => w.Applies).Select(w => w.Text.ToString(CultureInfo.InvariantCulture)));
}
