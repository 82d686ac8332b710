using VideoLstm.Core.Extractors;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Npy;

namespace VideoLstm.Cli;

/// <summary>Tells files apart by their first bytes, not by their names, which people change.</summary>
internal static class FileKinds
{
    public static FileKind Of(string path) => NpyFile.IsLikely(path) ? FileKind.Npy
        : TensorFile.IsLikely(path) ? FileKind.Tensors
        : Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase) || OnnxSummary.IsLikely(path) ? FileKind.Onnx
        : Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? FileKind.DataFile
        : FileKind.Video;
}
