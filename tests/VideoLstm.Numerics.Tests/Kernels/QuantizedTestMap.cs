using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Tests.Kernels;

/// <summary>A <see cref="ConvolutionTestMap"/> of bytes.</summary>
internal sealed unsafe class QuantizedTestMap
{
    private readonly AlignedBuffer _buffer;
    private readonly int _length;
    private readonly int _channels;
    private readonly bool _picture;
    private readonly byte _fill;
    private readonly ActivationMap<byte> _map;

    public QuantizedTestMap(int channels, int height, int width, int paddingY, int paddingX, byte fill, bool picture = false)
    {
        (_channels, _picture, _fill) = (channels, picture, fill);
        _length = picture ? channels * height * width : (int)ActivationMap.Length(channels, height, width, paddingY, paddingX);
        // Of a picture, a few bytes more are read, not used.
        _buffer = new AlignedBuffer(_length / sizeof(float) + 2);
        Bytes.Fill(fill);
        float* start = (float*)((nint)_buffer.Pointer * sizeof(float));
        _map = (picture
            ? ActivationMap.Interleaved(start, channels, height, width)
            : ActivationMap.Blocked(start, channels, height, width, paddingY, paddingX)).AsBytes();
    }

    public ref readonly ActivationMap<byte> Map => ref _map;

    /// <summary>Values <c>[channels, height, width]</c>, the border left out.</summary>
    public byte[] Values
    {
        get
        {
            byte[] values = new byte[_channels * _map.Height * _map.Width];
            ForEach((i, p) => values[i] = *(byte*)p);
            return values;
        }
        set => ForEach((i, p) => *(byte*)p = value[i]);
    }

    private Span<byte> Bytes => new((byte*)_buffer.Pointer, _buffer.Length * sizeof(float));

    /// <summary>Zeroes so many rows and columns around the values, and the values.</summary>
    public void ClearBorder(int rows, int columns)
    {
        for (int block = 0; block < _map.Blocks && !_picture; block++)
            for (int y = -rows; y < _map.Height + rows; y++)
                new Span<byte>(_map.At(block, y, -columns), (_map.Width + 2 * columns) * ActivationMap.BlockSize).Clear();
    }

    /// <summary>Fails where anything but the values was written.</summary>
    public void AssertBorderUntouched()
    {
        HashSet<nint> inside = [];
        ForEach((_, p) => inside.Add(p));
        byte* start = (byte*)_buffer.Pointer;
        for (int i = 0; i < Bytes.Length; i++)
            if (!inside.Contains((nint)(start + i)))
                Assert.Equal(_fill, start[i]);
    }

    private void ForEach(Action<int, nint> visit)
    {
        int i = 0;
        for (int c = 0; c < _channels; c++)
            for (int y = 0; y < _map.Height; y++)
                for (int x = 0; x < _map.Width; x++)
                    visit(i++, (nint)(_picture ? _map.At(0, y, x) + c : _map.At(c / 16, y, x) + c % 16));
    }
}
