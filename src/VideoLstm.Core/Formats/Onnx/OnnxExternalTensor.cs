namespace VideoLstm.Core.Formats.Onnx;

/// <summary>A tensor whose values lie in another file.</summary>
/// <param name="Location">The other file, relative to the folder of the model.</param>
/// <param name="Offset">Where in it they begin.</param>
/// <param name="Length">How many bytes; null: all that follow.</param>
internal readonly record struct OnnxExternalTensor(string Location, long Offset, long? Length);
