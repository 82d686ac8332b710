using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using VideoLstm.Core;
using VideoLstm.Core.Compute;

namespace VideoLstm.Onnx;

/// <summary>A network that ONNX Runtime computes.</summary>
internal sealed class OnnxSession : IOnnxSession
{
    private readonly InferenceSession _session;
    private readonly string _model, _output;

    /// <summary>A network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="output">What of it is wanted.</param>
    /// <param name="threads">Threads that share a picture.</param>
    /// <param name="card">Number of the card that computes; null: the processor does.</param>
    public OnnxSession(OnnxModel model, string output, int threads, int? card)
    {
        (_model, _output) = (model.Name, output);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Threads that wait for the next picture leave the cores to those that decode it.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", model.Folder);
        if (card is { } number)
            CudaProvider.Append(options, number);
        _session = new InferenceSession(model.Bytes.ToArray(), options);
    }

    /// <inheritdoc/>
    public (int[] Shape, float[] Values) Run(string input, Array values, long[] shape)
    {
        try
        {
            using OrtValue x = values switch
            {
                float[] floats => OrtValue.CreateTensorValueFromMemory(floats, shape),
                byte[] bytes => OrtValue.CreateTensorValueFromMemory(bytes, shape),
                Half[] halves => OrtValue.CreateTensorValueFromMemory(
                    MemoryMarshal.Cast<Half, Float16>(halves.AsSpan()).ToArray(), shape),
                _ => throw new ArgumentException($"no input is of {values.GetType().Name}", nameof(values)),
            };
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(run, [input], [x], [_output]);
            return Read(outputs[0]);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InputException($"{_model}: cannot be computed: {OnnxRuntime.Explain(e)}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private (int[] Shape, float[] Values) Read(OrtValue value)
    {
        if (!value.IsTensor)
            throw Refuse("is no tensor");
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return ([.. info.Shape.Select(s => checked((int)s))], info.ElementDataType switch
        {
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float16 => ToSingle(value.GetTensorDataAsSpan<Float16>()),
            var other => throw Refuse($"is of {other}, expected float or float16"),
        });
    }

    private static float[] ToSingle(ReadOnlySpan<Float16> values)
    {
        var floats = new float[values.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(values), floats);
        return floats;
    }

    private InputException Refuse(string fact) => new($"{_model}: its output {Core.Formats.Printable.Quote(_output)} {fact}");
}
