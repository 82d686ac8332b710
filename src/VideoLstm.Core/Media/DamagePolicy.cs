namespace VideoLstm.Core.Media;

/// <summary>What is done with a damaged video.</summary>
public enum DamagePolicy
{
    /// <summary>Taken as it is, as long as it has lost little (<see cref="VideoDamage.Tolerable"/>).</summary>
    KeepSlight,

    /// <summary>Taken as it is.</summary>
    Keep,

    /// <summary>Left out.</summary>
    Skip,

    /// <summary>Refused.</summary>
    Fail,
}
