using System.CommandLine;
using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using VideoLstm.Benchmarks;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Numerics.Inference;

// Kernels by BenchmarkDotNet; the rest beside its peers, in turn: see scripts/bench.sh.
var root = new RootCommand("Measures vlstm's kernels, networks and verbs.") { Kernels(), ErrorsCommand(), Compare(), OursCommand(), Peer(), Gpu(), FeedCommand() };
return root.Parse(args).Invoke();

static Command Kernels()
{
    Option<string> filter = new("--filter") { Description = "Which benchmarks, as BenchmarkDotNet reads it.", DefaultValueFactory = _ => "*" };
    var command = new Command("kernels", "GFLOP/s and share of the peak, for each shape of convolution in InceptionV3 and for matrix products.") { filter };
    command.SetAction(parsed =>
    {
        IConfig config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumn(new GflopsColumn(share: false), new GflopsColumn(share: true))
            .HideColumns(Column.Error, Column.StdDev, Column.Ratio, Column.RatioSD)
            .WithSummaryStyle(BenchmarkDotNet.Reports.SummaryStyle.Default.WithMaxParameterColumnWidth(60))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "vlstm-benchmarks"));
        BenchmarkSwitcher.FromTypes([typeof(ConvolutionBenchmarks), typeof(GemmBenchmarks)]).Run(["--filter", parsed.GetValue(filter)!], config);
    });
    return command;
}

static Command ErrorsCommand()
{
    Option<string?> inception = new("--inception") { Description = "A file of weights; without it, random:1." };
    var command = new Command("errors", "How far each convolution of InceptionV3 is from its definition in double precision.") { inception };
    command.SetAction(parsed => Errors.Print(parsed.GetValue(inception) is { } file ? InceptionWeights.Load(file) : InceptionWeights.Random(1), 299, 299));
    return command;
}

static Command Compare()
{
    Option<int> pairs = new("--pairs") { Description = "Pairs of runs, ours and the peer's in turn.", DefaultValueFactory = _ => 5 };
    Option<string[]> only = new("--only") { Description = "Only these: network, large, lstm, convnet, extract, start.", AllowMultipleArgumentsPerToken = true };
    Option<string?> write = new("--write") { Description = "Write the table into this file too." };
    Option<string> peers = new("--peers") { Description = "Folder of the peers' scripts.", Required = true };
    Option<string> vlstm = new("--vlstm") { Description = "The published vlstm.", Required = true };
    var command = new Command("compare", "Ours beside libtorch, ONNX Runtime and the article's way.") { pairs, only, write, peers, vlstm };
    command.SetAction(parsed => new Comparison(parsed.GetValue(pairs), parsed.GetValue(peers)!, parsed.GetValue(vlstm)!)
        .Run(parsed.GetValue(only) is { Length: > 0 } names ? names : Comparison.All, parsed.GetValue(write)));
    return command;
}

static Command FeedCommand()
{
    Argument<string> clips = new("data") { Description = "A data folder whose clips `vlstm extract-files` has listed." };
    Option<int> pairs = new("--pairs") { Description = "Pairs of runs, ours and ffmpeg's in turn.", DefaultValueFactory = _ => 5 };
    var command = new Command("feed", "The way from clips to a network that takes no time, beside ffmpeg alone.") { clips, pairs };
    command.SetAction(parsed => Feeding.Run(parsed.GetValue(clips)!, parsed.GetValue(pairs)));
    return command;
}

static Command Gpu()
{
    Option<string> device = new("--device") { Description = "cuda, cuda:N, or torch to try it on the processor.", DefaultValueFactory = _ => "cuda" };
    Option<int> pairs = new("--pairs") { Description = "Pairs of runs, ours and PyTorch's in turn.", DefaultValueFactory = _ => 5 };
    Option<double> seconds = new("--seconds") { Description = "Seconds of each run.", DefaultValueFactory = _ => 5 };
    Option<int> frames = new("--frames") { Description = "Frames of each clip.", DefaultValueFactory = _ => 75 };
    Option<string?> write = new("--write") { Description = "Write the table of a card into this file too." };
    Option<string> peers = new("--peers") { Description = "Folder of the peers' scripts.", Required = true };
    Option<string> vlstm = new("--vlstm") { Description = "The published vlstm.", Required = true };
    var command = new Command("gpu", "Networks, training steps and extract-features on a card, beside PyTorch where Python has it.") { device, pairs, seconds, frames, write, peers, vlstm };
    command.SetAction(parsed => new GpuComparison(
        parsed.GetValue(device)!, parsed.GetValue(pairs), parsed.GetValue(seconds), parsed.GetValue(frames), parsed.GetValue(peers)!, parsed.GetValue(vlstm)!).Run(parsed.GetValue(write)));
    return command;
}

static Command Peer()
{
    Argument<string[]> arguments = new("peer") { Description = "What Comparison asks of a peer, as `ours` of ours: onnx-network, torch-network or torch-step." };
    var command = new Command("peer", "A peer, for one conversation on standard input.") { arguments };
    command.SetAction(parsed => Peers.Serve(parsed.GetValue(arguments)!));
    return command;
}

static Command OursCommand()
{
    Argument<string> what = new("what") { Description = "network HEIGHT WIDTH, network-int8 HEIGHT WIDTH, step RECIPE, lstm-predict BATCH, lstm-profile or convnet-profile (which print where the time goes), or peak." };
    Argument<string[]> rest = new("arguments") { Arity = ArgumentArity.ZeroOrMore };
    var command = new Command("ours", "What is measured of ours, for one conversation on standard input: each line, a number of seconds, is answered with a speed.") { what, rest };
    command.SetAction(parsed =>
    {
        string[] arguments = parsed.GetValue(rest)!;
        int Number(int index) => int.Parse(arguments[index], CultureInfo.InvariantCulture);
        switch (parsed.GetValue(what))
        {
            case "network":
                Ours.Network(Number(0), Number(1), Precision.Float);
                break;
            case "network-int8":
                Ours.Network(Number(0), Number(1), Precision.Int8);
                break;
            case "step":
                TrainingWork.Of(arguments[0]).Serve(new CpuBackend());
                break;
            case "lstm-profile":
                Ours.LstmProfile();
                break;
            case "convnet-profile":
                ConvolutionalNetwork.Profile();
                break;
            case "lstm-predict":
                Ours.LstmPredict(Number(0));
                break;
            default:
                Console.WriteLine(Peak.Gflops.ToString("F1", CultureInfo.InvariantCulture));
                break;
        }
    });
    return command;
}
