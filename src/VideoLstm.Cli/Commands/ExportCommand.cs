using System.CommandLine;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Export;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Storage;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm export`: a classifier as a file of other programs.</summary>
internal static class ExportCommand
{
    private enum Target
    {
        Onnx,
        Keras,
        Torch,
    }

    private enum Part
    {
        Classifier,
        Extractor,
        Both,
    }

    public static Command Create()
    {
        var weights = new Argument<string>("weights") { Description =
            "A classifier that `vlstm train` wrote, e.g. lstm-features.bin, or a Keras model (.hdf5, .h5, .keras)" };
        var to = new Option<Target>("--to") { Description = "For which programs: ONNX (.onnx), Keras 2 (.h5) or PyTorch (.pth)",
            HelpName = "onnx|keras|torch", Required = true };
        var part = new Option<Part>("--part") { Description = "What of it: from features to probabilities, from frames to features, " +
            "or both in one graph [default: classifier]", HelpName = "classifier|extractor|both" };
        var output = new Option<string?>("--output") { Description =
            "The file to write [default: the classifier's name with .onnx, .h5 or .pth]", HelpName = "FILE" };
        Option<string> data = CommonOptions.Data();
        var command = new Command("export",
            "Writes a classifier, or the network before it, as a file that ONNX Runtime, Keras or PyTorch reads.") { weights, to, part,
            output, data };
        var extractor = new ExtractorOptions(command, chooses: false);
        var loader = new ClassifierLoader(command, sequences: true);
        command.WithExamples(
            "vlstm export lstm-features.bin --to onnx                                  # features to probabilities",
            "vlstm export lstm-features.bin --to onnx --part both --output video.onnx  # frames to probabilities",
            "vlstm export lstm-features.bin --to keras",
            "vlstm export lstm-features.bin --to torch > classifier.py                 # the .pth, and the module for it");
        command.SetAction((parsed, ct) => RunAsync(
            loader.Open(parsed, parsed.GetValue(weights)!, new DataFolder(parsed.GetValue(data)!)), parsed.GetValue(weights)!,
                parsed.GetValue(to), parsed.GetValue(part), parsed.GetValue(output), extractor.Given(parsed), ct));
        return command;
    }

    private static async Task<int> RunAsync(ClassifierFile classifier, string path, Target to, Part part, string? output,
        ExtractorRequest? given, CancellationToken ct)
    {
        CheckpointInfo info = classifier.Info;
        if (part != Part.Classifier && info.Source.WeightsName is null)
            throw new InputException(
                $"{path}: is a `{info.Model.Recipe}`, which sees frames itself and has no extractor; leave --part out");
        if (part != Part.Classifier && to == Target.Keras)
            throw new InputException("--to keras writes classifiers only; Keras has the extractor: " +
                "keras.applications.InceptionV3(include_top=False, pooling=\"avg\"); or give --to onnx");
        if (part == Part.Both && to == Target.Torch)
            throw new InputException("--to torch writes one part a file; give --part classifier and then --part extractor, or --to onnx");
        output ??= DefaultOutput(path, to, part);
        if (Path.GetFullPath(output) == Path.GetFullPath(path))
            throw new InputException($"{output}: is the classifier itself; give another name with --output");

        TensorSet? model = part == Part.Extractor ? null : classifier.Load(new CpuBackend()).Export();
        using ExtractorNetwork? network = part == Part.Classifier ? null
            : await new WeightsLoader(new JobReport()).LoadForAsync(classifier.Path, info.Source, given, ct);
        if (network is not (null or DescribedNetwork))
            throw new InputException($"{path}: the network before it is {network.Source}, an ONNX file already; leave --part out");
        if (to == Target.Torch && network is not (null or InceptionWeights))
            throw new InputException($"{path}: the network before it is {network.Title}, which is written as ONNX only",
                Remedy.ExportToOnnx);
        var extractor = network as DescribedNetwork;
        if (extractor is not null && info.Sequences.Precision is not Precision.Float and var precision)
            Report.Remarks([$"the classifier learnt from {precision.ToString().ToLowerInvariant()} features; the exported extractor " +
                "computes floats, which are nearly the same (a cosine of 0.99 or more)"]);
        Write(output, to, model, extractor, extractor is null ? info : info.With(extractor));
        return ExitCode.Success;
    }

    private static void Write(string output, Target to, TensorSet? model, DescribedNetwork? extractor, CheckpointInfo info)
    {
        if (to == Target.Torch)
        {
            var torch = model is null ? new TorchExport((InceptionWeights)extractor!)
                : new TorchExport(Recipes.Network(info.Model), model, info);
            AtomicFile.Write(output, torch.Write);
            Console.Write(torch.Module(output));
            return;
        }
        if (to == Target.Keras)
        {
            var keras = new KerasExport(Recipes.Network(info.Model), model!, info);
            AtomicFile.Write(output, keras.Write);
            Describe($"{output}: Keras 2 HDF5, keras.models.load_model reads it", keras.Inputs, keras.Outputs, info);
            return;
        }
        OnnxExport onnx = (model, extractor) switch
        {
            (null, _) => OnnxExport.Extractor(extractor!, info),
            (_, null) => OnnxExport.Classifier(Recipes.Network(info.Model), model, info),
            _ => OnnxExport.Both(extractor, Recipes.Network(info.Model), model, info),
        };
        AtomicFile.Write(output, onnx.Write);
        Describe($"{output}: ONNX, operator set 17", onnx.Inputs, onnx.Outputs, model is null ? null : info);
    }

    private static void Describe(string what, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, CheckpointInfo? info)
    {
        Console.WriteLine(what);
        foreach (string input in inputs)
            Console.WriteLine($"  in       {input}");
        foreach (string output in outputs)
            Console.WriteLine($"  out      {output}");
        if (info is not null)
            Console.WriteLine($"  classes  {string.Join(", ", info.Classes)}");
    }

    private static string DefaultOutput(string path, Target to, Part part)
    {
        string extension = to switch { Target.Onnx => ".onnx", Target.Keras => ".h5", _ => ".pth" };
        string stem = Path.GetExtension(path) is ".bin" or ".safetensors" or ".h5" or ".hdf5" or ".keras"
            ? Path.ChangeExtension(path, null) : path;
        return stem + part switch { Part.Classifier => "", Part.Extractor => "-extractor", _ => "-both" } + extension;
    }
}
