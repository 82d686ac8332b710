using System.CommandLine;
using VideoLstm.Core;
using VideoLstm.Core.Features;
using VideoLstm.Core.Storage;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm weights`: where InceptionV3's weights are, and in which format.</summary>
internal static class WeightsCommand
{
    public static Command Create()
    {
        var command = new Command("weights", "Finds, fetches and converts InceptionV3's weights.") { CreateFetch(), CreatePath(), CreateConvert() };
        command.WithExamples("vlstm weights fetch", "vlstm weights path", "vlstm weights convert inception_v3.pth --output inception_v3.safetensors");
        return command;
    }

    private static Command CreateFetch()
    {
        Option<string> data = CommonOptions.Data();
        var command = new Command("fetch", "Downloads the weights trained on ImageNet, unless they are on this machine already.") { data };
        command.WithExamples("vlstm weights fetch");
        command.SetAction(async (_, ct) =>
        {
            WeightsLocation found = await InceptionLoader.FetchAsync(ct);
            Console.WriteLine($"{found.Path} ({found.From})");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreatePath()
    {
        Option<string> data = CommonOptions.Data();
        var command = new Command("path", "Says where the weights trained on ImageNet are, and from what.") { data };
        command.WithExamples("vlstm weights path");
        command.SetAction(_ =>
        {
            var store = new WeightsStore();
            WeightsLocation found = store.Find()
                ?? throw new InputException($"InceptionV3's weights are not on this machine; `vlstm weights fetch` downloads them to {store.CacheFile}, or give a file with --inception");
            Console.WriteLine($"{found.Path} ({found.From})");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateConvert()
    {
        var file = new Argument<string>("file") { Description = "InceptionV3's weights: Keras .h5, torchvision .pth, .safetensors, or random:SEED" };
        var output = new Option<string?>("--output") { Description = "The safetensors file to write [default: the file's name with .safetensors]", HelpName = "FILE" };
        Option<string> data = CommonOptions.Data();
        var command = new Command("convert", "Writes weights as one of our safetensors files.") { file, output, data };
        command.WithExamples("vlstm weights convert inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5");
        command.SetAction(async (parsed, ct) =>
        {
            string source = parsed.GetValue(file)!;
            InceptionWeights weights = await InceptionLoader.LoadAsync(source, ct);
            string path = parsed.GetValue(output) ?? Path.ChangeExtension(source.Replace(':', '-'), ".safetensors");
            if (Path.GetFullPath(path) == Path.GetFullPath(source))
                throw new InputException($"{path}: is the file itself; give another name with --output");
            AtomicFile.Write(path, weights.Save);
            Console.WriteLine($"{path}: InceptionV3, {weights.Dialect} dialect, digest {weights.Digest}");
            return ExitCode.Success;
        });
        return command;
    }
}
