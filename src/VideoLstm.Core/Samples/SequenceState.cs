namespace VideoLstm.Core.Samples;

/// <summary>Whether a stored sequence can be used as it is.</summary>
public enum SequenceState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>Taken from this clip, with these settings.</summary>
    Current,

    /// <summary>Of the right shape, but written by another program: where it comes from cannot be known.</summary>
    Foreign,

    /// <summary>Taken from something else, or with other settings.</summary>
    Stale,

    /// <summary>Taken from this clip with these settings, but for the precision of the network, and perhaps its backend.</summary>
    OtherPrecision,

    /// <summary>Taken from this clip with these settings, but computed by another backend.</summary>
    OtherBackend,
}
