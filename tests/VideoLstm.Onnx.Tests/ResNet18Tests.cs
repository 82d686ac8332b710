using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using VideoLstm.Core.Extractors;
using VideoLstm.Tests;

namespace VideoLstm.Onnx.Tests;

/// <summary>ResNet-18 as its package has it, computed by ONNX Runtime without us, beside what we make of it.</summary>
public sealed class ResNet18Tests : IDisposable
{
    private const int Side = 224, Pixels = Side * Side, Count = 3;
    private const double Tolerance = 1e-5;

    private static readonly string Network = OnnxPackages.ResNet18("ResNet18Onnx", "ResNet18.onnx"),
        Preprocessing = OnnxPackages.ResNet18("ResNetPrepOnnx", "ResNetPreprocess.onnx");

    private readonly TemporaryFolder _folder = new();

    public ResNet18Tests() => _ = Pictures.Runtime;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Features_are_those_of_the_package_s_own_two_graphs() => Compare(Pictures.MadeUp(Count, Side, Side), Theirs);

    [SkippableFact]
    public void Features_of_real_pictures_are_those_of_the_package_s_own_two_graphs() => Compare(Pictures.Real(Count, Side), Theirs);

    [SkippableFact]
    public void Features_of_real_pictures_are_those_of_pictures_prepared_anew() => Compare(Pictures.Real(Count, Side), picture => Run(Network, Anew(picture)));

    [SkippableFact]
    public void Features_of_real_pictures_are_those_of_Node_js() => Compare(Pictures.Real(Count, Side), picture =>
    {
        File.WriteAllBytes(_folder.File("x"), MemoryMarshal.AsBytes<float>(Anew(picture)));
        string numbers = Reference.Node("onnx.cjs", Network, "Input247", "float32", $"1x3x{Side}x{Side}", _folder.File("x"));
        return [.. numbers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => float.Parse(l, System.Globalization.CultureInfo.InvariantCulture))];
    });

    private void Compare(byte[] frames, Func<byte[], float[]> theirs)
    {
        string path = _folder.File(ResNet18.FileName);
        using (FileStream stream = File.Create(path))
            ResNet18.Join(Preprocessing, Network, stream);
        using OnnxPictureNetwork ours = Pictures.Open(path);
        Assert.Equal((Side, Side), ours.UsualSize);
        Assert.Equal(ResNet18.Features, ours.Features(Side, Side));
        Assert.Contains("(byte · 1 - 0) / 1, RGB, as the file says", ours.Assumed, StringComparison.Ordinal);
        float[] expected = [.. frames.Chunk(Pixels * 3).SelectMany(theirs)];
        TensorFixture.AssertClose(expected, Pictures.Features(ours, frames, Side, Side), Tolerance, "features");
    }

    private static float[] Theirs(byte[] picture) => Run(Network, Run(Preprocessing, Planes(picture, bgr: false)));

    // Blue, green, red, each minus its mean of ImageNet's pictures: what the package makes of black says how much that is.
    private static float[] Anew(byte[] picture)
    {
        float[] black = Run(Preprocessing, new float[Pixels * 3]);
        return [.. Planes(picture, bgr: true).Zip(black, (value, minus) => value + minus)];
    }

    private static float[] Planes(byte[] picture, bool bgr) =>
        [.. Enumerable.Range(0, Pixels * 3).Select(i => (float)picture[i % Pixels * 3 + (bgr ? 2 - i / Pixels : i / Pixels)])];

    private static float[] Run(string path, float[] input)
    {
        using var session = new InferenceSession(path);
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(input, [1, 3, Side, Side]);
        using var options = new RunOptions();
        // Of the inputs, the weights have values already.
        string name = session.InputMetadata.Keys.Except(session.OverridableInitializerMetadata.Keys).Single();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, [name], [x], session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
