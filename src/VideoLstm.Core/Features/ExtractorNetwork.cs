using VideoLstm.Core.Compute;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Features;

/// <summary>A network that stands before a classifier, with its weights: pictures in, features out.</summary>
public abstract class ExtractorNetwork : IDisposable
{
    /// <summary>Its name in files: which kind it is.</summary>
    public abstract string Name { get; }

    /// <summary>What people call it.</summary>
    public abstract string Title { get; }

    /// <summary>Where its weights came from: the path of a file, or <c>random:SEED</c>.</summary>
    public abstract string Source { get; }

    /// <summary><c>sha256:</c> and 64 hexadecimal digits: equal for equal features.</summary>
    public abstract string Digest { get; }

    /// <summary>Height and width of the pictures that it was trained with, pixels.</summary>
    public abstract (int Height, int Width) UsualSize { get; }

    /// <summary>What decides its features, where it is one of an ONNX file; else null.</summary>
    public virtual OnnxSettings? Onnx => null;

    /// <summary>Features of a picture.</summary>
    /// <param name="height">Its height, pixels.</param>
    /// <param name="width">Its width.</param>
    /// <exception cref="InputException">It takes no such pictures.</exception>
    public abstract int Features(int height, int width);

    /// <summary>What takes the features.</summary>
    /// <param name="sequences">Size of the frames, and the precision.</param>
    /// <param name="backend">What computes.</param>
    /// <exception cref="InputException">It takes no such pictures.</exception>
    /// <exception cref="ArgumentException">The backend cannot compute it so.</exception>
    public abstract IFeatureExtractor Create(SequenceSpec sequences, IBackend backend);

    /// <summary>What computes its features, as files name it; null: the processor, as if nothing else were there.</summary>
    /// <param name="backend">What computes the rest.</param>
    public virtual string? ComputedBy(IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return backend.Provenance;
    }

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
