namespace VideoLstm.Core;

/// <summary>
/// Something that the user gave cannot be used. The message is one line: which file, what was expected, what was
/// found, what to do. It is shown as it is, without a stack trace.
/// </summary>
public class InputException(string message, Exception? inner = null) : Exception(message, inner);
