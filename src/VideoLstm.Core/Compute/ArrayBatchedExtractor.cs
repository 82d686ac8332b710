namespace VideoLstm.Core.Compute;

/// <summary>One whose batches are arrays.</summary>
/// <param name="batch">Samples of a batch.</param>
/// <param name="threads">Threads that compute, a batch each.</param>
internal abstract class ArrayBatchedExtractor(int batch, int threads) : BatchedExtractor<byte[]>(batch, threads)
{
    /// <inheritdoc/>
    protected sealed override byte[] Allocate() => new byte[checked(BatchSize * ClipFrames * Height * Width * 3)];

    /// <inheritdoc/>
    protected sealed override Span<byte> Bytes(byte[] frames) => frames;
}
