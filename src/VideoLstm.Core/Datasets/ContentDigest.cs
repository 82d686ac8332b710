using System.Security.Cryptography;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>SHA-256 of what is in files, one after the other, so that neither a copy nor a new date of them means work.</summary>
internal static class ContentDigest
{
    /// <summary>The digest, 64 hexadecimal digits.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Of(IReadOnlyList<string> files) => StoreFault.Outlast(() =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 17];
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            int read;
            while ((read = stream.Read(buffer)) > 0)
                hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    });
}
