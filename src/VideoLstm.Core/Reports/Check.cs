namespace VideoLstm.Core.Reports;

/// <summary>Something that was looked at.</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Name">What was looked at.</param>
/// <param name="Found">What was found.</param>
/// <param name="Fix">What to do; null if nothing has to be done, or a remedy says it.</param>
/// <param name="Remedy">What to do.</param>
public sealed record Check(Severity Severity, string Name, string Found, string? Fix = null, Remedy Remedy = Remedy.None)
{
    /// <summary>What was found; a fact that begins with the name of what was looked at does not say it again.</summary>
    public string Found { get; } = Found.StartsWith(Name + ": ", StringComparison.Ordinal) ? Found[(Name.Length + 2)..] : Found;
}
