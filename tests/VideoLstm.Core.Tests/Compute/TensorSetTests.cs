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
        TensorSet read = Read([new("bias", [1]), new("kernel", [2, 3])], checkValues: false);
        Assert.Equal(["bias", "kernel"], read.Select(t => t.Name));
        Assert.Equal(first, read["kernel"].Values.ToArray());
        Assert.Equal(second, read["bias"].Values.ToArray());
    }

    [Fact]
    public void WhatIsMissingOrOfAnotherShapeIsSaidBeforeAnythingIsRead()
    {
        Write(Of(("kernel", [2, 3], [float.NaN, 0, 0, 0, 0, 0])));
        Assert.Equal("expected tensor bias of shape [1], found none", Refusal(new("kernel", [2, 3]), new("bias", [1])));
        Assert.Equal("expected tensor kernel of shape [3, 2], found [2, 3]", Refusal(new ParameterSpec("kernel", [3, 2])));

        string Refusal(params ParameterSpec[] parameters) => Assert.Throws<InputException>(() => Read(parameters)).Message;
    }

    [Fact]
    public void ValuesThatAreNoNumbersAreRefusedWhereTheyAreLookedAt()
    {
        TensorSet tensors = Of(("kernel", [1], [float.PositiveInfinity]));
        Assert.False(tensors.IsFinite);
        Write(tensors);
        Assert.Equal("kernel", Assert.Throws<InputException>(() => Read([new("kernel", [1])])).Message);
    }

    [Fact]
    public void OneThatIsElsewhereInTheFileIsFoundConvertedOrFilled()
    {
        Write(Of(("theirs", [1, 2], [1, 2])));
        TensorSet read = Read([new("ours", [2]), new("ones", [2, 2])], find: parameter => parameter.Name == "ours"
            ? new StoredTensor("theirs", [1, 2]) { Convert = values => [values[1], values[0]] }
            : new StoredTensor(null, parameter) { Fill = 1 });
        Assert.Equal([2, 1], read["ours"].Values.ToArray());
        Assert.Equal([1, 1, 1, 1], read["ones"].Values.ToArray());
    }

    [Fact]
    public void SetsAreComparedByNamesAndShapes()
    {
        TensorSet tensors = Of(("a", [2], [1, 2]), ("b", [1], [3]));
        Assert.Null(tensors.FirstUnlike(Of(("b", [1], [0]), ("a", [2], [0, 0]))));
        Assert.Equal("expected tensor a of shape [2], found [1]", tensors.FirstUnlike(Of(("a", [1], [0]), ("b", [1], [0]))));
        Assert.Equal("expected tensor b of shape [1], found none", tensors.FirstUnlike(Of(("a", [2], [0, 0]))));
        Assert.Equal("expected no tensor c", tensors.FirstUnlike(Of(("a", [2], [0, 0]), ("b", [1], [0]), ("c", [1], [0]))));

        tensors.CopyFrom(Of(("b", [1], [4])));
        Assert.Equal([1, 2, 4], tensors.SelectMany(t => t.Values.ToArray()));
        Assert.Throws<ArgumentException>(() => tensors.CopyFrom(Of(("b", [2], [4, 5]))));
        Assert.Throws<ArgumentException>(() => tensors.CopyFrom(Of(("c", [1], [4]))));
    }

    private static TensorSet Of(params (string Name, int[] Shape, float[] Values)[] tensors) =>
        new(tensors.Select(t => new NamedTensor(t.Name, t.Shape, () => t.Values)));

    private void Write(TensorSet tensors)
    {
        using FileStream stream = File.Create(_folder.File("x.safetensors"));
        SafetensorsWriter.Write(stream, tensors.ToWrite(), new Dictionary<string, string>());
    }

    private TensorSet Read(ParameterSpec[] parameters, bool checkValues = true, Func<ParameterSpec, StoredTensor>? find = null)
    {
        using SafetensorsFile file = SafetensorsFile.Open(_folder.File("x.safetensors"));
        return TensorSet.Read(
            file, parameters, fault => new InputException(fault), checkValues ? name => new InputException(name) : null, find).ToMemory();
    }
}
