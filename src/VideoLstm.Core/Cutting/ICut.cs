namespace VideoLstm.Core.Cutting;

/// <summary>A way to cut.</summary>
internal interface ICut : IDisposable
{
    /// <summary>The video's frames.</summary>
    FrameIndex Index { get; }

    /// <summary>Writes an output.</summary>
    /// <param name="output">What is to be in it; at least one frame.</param>
    /// <param name="partial">The file to write.</param>
    /// <param name="progress">Told the number of frames written.</param>
    /// <returns>Null if none of its frames can be decoded.</returns>
    /// <exception cref="InputException">It cannot be written.</exception>
    CutResult? Write(CutOutput output, string partial, Action<long> progress);
}
