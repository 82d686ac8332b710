#pragma warning disable
namespace VideoLstm.Core.Formats.Hdf5; internal static class Hdf5File { public static ReadOnlySpan<byte> Signature => "xxxxxxxx"u8; }
public static class KerasFile { public static TensorFile Open(string p) => throw new InvalidDataException(); }
