namespace VideoLstm.Core;

/// <summary>
/// A program that all work rests on, ffmpeg or ffprobe, is not there or does not answer. Unlike an <see cref="InputException"/> it is no
/// fault of one input, so work on many inputs ends with it. The message is one line.
/// </summary>
public sealed class MissingToolException(string message, Exception? inner = null) : PlatformNotSupportedException(message, inner);
