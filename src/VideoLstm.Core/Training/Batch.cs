using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Training;

/// <summary>Samples of one pass through a network.</summary>
internal sealed class Batch(ISampleReader reader, int most)
{
    private readonly int _size = reader.SampleShape.Aggregate(1, (a, b) => checked(a * b)), _time = reader.SampleShape[0];

    private readonly float[] _x = new float[checked(most * reader.SampleShape.Aggregate(1, (a, b) => checked(a * b)))];

    /// <summary>Samples that could not be read and are left out, and why.</summary>
    public List<(Sample Sample, Exception Why)> Unreadable { get; } = [];

    /// <summary>The samples in it.</summary>
    public List<Sample> Samples { get; } = [];

    /// <summary><c>[batch]</c>.</summary>
    public int[] Labels { get; private set; } = [];

    /// <summary><c>[batch, time]</c>, or null where all steps are real.</summary>
    public bool[]? Mask { get; private set; }

    /// <summary><c>[batch, ...SampleShape]</c>.</summary>
    public ReadOnlySpan<float> X => _x.AsSpan(0, Labels.Length * _size);

    /// <summary>Fills it.</summary>
    public void Read(Sample[] samples, int epoch)
    {
        Samples.Clear();
        Unreadable.Clear();
        foreach (Sample sample in samples)
        {
            try
            {
                reader.Read(sample, epoch, _x.AsMemory(Samples.Count * _size, _size));
                Samples.Add(sample);
            }
            catch (Exception e) when (InputFailure.IsOfOne(e))
            {
                Unreadable.Add((sample, e));
            }
        }
        Labels = [.. Samples.Select(s => s.Label)];
        Mask = Samples.All(s => s.RealFrames == _time) ? null
            : [.. Samples.SelectMany(s => Enumerable.Range(0, _time).Select(t => t < s.RealFrames))];
    }
}
