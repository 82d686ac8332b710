namespace VideoLstm.Core.Media;

/// <summary>A live source led to a host that it must not lead to. The message is one line; what allows the host, the caller adds.</summary>
/// <param name="message">Which source, which host and why.</param>
/// <param name="host">The host.</param>
public sealed class HostRefusedException(string message, string host) : InputException(message)
{
    /// <summary>The host, a name or an address.</summary>
    public string Host { get; } = host;
}
