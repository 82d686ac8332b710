namespace VideoLstm.Core;

/// <summary>
/// Something that the user gave cannot be used. The message is one line: which file, what was expected, what was found. It is shown without
/// a stack trace, and with what mends it.
/// </summary>
public class InputException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="message">The fact.</param>
    /// <param name="inner">What it comes from.</param>
    public InputException(string message, Exception? inner = null) : this(message, Remedy.None, inner)
    {
    }

    /// <summary>Says what is wrong, and what mends it.</summary>
    /// <param name="message">The fact.</param>
    /// <param name="remedy">What can be done about it.</param>
    /// <param name="inner">What it comes from.</param>
    public InputException(string message, Remedy remedy, Exception? inner = null) : base(message, inner) => Remedy = remedy;

    /// <summary>What can be done about it.</summary>
    public Remedy Remedy { get; }

    /// <summary>Message and remedy.</summary>
    public Finding Finding => new(Message, Remedy);
}
