using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Features;

/// <summary>One convolution and its batch norm as they are in files, before folding.</summary>
/// <param name="Kernel"><c>[filters, channels, height, width]</c>.</param>
/// <param name="Gamma"><c>[filters]</c>; ones where the file has none.</param>
/// <param name="Beta"><c>[filters]</c>.</param>
/// <param name="Mean"><c>[filters]</c>.</param>
/// <param name="Variance"><c>[filters]</c>, none below zero.</param>
internal sealed record InceptionLayer(float[] Kernel, float[] Gamma, float[] Beta, float[] Mean, float[] Variance)
{
    /// <summary>Reads a tensor that must be there, of this shape, and finite.</summary>
    public static float[] Read(TensorFile file, string name, params ReadOnlySpan<long> shape)
    {
        if (!file.Contains(name))
            throw new InputException($"{file.Path}: tensor {name} is missing; expected the weights of an InceptionV3");
        IReadOnlyList<long> found = file[name].Shape;
        if (!found.SequenceEqual(shape.ToArray()))
            throw new InputException($"{file.Path}: tensor {name} has shape [{string.Join(", ", found)}], expected [{string.Join(", ", shape.ToArray())}] of an InceptionV3");
        float[] values = file.ReadSingle(name);
        foreach (float value in values)
            if (!float.IsFinite(value))
                throw new InputException($"{file.Path}: tensor {name} holds {value}; the file is damaged or its training diverged");
        return values;
    }

    /// <summary>Reads variances.</summary>
    public static float[] ReadVariance(TensorFile file, string name, int filters)
    {
        float[] values = Read(file, name, filters);
        foreach (float value in values)
            if (value < 0)
                throw new InputException($"{file.Path}: tensor {name} holds the negative variance {value}; the file is damaged");
        return values;
    }

    /// <summary>The gamma of a batch norm without one.</summary>
    public static float[] Ones(int filters)
    {
        float[] values = new float[filters];
        values.AsSpan().Fill(1);
        return values;
    }
}
