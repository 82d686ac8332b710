namespace VideoLstm.Core.Media;

/// <summary>A video is left out, since it is damaged and the user wants it so: no failure.</summary>
public sealed class LeftOutException : InputException
{
    /// <summary>Leaves it out.</summary>
    /// <param name="message">One line: which and why.</param>
    public LeftOutException(string message) : base(message)
    {
    }
}
