using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace VideoLstm.Tests;

/// <summary>
/// Reference tensors that a script under tests/references wrote: lines "name size size ...", an empty line, then all tensors in
/// that order as little-endian float32.
/// </summary>
internal sealed class TensorFixture
{
    private readonly Dictionary<string, (int[] Shape, float[] Values)> _tensors = [];

    private TensorFixture(byte[] bytes)
    {
        int headEnd = bytes.AsSpan().IndexOf("\n\n"u8);
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(headEnd + 2));
        foreach (string line in Encoding.ASCII.GetString(bytes, 0, headEnd).Split('\n'))
        {
            string[] words = line.Split(' ');
            int[] shape = [.. words[1..].Select(w => int.Parse(w, CultureInfo.InvariantCulture))];
            int length = shape.Aggregate(1, (a, b) => a * b);
            _tensors[words[0]] = (shape, values[..length].ToArray());
            values = values[length..];
        }
        Assert.Equal(0, values.Length);
    }

    public float[] this[string name] => _tensors[name].Values;

    /// <summary>The fixture <c>Fixtures/name.bin</c> of a folder of the running test project.</summary>
    public static TensorFixture Load(string folder, string name) =>
        new(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, folder, "Fixtures", name + ".bin")));

    public int[] Shape(string name) => _tensors[name].Shape;

    /// <summary>Fails unless all values differ from the expected ones by at most <paramref name="tolerance"/> of the largest expected one.</summary>
    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        double error = RelativeError(expected, actual);
        Assert.True(error <= tolerance, $"{what}: relative error {error:E2} is over {tolerance:E1}");
    }

    /// <summary>max |actual - expected| / max |expected|; NaN counts as infinite.</summary>
    public static double RelativeError(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = 1e-30, error = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            double difference = Math.Abs((double)actual[i] - expected[i]);
            error = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(error, difference);
        }
        return error / largest;
    }
}
