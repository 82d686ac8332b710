using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Features;

/// <summary>
/// Where weights trained on ImageNet come from, InceptionV3's by default: our cache, Keras' cache, torch hub's cache, or the
/// publisher's server. A download is resumed where it ended, checked against the published digest, and only then given its name.
/// </summary>
public sealed class WeightsStore
{
    // Attempts in a row that get on by less than a step.
    private const int Attempts = 4;
    private const int StepThatCounts = 1 << 20;

    private readonly WeightsSource _source;
    private readonly WeightsFolders _folders;
    private readonly TimeSpan _stall;
    private readonly TimeSpan _pause;

    /// <summary>The store of this user, or of a test.</summary>
    /// <param name="source">What is downloaded; Keras' file by default.</param>
    /// <param name="folders">Where it looks; this user's folders by default.</param>
    /// <param name="stall">How long a server may send nothing; a minute by default.</param>
    /// <param name="pause">How long to wait before the second attempt, twice as long before each further one; a second by default.</param>
    public WeightsStore(WeightsSource? source = null, WeightsFolders? folders = null, TimeSpan? stall = null, TimeSpan? pause = null)
    {
        _source = source ?? WeightsSource.KerasInceptionV3;
        _folders = folders ?? WeightsFolders.OfThisUser();
        _stall = stall ?? TimeSpan.FromMinutes(1);
        _pause = pause ?? TimeSpan.FromSeconds(1);
    }

    /// <summary>Where a download goes.</summary>
    public string CacheFile => Path.Combine(_folders.Cache, _source.FileName);

    private string PartialFile => CacheFile + AtomicFile.PartialSuffix;

    // What the server called the content that the partial file holds a part of (RFC 9110, section 8.8).
    private string ValidatorFile => PartialFile + ".etag";

    /// <summary>Finds the weights on this machine, without the network; null if they are not there.</summary>
    public WeightsLocation? Find()
    {
        (string Path, string From)[] places =
        [
            (CacheFile, "our cache"),
            (Path.Combine(_folders.Keras, _source.FileName), "Keras' cache"),
            .. _source.OtherKerasNames.Select(name => (Path.Combine(_folders.Keras, name), "Keras' cache")),
            .. _source.TorchNames.Select(name => (Path.Combine(_folders.Torch, name), "torch hub's cache")),
        ];
        return places.Where(p => File.Exists(p.Path)).Select(p => new WeightsLocation(p.Path, p.From)).FirstOrDefault();
    }

    /// <summary>Finds the weights on this machine, or downloads them.</summary>
    /// <exception cref="InputException">They cannot be had: one line that says which file to get and where to put it.</exception>
    public async Task<WeightsLocation> FetchAsync(IProgress<DownloadProgress>? progress = null, CancellationToken ct = default)
    {
        if (Find() is { } found)
            return found;
        if (_source.Url.Scheme != Uri.UriSchemeHttps && !_source.Url.IsLoopback)
            throw Failed("only https is allowed");
        try
        {
            Directory.CreateDirectory(_folders.Cache);
            await using FileStream held = await LockAsync(progress, ct);
            // Whoever held the lock before may have finished the download.
            return Find() ?? await DownloadAsync(progress, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e.Message, e);
        }
    }

    // One process downloads, the others wait and then find the result. The lock is a file of its own, and stays: the
    // partial file is renamed or deleted at the end, and who waits for that one could get a lock on a file that is gone.
    private async Task<FileStream> LockAsync(IProgress<DownloadProgress>? progress, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return new FileStream(CacheFile + ".lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                if (new FileInfo(PartialFile) is { Exists: true } partial)
                    progress?.Report(new DownloadProgress(partial.Length, Total: null));
                await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
            }
        }
    }

    // ERROR_SHARING_VIOLATION; EWOULDBLOCK of macOS and of Linux. Any other error would stay however long one waits.
    private static bool IsHeldByAnother(IOException e) =>
        e.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11);

    private async Task<WeightsLocation> DownloadAsync(IProgress<DownloadProgress>? progress, CancellationToken ct)
    {
        string digest;
        bool isEmpty = false;
        try
        {
            await using var partial = new FileStream(PartialFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 16,
                FileOptions.Asynchronous);
            try
            {
                await DownloadInAttemptsAsync(partial, progress, ct);
            }
            finally
            {
                isEmpty = partial.Length == 0;
            }
            partial.Flush(flushToDisk: true);
            partial.Seek(0, SeekOrigin.Begin);
#pragma warning disable CA5351 // Not for security against the publisher: MD5 is the digest that Keras publishes for the file.
            digest = Convert.ToHexStringLower(await MD5.HashDataAsync(partial, ct));
#pragma warning restore CA5351
        }
        finally
        {
            if (isEmpty)
                Discard();
        }
        if (digest != _source.Md5)
        {
            Discard();
            throw Failed($"the download has the MD5 digest {digest}, expected {_source.Md5}; it was removed");
        }
        File.Move(PartialFile, CacheFile, overwrite: true);
        File.Delete(ValidatorFile);
        return new WeightsLocation(CacheFile, $"downloaded from {_source.Url}");
    }

    private void Discard()
    {
        File.Delete(PartialFile);
        File.Delete(ValidatorFile);
    }

    private async Task DownloadInAttemptsAsync(FileStream partial, IProgress<DownloadProgress>? progress, CancellationToken ct)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(20),
            AutomaticDecompression = DecompressionMethods.None,
            UseProxy = !_source.Url.IsLoopback,
        };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        long reached = partial.Length;
        for (int failures = 1; ; failures++)
        {
            try
            {
                await DownloadOnceAsync(client, partial, progress, ct);
                return;
            }
            catch (Exception e) when (IsTransient(e, ct))
            {
                // A long download over a bad line may break any number of times, as long as it gets on.
                if (partial.Length >= reached + StepThatCounts)
                {
                    reached = partial.Length;
                    failures = 1;
                }
                if (failures == Attempts)
                    throw Failed(e is OperationCanceledException ? "the server sends nothing" : e.InnerException?.Message ?? e.Message, e);
                await Task.Delay(_pause * (1 << (failures - 1)), ct);
            }
            catch (HttpRequestException e)
            {
                throw Failed(e.InnerException?.Message ?? e.Message, e);
            }
        }
    }

    private static bool IsTransient(Exception e, CancellationToken ct) => e switch
    {
        OperationCanceledException => !ct.IsCancellationRequested,
        // A certificate, a proxy or a name that nobody knows is the same a second later.
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } => false,
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound } } => false,
        HttpRequestException { StatusCode: { } status } => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            || (int)status >= 500,
        HttpRequestException => true,
        _ => false,
    };

    private async Task DownloadOnceAsync(HttpClient client, FileStream partial, IProgress<DownloadProgress>? progress, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _source.Url);
        string? validator = partial.Length > 0 && File.Exists(ValidatorFile) ? await File.ReadAllTextAsync(ValidatorFile, ct) : null;
        if (validator is not null)
        {
            request.Headers.Range = new(partial.Length, null);
            // The rest is of use only if the content is still the same.
            request.Headers.TryAddWithoutValidation("If-Range", validator);
        }

        using var stall = CancellationTokenSource.CreateLinkedTokenSource(ct);
        stall.CancelAfter(_stall);
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
        // Nothing is missing: an earlier run ended between the last byte and the renaming. The digest tells.
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            && response.Content.Headers.ContentRange?.Length == partial.Length)
            return;
        bool resumed = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == partial.Length;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.StatusCode == HttpStatusCode.PartialContent && !resumed))
        {
            File.Delete(ValidatorFile);
            throw new HttpRequestException("the server no longer has the rest of the file");
        }
        response.EnsureSuccessStatusCode();

        if (!resumed)
        {
            partial.SetLength(0);
            string? etag = response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : response.Content.Headers.LastModified?.ToString("R");
            if (etag is null)
                File.Delete(ValidatorFile);
            else
                AtomicFile.WriteText(ValidatorFile, etag);
        }
        partial.Seek(0, SeekOrigin.End);
        long? rest = response.Content.Headers.ContentLength;
        if (rest > _source.LargestBytes - partial.Length)
            throw Failed($"the server offers {rest} bytes beside {partial.Length}, at most {_source.LargestBytes} were expected");

        long? total = partial.Length + rest;
        await using Stream body = await response.Content.ReadAsStreamAsync(stall.Token);
        byte[] buffer = new byte[1 << 16];
        int read;
        while ((read = await ReadAsync(body, buffer, stall.Token)) > 0)
        {
            stall.CancelAfter(_stall);
            if (partial.Length + read > _source.LargestBytes)
                throw Failed($"the server sends more than the {_source.LargestBytes} bytes that were expected");
            await partial.WriteAsync(buffer.AsMemory(0, read), ct);
            progress?.Report(new DownloadProgress(partial.Position, total));
        }
        await partial.FlushAsync(ct);
    }

    // A connection that is reset is an IOException like a full disk, but is worth another attempt.
    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken ct)
    {
        try
        {
            return await body.ReadAsync(buffer, ct);
        }
        catch (IOException e)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, e.Message, e);
        }
    }

    private InputException Failed(string why, Exception? inner = null) => new(
        $"{_source.Title}'s weights could not be downloaded ({why.ReplaceLineEndings(" ").TrimEnd('.')}): get {_source.Url} and put it " +
            $"at {CacheFile}", _source.Without, inner);
}
