namespace VideoLstm.Core.Formats.Onnx;

/// <summary>Types of the values in a graph, with the numbers of TensorProto.DataType.</summary>
internal enum OnnxType
{
    /// <summary>Single precision.</summary>
    Float = 1,

    /// <summary>Bytes.</summary>
    UInt8 = 2,

    /// <summary>32-bit integers.</summary>
    Int32 = 6,

    /// <summary>64-bit integers.</summary>
    Int64 = 7,

    /// <summary>Half precision.</summary>
    Float16 = 10,
}
