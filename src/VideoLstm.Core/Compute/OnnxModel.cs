namespace VideoLstm.Core.Compute;

/// <summary>A network in the Open Neural Network Exchange's format, as ONNX Runtime gets it.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Bytes">The file.</param>
/// <param name="Folder">Where the files lie that hold more of its weights: it has been seen to that they lie there and nowhere
/// else.</param>
public sealed record OnnxModel(string Name, ReadOnlyMemory<byte> Bytes, string Folder);
