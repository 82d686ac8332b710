using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Compute;

public sealed class TensorSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ValuesComeBackFromAFile()
    {
        float[] first = [1, 2, 3, 4, 5, 6], second = [float.NaN];
        Write(Of(("kernel", [2, 3], first), ("bias", [1], second)));
        float[] readFirst = new float[6], readSecond = new float[1];
        Read(Of(("bias", [1], readSecond), ("kernel", [2, 3], readFirst)), checkValues: false);
        Assert.Equal(first, readFirst);
        Assert.Equal(second, readSecond);
    }

    [Fact]
    public void WhatIsMissingOrOfAnotherShapeIsSaidBeforeAnythingIsRead()
    {
        Write(Of(("kernel", [2, 3], new float[6])));
        NamedTensor untouched = new("kernel", [2, 3], () => throw new InvalidOperationException("nothing is to be read"));
        Assert.Equal(
            "expected tensor bias of shape [1], found none",
            Assert.Throws<InputException>(() => Read(new TensorSet([untouched, new("bias", [1], () => new float[1])]))).Message);
        Assert.Equal(
            "expected tensor kernel of shape [3, 2], found [2, 3]",
            Assert.Throws<InputException>(() => Read(Of(("kernel", [3, 2], new float[6])))).Message);
    }

    [Fact]
    public void ValuesThatAreNoNumbersAreRefusedWhereTheyAreLookedAt()
    {
        TensorSet tensors = Of(("kernel", [1], [float.PositiveInfinity]));
        Assert.False(tensors.IsFinite);
        Write(tensors);
        Assert.Equal("kernel", Assert.Throws<InputException>(() => Read(Of(("kernel", [1], new float[1])))).Message);
    }

    private static TensorSet Of(params (string Name, int[] Shape, float[] Values)[] tensors) =>
        new(tensors.Select(t => new NamedTensor(t.Name, t.Shape, () => t.Values)));

    private void Write(TensorSet tensors)
    {
        using FileStream stream = File.Create(_folder.File("x.safetensors"));
        SafetensorsWriter.Write(stream, tensors.ToWrite(), new Dictionary<string, string>());
    }

    private void Read(TensorSet tensors, bool checkValues = true)
    {
        using SafetensorsFile file = SafetensorsFile.Open(_folder.File("x.safetensors"));
        tensors.Read(file, (_, fault) => new InputException(fault), checkValues ? tensor => new InputException(tensor.Name) : null);
    }
}
