using System.Runtime.InteropServices;

namespace VideoLstm.Numerics.Tests.Kernels;

/// <summary>Inputs and expected outputs.</summary>
internal static class ConvolutionTestData
{
    /// <summary>Multiples of 1/128 in -1..1: the formula of tests/references/inception_kernels.py.</summary>
    public static float[] Values(uint salt, int length)
    {
        float[] values = new float[length];
        for (uint i = 0; i < length; i++)
        {
            uint z = (i + salt) * 2654435761;
            z = (z ^ (z >> 15)) * 2246822519;
            values[i] = ((z >> 16) & 255) / 128f - 1;
        }
        return values;
    }

    /// <summary>The values of an npy file, whose header length is in its bytes 8 and 9.</summary>
    public static float[] Fixture(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Kernels", "Fixtures", name + ".npy"));
        return MemoryMarshal.Cast<byte, float>(file.AsSpan(10 + BitConverter.ToUInt16(file, 8))).ToArray();
    }

    public static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"at {i}: expected {expected[i]}, found {actual[i]}");
    }
}
