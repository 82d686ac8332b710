using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Training;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm train`: from sequences to a classifier.</summary>
internal static class TrainCommand
{
    private const string EachEpoch = "each-epoch";

    public static Command Create(DeviceOption device)
    {
        var defaults = new TrainingOptions();
        var model = new Option<string>("--model") { Description = "The recipe: " + string.Join("; ", Recipes.All.Select(r => $"{r.Name} " +
            $"({r.Summary})")), HelpName = "NAME", DefaultValueFactory = _ => Recipes.Default };
        model.AcceptOnlyFromAmong([.. Recipes.All.Select(r => r.Name)]);
        var choices = new RecipeOptions();
        Option<int?> epochs = CommonOptions.Between(new Option<int?>("--epochs") { Description = "At most so many epochs [default: the " +
            "recipe's, 1000 for lstm]", HelpName = "N" }, 1, int.MaxValue);
        Option<int?> batch = CommonOptions.Between(new Option<int?>("--batch-size") { Description =
            $"Clips in a step [default: the recipe's, {defaults.BatchSize} for lstm]", HelpName = "N" }, 1, int.MaxValue);
        var optimizer = new Option<OptimizerKind?>("--optimizer") { Description =
            "What changes the weights [default: the recipe's, adam for lstm]", HelpName =
            "adam|sgd|rmsprop|adadelta|adagrad" };
        Option<double?> rate = CommonOptions.Between(new Option<double?>("--learning-rate") { Description =
            "The optimizer's learning rate [default: the recipe's, 1e-5 for lstm; 0.001 with adadelta and adagrad]", HelpName = "RATE" },
            1e-12, 1e3);
        Option<double?> decay = CommonOptions.Between(new Option<double?>("--decay") { Description = "How fast the rate falls: after 1 / " +
            "DECAY steps it is half [default: the recipe's, 1e-6 for lstm; 0 with adadelta and adagrad]", HelpName = "DECAY" }, 0, 1);
        Option<double?> momentum = CommonOptions.Between(new Option<double?>("--momentum") { Description =
            "Momentum of sgd and rmsprop [default: 0]", HelpName = "M" }, 0, 1);
        var nesterov = new Option<bool>("--nesterov") { Description = "Nesterov's momentum, for sgd" };
        var plateau = CommonOptions.With(new Option<double?>("--reduce-lr-on-plateau") { Description = "Multiply the rate by FACTOR " +
            "when the validation loss stands still for --plateau-patience epochs; 0: never [default: the recipe's, never for lstm]",
            HelpName = "FACTOR" }, factor => factor is 0 or (>= 1e-6 and <= 0.999999), "0, or 1e-6 to 0.999999");
        Option<int?> plateauPatience = CommonOptions.Between(new Option<int?>("--plateau-patience") { Description =
            $"Epochs that it may stand still [default: {defaults.PlateauPatience}]", HelpName = "N" }, 1, int.MaxValue);
        Option<int?> patience = CommonOptions.Between(new Option<int?>("--patience") { Description = "Stop after so many epochs without " +
            "a lower validation loss; 0: never [default: the recipe's, 5 for lstm]", HelpName = "N" }, 0, int.MaxValue);
        var weights = new Option<string>("--class-weights") { Description = "What the clips of each class count: `balanced`, rare " +
            "classes as much as frequent ones, or e.g. Football=1,Commercial=2.5", HelpName = "none|balanced|NAME=WEIGHT,...",
            DefaultValueFactory = _ => "none" };
        weights.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value is not ("none" or "balanced")
                && ParseWeights(result.Tokens[0].Value) is null)
                result.AddError($"{weights.Name} must be none, balanced, or NAME=WEIGHT,... with weights above 0, not " +
                    $"{result.Tokens[0].Value}.");
        });
        Option<double?> smoothing = CommonOptions.Between(new Option<double?>("--label-smoothing") { Description =
            "What a right class gives to all classes [default: 0]", HelpName = "S" }, 0, 0.999);
        Option<double?> split = CommonOptions.Between(new Option<double?>("--validation-split") { Description = "Share of the train " +
            "clips that judges the epochs; 0: the test clips do [default: the recipe's, 0 for lstm]", HelpName = "SHARE" }, 0, 0.9);
        Option<int?> seed = CommonOptions.Between(new Option<int?>("--seed") { Description =
            "Where the random numbers start; equal seeds give equal runs [default: 0]", HelpName = "N" }, 0, int.MaxValue);
        var from = new Option<string?>("--from") { Description = "Begin with the weights of this checkpoint, or of a Keras model",
            HelpName = "FILE" };
        Option<int> keep = CommonOptions.Between(new Option<int>("--keep") { Description = "How many of the run's best classifiers stay; " +
            "as better ones come, the others are deleted", HelpName = "N", DefaultValueFactory = _ => defaults.Keep }, 1, int.MaxValue);
        var checkpoints = new Option<string>("--checkpoint") { Description = "Which epochs leave a classifier: those that are better " +
            "than all before, of which --keep stay; or each, and all stay", HelpName = $"best|{EachEpoch}",
            DefaultValueFactory = _ => "best" };
        checkpoints.AcceptOnlyFromAmong("best", EachEpoch);
        var noShuffle = new Option<bool>("--no-shuffle") { Description = "Learn from the clips in the same order in each epoch" };
        var resume = new Option<bool>("--resume") { Description =
            "Go on where the run with the same options ended, as if it had never stopped, or on another --device but for rounding; more " +
            "--epochs or --patience make it longer" };
        var mobilenet = new Option<string?>("--mobilenet") { Description = "For the mobilenet recipes: MobileNet's weights, a file of " +
            "Keras (.h5), `imagenet`, or `random:SEED` [default: imagenet]", HelpName = "WEIGHTS" };
        var tuning = new TuningOption();
        Option<FrameInput> input = CommonOptions.Input();
        var augmentation = new AugmentationOptions();
        Option<int> copies = AugmentedCopies.Option();
        Option<int?> memory = CommonOptions.Between(new Option<int?>("--cache-memory") { Description = "Models that see frames: " +
            "megabytes of frames to keep in memory [default: a quarter of what is free]", HelpName = "MB" }, 0, 1 << 24);
        Option<string> data = CommonOptions.Data();
        Option<string?> work = CommonOptions.Work();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("train",
            "Extracts what features are missing, trains a classifier on the train clips and judges it by the test clips: " +
            "data/checkpoints/lstm-features.<epoch>-<val_loss>.<run>.bin.")
        {
            model, epochs, patience, batch, optimizer, rate, decay, momentum, nesterov, plateau, plateauPatience,
            weights, smoothing, split, seed, noShuffle, from, checkpoints, keep, resume, mobilenet, input, memory, copies, data, work,
            threads,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(checkpoints)?.Tokens is [{ Value: EachEpoch }] && result.GetResult(keep) is { Implicit: false })
                result.AddError($"{keep.Name} goes with {checkpoints.Name} best: of {EachEpoch} all stay.");
        });
        choices.AddTo(command, after: model);
        var sequences = new SequenceOptions(command, sizeIsOptional: false);
        augmentation.AddTo(command);
        device.AddTo(command);
        tuning.AddTo(command);
        command.WithExamples(
            "vlstm train 75 2 720 1280",
            "vlstm train 20 2 299 299 --learning-rate 1e-4 --patience 10 --seed 1",
            "vlstm train 20 5 224 224 --model gru                     # as Keras' CNN-RNN example",
            "vlstm train 5 2 112 112 --model convnet-gru --zoom 0.1 --flip --rotate 8 --shift 0.2",
            "vlstm train 75 2 720 1280 --resume",
            "vlstm train 25 3 299 299 --tune 10m                      # finds a learning rate, units and a patience that suit the clips");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            DataFolder folder = CommonOptions.Folder(parsed, data, work);
            Recipe recipe = Recipes.Find(parsed.GetValue(model)!)!;
            TrainingOptions own = parsed.GetValue(optimizer) is OptimizerKind.Adadelta or OptimizerKind.Adagrad
                // Keras' own: what suits others would hardly move a weight.
                ? recipe.Defaults with { LearningRate = 0.001, Decay = 0 } : recipe.Defaults;
            var options = own with
            {
                Epochs = parsed.GetValue(epochs) ?? own.Epochs,
                Patience = parsed.GetValue(patience) is { } given ? given == 0 ? null : given : own.Patience,
                BatchSize = parsed.GetValue(batch) ?? own.BatchSize,
                Optimizer = parsed.GetValue(optimizer) ?? own.Optimizer,
                LearningRate = parsed.GetValue(rate) ?? own.LearningRate,
                Decay = parsed.GetValue(decay) ?? own.Decay,
                Momentum = parsed.GetValue(momentum) ?? own.Momentum,
                Nesterov = parsed.GetValue(nesterov) || own.Nesterov,
                PlateauFactor = parsed.GetValue(plateau) is { } factor ? factor == 0 ? null : factor : own.PlateauFactor,
                PlateauPatience = parsed.GetValue(plateauPatience) ?? own.PlateauPatience,
                BalanceClasses = parsed.GetValue(weights) == "balanced",
                ClassWeights = parsed.GetValue(weights) is "none" or "balanced" ? null : ParseWeights(parsed.GetValue(weights)!),
                LabelSmoothing = parsed.GetValue(smoothing) ?? own.LabelSmoothing,
                ValidationSplit = parsed.GetValue(split) is { } share ? share == 0 ? null : share : own.ValidationSplit,
                From = parsed.GetValue(from),
                Seed = parsed.GetValue(seed) ?? own.Seed,
                Keep = parsed.GetValue(keep),
                KeepsEachEpoch = parsed.GetValue(checkpoints) == EachEpoch,
                KeepsOrder = parsed.GetValue(noShuffle),
            };
            Func<ModelSpec, ModelSpec> choose = choices.Read(parsed, recipe);
            TimeSpan? search = tuning.Read(parsed);
            if (search is not null && (options.From is not null || parsed.GetValue(resume)))
                throw new InputException($"{tuning.Name}: begins anew; leave out {from.Name} and {resume.Name}");
            Option? idle = parsed.GetValue(mobilenet) is not null && !recipe.Options.Contains(nameof(ModelSpec.Alpha)) ? mobilenet
                : recipe.SeesFrames ? sequences.FirstOfFeatures(parsed) : parsed.GetValue(memory) is not null ? memory : null;
            if (idle is not null)
                throw RecipeOptions.Idle(idle, recipe);
            if (parsed.GetValue(momentum) is not null && options.Optimizer is not (OptimizerKind.Sgd or OptimizerKind.RmsProp))
                throw Useless(momentum, optimizer, "sgd or rmsprop");
            if (parsed.GetValue(nesterov) && options.Optimizer is not OptimizerKind.Sgd)
                throw Useless(nesterov, optimizer, "sgd");
            if (parsed.GetValue(plateauPatience) is not null && options.PlateauFactor is null)
                throw Useless(plateauPatience, plateau, "FACTOR");
            if (recipe.SeesFrames && parsed.GetValue(copies) > 0)
                throw new InputException(
                    $"{copies.Name}: --model {recipe.Name} sees frames, which are changed anew in each epoch; leave it out");
            if (!recipe.SeesFrames && parsed.GetValue(input) != FrameInput.Rgb)
                throw new InputException($"{input.Name}: this model sees features, which are of frames as they are; leave it out, or " +
                    $"take a model that sees frames, e.g. --model convnet-gru");
            SequenceRequest frames = sequences.Read(parsed, recipe.Sequences);
            Augmentation changes = recipe.SeesFrames ? augmentation.Read(parsed, recipe.Flips) : Augmentation.None;
            if (recipe.Flips && changes.HorizontalFlip)
                Report.Remarks([$"clips are mirrored at random, as the source of {recipe.Name} does; if left and right are classes, give " +
                    "--flip false"]);
            var request = new TrainingRequest
            {
                Recipe = recipe,
                Options = options,
                Sequences = recipe.SeesFrames ? frames : AugmentedCopies.Read(parsed, copies, augmentation, frames),
                Input = parsed.GetValue(input),
                Augmentation = changes,
                CacheMegabytes = parsed.GetValue(memory),
                Choose = choose,
                MobileNet = parsed.GetValue(mobilenet) ?? WeightsLoader.ImageNet,
                Resume = parsed.GetValue(resume),
            };
            TrainingJob job = await TrainingJob.PrepareAsync(folder, request, device.Open(parsed), new JobReport(), ct);
            if (search is { } budget)
            {
                TuningRequest wanted = TuningOption.Request(budget, options, epochsAreGiven: parsed.GetValue(epochs) is not null,
                    splitIsGiven: parsed.GetValue(split) is not null);
                job = tuning.Search(job, wanted with
                {
                    LearningRate = parsed.GetValue(rate),
                    Patience = parsed.GetValue(patience) is 0 ? int.MaxValue : parsed.GetValue(patience),
                    SearchesUnits = recipe.Options.Contains(nameof(ModelSpec.Units)) && !choices.IsGiven(parsed, nameof(ModelSpec.Units)),
                }, parsed, ct);
            }
            Train(job, folder, ct);
            return job.Failures == 0 ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }

    private static InputException Useless(Option option, Option other, string value) =>
        new($"{option.Name}: does nothing without {other.Name} {value}; give that, or leave it out");

    private static Dictionary<string, double>? ParseWeights(string text)
    {
        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string part in text.Split(','))
        {
            int equals = part.LastIndexOf('=');
            if (equals < 1 || !double.TryParse(part.AsSpan(equals + 1), NumberStyles.Float, CultureInfo.InvariantCulture,
                out double weight) || weight is not (> 0 and < 1e6) || !weights.TryAdd(part[..equals], weight))
                return null;
        }
        return weights;
    }

    private static void Train(TrainingJob job, DataFolder data, CancellationToken ct)
    {
        TrainingRequest request = job.Request;
        (int train, int validation, int test) = job.Samples;
        string judges = request.Options.ValidationSplit is null ? $"judged by {test}"
            : $"judged by {validation} more, and at the end by {test} test clips";
        Console.WriteLine($"training {request.Recipe.Name} on {train} clips, {judges}; classes {string.Join(", ", job.Classes)}");
        job.Introduce(data);
        Console.WriteLine($"baselines: {BaselineDisplay.Text(job.Baselines)}");
        bool hasTop = job.Classes.Count > SoftmaxCrossEntropy.Top;
        string top = hasTop ? $"   top{SoftmaxCrossEntropy.Top}" : "", validationTop = hasTop ? $"  val_top{SoftmaxCrossEntropy.Top}" : "";
        Console.WriteLine($" epoch     loss    acc{top}  val_loss  val_acc{validationTop}  seconds");
        var clock = Stopwatch.StartNew();
        TrainingResult result = job.Run((epoch, checkpoint) =>
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{epoch.Epoch,6}  {epoch.Loss,7:0.0000}  {epoch.Accuracy,5:0.000}{Column(epoch.TopAccuracy, top.Length)}  " +
                    $"{epoch.ValidationLoss,8:0.0000}  {epoch.ValidationAccuracy,7:0.000}" +
                    $"{Column(epoch.ValidationTopAccuracy, validationTop.Length)}  {clock.Elapsed.TotalSeconds,7:0.0}" +
                    $"{(checkpoint is null ? "" : "  saved")}"));
            clock.Restart();
        }, ct);

        Console.WriteLine();
        Console.WriteLine(result.StoppedEarly
            ? $"stopped after epoch {result.Epochs}: no better one in {request.Options.Patience} epochs"
            : $"stopped after epoch {result.Epochs}, as told by --epochs");
        const int Top = SoftmaxCrossEntropy.Top;
        string ofTop = hasTop ? string.Create(CultureInfo.InvariantCulture, $"top {Top} {result.Metrics.TopAccuracy(Top):0.000}; ") : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"best epoch {result.Best.Epoch}: validation loss {result.Best.ValidationLoss:0.0000}; test accuracy " +
                $"{result.Metrics.Accuracy:0.000} ({result.Metrics.Confusion.Correct} of {result.Metrics.Confusion.Total}; {ofTop}" +
                $"{BaselineDisplay.Text(result.Metrics.Baselines)})"));
        Console.WriteLine(CalibrationDisplay.Line(result.Metrics, result.Temperature));
        Console.WriteLine($"the run as a page, with all epochs: {result.Report}");
        ConfusionDisplay.Write(result.Metrics.Confusion);
        Console.WriteLine("label a video with:");
        Console.WriteLine(string.Join(' ', (string[])
        [
            "vlstm classify", request.Sequences.Sequences.Length.ToString(CultureInfo.InvariantCulture),
                job.Classes.Count.ToString(CultureInfo.InvariantCulture), ShellQuote(result.Checkpoint), "VIDEO",
            .. request.Recipe.SeesFrames || !request.Sequences.Extractor.MustBeNamed ? Array.Empty<string>()
                : request.Sequences.Extractor.Words.Split(':', 2) is [ExtractorRequest.Inception, var weights]
                ? ["--inception", ShellQuote(weights)] : ["--extractor", ShellQuote(request.Sequences.Extractor.Words)],
        ]));
    }

    private static string Column(double? share, int width) =>
        (share is { } known ? known.ToString("0.000", CultureInfo.InvariantCulture) : "").PadLeft(width);

    internal static string ShellQuote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:\\".Contains(c, StringComparison.Ordinal)) ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
