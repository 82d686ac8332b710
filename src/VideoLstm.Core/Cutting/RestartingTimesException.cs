namespace VideoLstm.Core.Cutting;

/// <summary>
/// The times of a broadcast recording begin anew or leap, as where recordings were joined byte by byte: no time names one place in it.
/// </summary>
internal sealed class RestartingTimesException : InputException
{
    /// <summary>Says where.</summary>
    /// <param name="path">The video.</param>
    /// <param name="places">How often they do.</param>
    public RestartingTimesException(string path, int places)
        : base(Invariant($"{path}: its times begin anew at {places} place{(places == 1 ? "" : "s")}"), Remedy.WriteTimesAnew)
    {
    }
}
