#pragma warning disable
namespace VideoLstm.Core.Formats.PyTorch; public static class PyTorchFile { public static bool IsPyTorch(ReadOnlySpan<byte> s) => false; public static TensorFile Open(string p) => throw new InvalidDataException(); }
