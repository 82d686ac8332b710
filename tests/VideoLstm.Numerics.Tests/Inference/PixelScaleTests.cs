using VideoLstm.Numerics.Inference;

namespace VideoLstm.Numerics.Tests.Inference;

public class PixelScaleTests
{
    [Fact]
    public void Bytes_become_minus_one_to_one()
    {
        byte[] pixels = [.. Enumerable.Range(0, 256).Select(v => (byte)v)];
        float[] scaled = new float[256];
        PixelScale.Apply(pixels, scaled);
        for (int i = 0; i < 256; i++)
            Assert.Equal(i / 127.5 - 1, scaled[i], 1e-7);
        Assert.Equal((-1f, 1f), (scaled[0], scaled[255]));
    }
}
