using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Tests.Kernels;

/// <summary>Activations with memory of their own and a border; everything begins as <c>fill</c>.</summary>
internal sealed unsafe class ConvolutionTestMap
{
    private readonly AlignedBuffer _buffer;
    private readonly bool _picture;
    private readonly float _fill;
    private readonly ActivationMap<float> _map;

    public ConvolutionTestMap(int channels, int height, int width, int paddingY = 0, int paddingX = 0, float fill = 0, bool picture = false)
    {
        _buffer = new AlignedBuffer(picture ? channels * height * width : (int)ActivationMap.Length(channels, height, width, paddingY, paddingX));
        _buffer.Span.Fill(fill);
        (_picture, _fill, Channels) = (picture, fill, channels);
        _map = picture
            ? ActivationMap.Interleaved(_buffer.Pointer, channels, height, width)
            : ActivationMap.Blocked(_buffer.Pointer, channels, height, width, paddingY, paddingX);
    }

    public ref readonly ActivationMap<float> Map => ref _map;

    private int Channels { get; }

    /// <summary>Values <c>[channels, height, width]</c>, the border left out.</summary>
    public float[] Values
    {
        get
        {
            float[] values = new float[Channels * _map.Height * _map.Width];
            ForEach((i, p) => values[i] = *(float*)p);
            return values;
        }
        set => ForEach((i, p) => *(float*)p = value[i]);
    }

    /// <summary>Fails where anything but the values was written.</summary>
    public void AssertBorderUntouched()
    {
        HashSet<nint> inside = [];
        ForEach((_, p) => inside.Add(p));
        for (int i = 0; i < _buffer.Length; i++)
            if (!inside.Contains((nint)(_buffer.Pointer + i)))
                Assert.Equal(_fill, _buffer.Pointer[i]);
    }

    private void ForEach(Action<int, nint> visit)
    {
        int i = 0;
        for (int c = 0; c < Channels; c++)
            for (int y = 0; y < _map.Height; y++)
                for (int x = 0; x < _map.Width; x++)
                    visit(i++, (nint)(_picture ? _map.At(0, y, x) + c : _map.At(c / 16, y, x) + c % 16));
    }
}
