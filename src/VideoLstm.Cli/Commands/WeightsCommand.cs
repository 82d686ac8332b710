using System.CommandLine;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Models;
using VideoLstm.Core.Storage;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm weights`: where InceptionV3's weights are, and in which format.</summary>
internal static class WeightsCommand
{
    public static Command Create()
    {
        var command = new Command("weights",
            "Finds, fetches and converts InceptionV3's weights, and converts classifiers that Keras saved.") { CreateFetch(),
            CreatePath(), CreateConvert() };
        command.WithExamples("vlstm weights fetch", "vlstm weights path",
            "vlstm weights convert inception_v3.pth --output inception_v3.safetensors");
        return command;
    }

    private static Command CreateFetch()
    {
        var command = new Command("fetch", "Downloads the weights trained on ImageNet, unless they are on this machine already.");
        command.WithExamples("vlstm weights fetch");
        command.SetAction(async (_, ct) =>
        {
            WeightsLocation found = await new WeightsLoader(new JobReport()).FetchAsync(WeightsSource.KerasInceptionV3, ct);
            Console.WriteLine($"{found.Path} ({found.From})");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreatePath()
    {
        var command = new Command("path", "Says where the weights trained on ImageNet are, and from what.");
        command.WithExamples("vlstm weights path");
        command.SetAction(_ =>
        {
            var store = new WeightsStore();
            WeightsLocation found = store.Find()
                ?? throw new InputException($"InceptionV3's weights are not on this machine; `vlstm weights fetch` downloads them to " +
                    $"{store.CacheFile}, or give a file with --inception");
            Console.WriteLine($"{found.Path} ({found.From})");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateConvert()
    {
        var file = new Argument<string>("file") { Description = "InceptionV3's weights (Keras .h5, torchvision .pth, .safetensors, or " +
            "random:SEED), or a classifier that Keras saved (.hdf5, .h5, .keras)" };
        var output = new Option<string?>("--output") { Description =
            "The file to write [default: the file's name with .safetensors, for a classifier .bin]", HelpName = "FILE" };
        Option<string> data = CommonOptions.Data();
        Option<string?> key = Key();
        var command = new Command("convert",
            "Writes weights as one of our safetensors files; a Keras model as a classifier that says all of itself.") { file, output,
            data, key };
        var extractor = new ExtractorOptions(command, chooses: false);
        var loader = new ClassifierLoader(command, sequences: true);
        command.WithExamples(
            "vlstm weights convert inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
            "vlstm weights convert lstm-features.hdf5 --classes Commercial,Football --size 720x1280");
        command.SetAction(async (parsed, ct) =>
        {
            string source = parsed.GetValue(file)!;
            string? chosen = parsed.GetValue(key);
            if (chosen is null && IsKerasModel(source))
                return await ConvertClassifierAsync(loader.Open(parsed, source, new DataFolder(parsed.GetValue(data)!)), source,
                    parsed.GetValue(output), extractor.Given(parsed), ct);
            InceptionWeights weights = chosen is null ? await new WeightsLoader(new JobReport()).LoadInceptionAsync(source, ct)
                : InceptionWeights.Load(source, chosen);
            string path = parsed.GetValue(output) ?? Path.ChangeExtension(source.Replace(':', '-'), ".safetensors");
            CheckOther(path, source);
            AtomicFile.Write(path, weights.Save);
            Console.WriteLine($"{path}: InceptionV3, {weights.Dialect} dialect, digest {weights.Digest}");
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The option that says where in a checkpoint the weights are.</summary>
    public static Option<string?> Key() =>
        new("--key") { Description = "For a checkpoint of PyTorch that holds several: the key of the weights, those of nested ones " +
            "joined by dots", HelpName = "KEY" };

    private static bool IsKerasModel(string path)
    {
        if (!File.Exists(path))
            return false;
        using TensorFile file = TensorFile.Open(path);
        return KerasModel.Is(file);
    }

    private static async Task<int> ConvertClassifierAsync(ClassifierFile classifier, string source, string? output,
        ExtractorRequest? given, CancellationToken ct)
    {
        string path = output ?? Path.ChangeExtension(source, ".bin");
        CheckOther(path, source);
        // It may be what a long training ended with.
        if (output is null && File.Exists(path))
            throw new InputException($"{path}: is there already; delete it, or give a name with --output");
        CheckpointInfo info = classifier.Info;
        ITrainableNetwork network = classifier.Load(new CpuBackend());
        using ExtractorNetwork extractor = await new WeightsLoader(new JobReport()).LoadForAsync(source, info.Source, given, ct);
        info = info.With(extractor);
        Checkpoint.Save(path, network, info);
        Console.WriteLine($"{path}: classifier ({info.Model.Recipe}) of {string.Join(", ", info.Classes)}");
        Console.WriteLine($"label a video with: vlstm classify {info.Sequences.Length} {info.Classes.Count} {path} VIDEO");
        return ExitCode.Success;
    }

    private static void CheckOther(string path, string source)
    {
        if (Path.GetFullPath(path) == Path.GetFullPath(source))
            throw new InputException($"{path}: is the file itself; give another name with --output");
    }
}
