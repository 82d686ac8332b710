namespace VideoLstm.Core.Reports;

/// <summary>How grave it is what a check found.</summary>
public enum Severity
{
    /// <summary>As it should be.</summary>
    Well,

    /// <summary>Some things take longer, or cannot be done.</summary>
    Lacking,

    /// <summary>Nothing, or hardly anything, can be done.</summary>
    Missing,
}
