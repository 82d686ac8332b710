namespace VideoLstm.Core.Samples;

/// <summary>Where the numbers of samples come from.</summary>
public interface ISampleReader
{
    /// <summary>Shape of a sample: <c>[time, features]</c> or <c>[time, height, width, channels]</c>.</summary>
    IReadOnlyList<int> SampleShape { get; }

    /// <summary>Reads a sample.</summary>
    /// <param name="sample">Which.</param>
    /// <param name="epoch">The epoch that it is read for, from 1, where each shows it in another way; 0: as it is.</param>
    /// <param name="x">Filled.</param>
    /// <exception cref="InputException">It cannot be read.</exception>
    void Read(Sample sample, int epoch, Memory<float> x);

    /// <summary>What tells the content of a clip from any other content of that name.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    string Digest(ClipVariant clip);
}
