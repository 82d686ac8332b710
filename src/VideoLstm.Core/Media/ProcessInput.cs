namespace VideoLstm.Core.Media;

/// <summary>
/// What a program reads from us. Writing to it is watched; that it was killed because the work is cancelled is a cancellation.
/// </summary>
/// <param name="inner">The pipe.</param>
/// <param name="process">The program.</param>
internal sealed class ProcessInput(Stream inner, MediaProcess process) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        process.BeginWrite();
        try
        {
            inner.Write(buffer);
        }
        catch (IOException)
        {
            process.ThrowIfEnded();
            throw;
        }
        finally
        {
            process.EndWrite();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
