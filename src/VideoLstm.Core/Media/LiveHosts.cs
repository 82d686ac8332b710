using System.Net;
using System.Net.Sockets;

namespace VideoLstm.Core.Media;

/// <summary>
/// Which hosts a live address may lead to, by redirects and by what stands in playlists: the address's own, those that the user lists, and,
/// where he lists none, all others but this machine and private networks. It is the address that is connected to that counts, whatever it
/// is called.
/// </summary>
/// <param name="name">The source, for messages.</param>
/// <param name="own">The host that the user named.</param>
/// <param name="listed">Hosts that are allowed, and then no others; null: no list.</param>
/// <param name="look">Looks a name up; null: as the system does.</param>
internal sealed class LiveHosts(
    string name, string own, IReadOnlyList<string>? listed, Func<string, CancellationToken, Task<IPAddress[]>>? look = null)
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _look = look ?? Dns.GetHostAddressesAsync;
    private readonly string _own = Normalized(own);
    private readonly HashSet<string>? _listed = listed?.Select(Normalized).ToHashSet(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private bool? _ownIsPublic;

    /// <summary>
    /// A host as it is compared: small letters, no dot at the end, addresses in their usual form; null if it can be none.
    /// </summary>
    public static string? Normalize(string host)
    {
        host = host.Trim().TrimEnd('.');
        // A colon only where it is an address: a port is none of the host's.
        if (IPAddress.TryParse(host, out IPAddress? address))
            return Plain(address).ToString();
        return Uri.CheckHostName(host) == UriHostNameType.Dns ? new UriBuilder("http", host).Uri.IdnHost.ToLowerInvariant() : null;
    }

    /// <summary>Refuses a host by its name.</summary>
    /// <exception cref="HostRefusedException">It is not among those listed.</exception>
    public void Check(string host)
    {
        if (_listed is not null && !IsNamed(Normalized(host)))
            throw new HostRefusedException($"{name}: leads to {host}, a host that is not allowed", Normalized(host));
    }

    /// <summary>The addresses of a host that may be connected to; at least one.</summary>
    /// <exception cref="HostRefusedException">There are only such that may not.</exception>
    /// <exception cref="SocketException">The name is not known.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct)
    {
        Check(host);
        string normalized = Normalized(host);
        IPAddress[] all = IPAddress.TryParse(normalized, out IPAddress? literal) ? [literal] : await _look(normalized, ct);
        IPAddress[] open = [.. all.Where(IsPublic)];
        if (_listed?.Contains(normalized) == true || (normalized == _own && !WasPublic(open.Length > 0)))
            return all;
        if (open.Length == 0 && all.Length > 0)
            throw new HostRefusedException(
                $"{name}: leads to {host}{(literal is null ? $" ({all[0]})" : "")}, an address of this machine or of a private network",
                normalized);
        return open;
    }

    /// <summary>
    /// Whether an address is one of the internet: not of this machine, of a private or local network, or for many receivers.
    /// </summary>
    public static bool IsPublic(IPAddress address)
    {
        address = Plain(address);
        byte[] b = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return (b[0], b[1], b[2]) switch
            {
                (0 or 10 or 127 or >= 224, _, _) => false,
                (100, >= 64 and < 128, _) => false,
                (169, 254, _) or (192, 168, _) or (192, 0, 0) => false,
                (172, >= 16 and < 32, _) or (198, 18 or 19, _) => false,
                _ => true,
            };
        }
        // IPv4 in IPv6, by translation and by tunnel: what counts is who is reached in the end.
        if (b.AsSpan().StartsWith((ReadOnlySpan<byte>)[0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]))
            return IsPublic(new IPAddress(b.AsSpan(12)));
        if (b is [0x20, 0x02, ..])
            return IsPublic(new IPAddress(b.AsSpan(2, 4)));
        // Of 2000::/3 alone addresses of the internet are given out; 2001:0::/32 is a tunnel.
        return (b[0] & 0xE0) == 0x20 && b is not [0x20, 0x01, 0, 0, ..];
    }

    private bool IsNamed(string normalized) => normalized == _own || _listed!.Contains(normalized);

    // A public name may be given a private address later: then it is another host than the user named.
    private bool WasPublic(bool isPublic)
    {
        lock (_gate)
            return _ownIsPublic ??= isPublic;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string Normalized(string host) => Normalize(host) ?? host.ToLowerInvariant();
}
