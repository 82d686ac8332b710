using VideoLstm.Core.Formats;

namespace VideoLstm.Cli;

/// <summary>Kinds of file that `vlstm info` tells apart.</summary>
internal enum FileKind
{
    /// <summary>None of the others: ffprobe decides.</summary>
    Video,

    /// <summary>A NumPy array.</summary>
    Npy,

    /// <summary>Named tensors: safetensors, HDF5, PyTorch.</summary>
    Tensors,

    /// <summary>A list of clips.</summary>
    DataFile,

    /// <summary>A network of ONNX.</summary>
    Onnx,
}
