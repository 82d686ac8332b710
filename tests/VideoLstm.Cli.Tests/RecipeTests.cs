using System.Text.Json;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>Other recipes than the article's, from clips to labels.</summary>
public sealed class RecipeTests : IClassFixture<RecipeTests.Clips>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RecipeTests(Clips clips)
    {
        // With their times, by which the list knows them again.
        foreach (string file in Directory.EnumerateFiles(clips.Path, "*", SearchOption.AllDirectories))
            File.Copy(file, _folder.File(Path.GetRelativePath(clips.Path, file)));
    }

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("cpu", "3 2 75 75 --model convnet-gru --input diff --zoom 0.1 --flip --cache-memory 0", "convnet-gru", "frames, Diff", false)]
    [InlineData("torch", "3 2 75 75 --model convnet-gru --input diff --zoom 0.1 --flip --cache-memory 0", "convnet-gru", "frames, Diff", false)]
    [InlineData("cpu", "2 2 96 96 --model mobilenet-gru --mobilenet random:1 --trainable-layers 3", "mobilenet-gru", "frames, Rgb", true)]
    [InlineData("torch", "2 2 96 96 --model mobilenet-gru --mobilenet random:1 --trainable-layers 3", "mobilenet-gru", "frames, Rgb", true)]
    [InlineData("cpu", "2 2 96 96 --model mobilenet --mobilenet random:1", "mobilenet", "frames, Rgb", false)]
    [InlineData("cpu", "3 2 75 75 --model convnet-lstm --units 8 --input flow-mask", "convnet-lstm", "frames, FlowMask", false)]
    [InlineData("cpu", "2 2 80 80 --model lrcn --input flow", "lrcn", "frames, Flow", true)]
    [InlineData("torch", "2 2 80 80 --model lrcn --input flow", "lrcn", "frames, Flow", true)]
    [InlineData("cpu", "11 2 80 80 --model conv3d --input gray", "conv3d", "frames, Gray", false)]
    [InlineData("cpu", "3 2 75 75 --model i3d", "i3d", "frames, Rgb", true)]
    [InlineData("torch", "3 2 75 75 --model i3d", "i3d", "frames, Rgb", true)]
    public void Networks_that_see_frames_are_trained_judged_resumed_and_label(string device, string arguments, string model, string sees, bool resume)
    {
        Tool.Use(device);
        string[] train = ["train", .. arguments.Split(' ')];
        string length = train[1];
        string whole = Tool.Succeed(_folder.Path, [.. train, "--epochs", "2"]);
        string checkpoint = whole.TrimEnd().Split('\n')[^1].Split(' ')[4];
        Assert.StartsWith($"data/checkpoints/{model}.", checkpoint, StringComparison.Ordinal);
        string info = Tool.Succeed(_folder.Path, "info", checkpoint);
        Assert.Contains(sees, info, StringComparison.Ordinal);
        Assert.Contains($"classifier ({model}", info, StringComparison.Ordinal);

        JsonElement measures = JsonDocument.Parse(Tool.Succeed(_folder.Path, "evaluate", checkpoint, "--json")).RootElement;
        Assert.Equal(2, measures.GetProperty("clips").GetInt32());
        Assert.All(measures.GetProperty("predictions").EnumerateArray(), p => Assert.Equal(1, p.GetProperty("probabilities").EnumerateObject().Sum(c => c.Value.GetDouble()), 1e-5));
        string labels = Tool.Succeed(_folder.Path, "classify", length, "2", checkpoint, "long.mp4");
        Assert.Contains("31 frames in 3 windows", labels, StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "sees frames and not features", "classify", length, "2", checkpoint, "long.mp4", "--inception", "random:1");

        if (!resume)
            return;
        byte[] weights = File.ReadAllBytes(_folder.File(checkpoint));
        Directory.Delete(_folder.File("data", "checkpoints"), recursive: true);
        Tool.Succeed(_folder.Path, [.. train, "--epochs", "1"]);
        Tool.Succeed(_folder.Path, [.. train, "--epochs", "2", "--resume"]);
        Assert.Equal(weights, File.ReadAllBytes(_folder.File(checkpoint)));
    }

    [Fact]
    public void I3d_mirrors_clips_as_its_source_does_unless_told_not_to()
    {
        string[] train = ["train", "3", "2", "75", "75", "--model", "i3d", "--epochs", "2"];
        byte[] asItIs = Weights("clips are mirrored at random"), mirrored = Weights("clips are mirrored at random", "--flip"), plain = Weights("", "--flip", "false");
        Assert.Equal(asItIs, mirrored);
        Assert.NotEqual(asItIs, plain);

        byte[] Weights(string said, params string[] arguments)
        {
            (int exitCode, string output, string errors) = Tool.Run(_folder.Path, [.. train, .. arguments]);
            Assert.Equal(0, exitCode);
            Assert.Equal(said.Length > 0, errors.Contains("mirrored", StringComparison.Ordinal));
            Assert.Contains(said, errors, StringComparison.Ordinal);
            byte[] weights = File.ReadAllBytes(_folder.File(output.TrimEnd().Split('\n')[^1].Split(' ')[4]));
            Directory.Delete(_folder.File("data", "checkpoints"), recursive: true);
            return weights;
        }
    }

    [Fact]
    public void The_answers_of_two_streams_are_averaged()
    {
        string[] train = ["train", "2", "2", "75", "75", "--model", "convnet-gru", "--epochs", "1"];
        string frames = Tool.Succeed(_folder.Path, train).TrimEnd().Split('\n')[^1].Split(' ')[4];
        string moves = Tool.Succeed(_folder.Path, [.. train, "--input", "flow"]).TrimEnd().Split('\n')[^1].Split(' ')[4];
        List<double> temperatures = [];
        double[] first = Probabilities(frames), second = Probabilities(moves), both = Probabilities(frames, "--with", moves);
        Assert.NotEqual(first, second);
        Assert.Contains(temperatures[..2], t => t != 1);
        Assert.Equal(1, temperatures[2]);
        Assert.All(both.Zip(first.Zip(second)), p => Assert.Equal((p.Second.First + p.Second.Second) / 2, p.First, 1e-6));
        Assert.Contains("precision  recall", Tool.Succeed(_folder.Path, "evaluate", frames, "--with", moves, "--report", "both.html"), StringComparison.Ordinal);
        Assert.Contains($"with {Path.GetFileName(moves)}", File.ReadAllText(_folder.File("both.html")), StringComparison.Ordinal);

        Tool.Draw(_folder.File("data", "train", "Third", "a.mp4"), "testsrc=s=64x48:r=10", 12);
        Tool.Draw(_folder.File("data", "test", "Third", "b.mp4"), "testsrc=s=64x48:r=10", 12);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        string three = Tool.Succeed(_folder.Path, ["train", "2", "3", .. train[3..]]).TrimEnd().Split('\n')[^1].Split(' ')[4];
        Tool.Refuse(_folder.Path, 2, "give classifiers of the same classes", "evaluate", frames, "--with", three);
        Tool.Refuse(_folder.Path, 2, "give classifiers of the same classes", "classify", "2", "2", frames, "long.mp4", "--with", three);
        Tool.Refuse(_folder.Path, 2, "leave --with out", "classify", "2", "2", frames, "rtsp://camera.example/stream", "--with", moves);

        string alone = Tool.Succeed(_folder.Path, "classify", "2", "2", frames, "long.mp4", "--no-video");
        string together = Tool.Succeed(_folder.Path, "classify", "2", "2", frames, "long.mp4", "--no-video", "--with", moves);
        Assert.Contains("31 frames in 3 windows", alone, StringComparison.Ordinal);
        Assert.Contains("31 frames in 6 windows", together, StringComparison.Ordinal);
        string itself = Tool.Succeed(_folder.Path, "classify", "2", "2", frames, "long.mp4", "--no-video", "--with", frames);
        // What follows is how fast it was.
        Assert.Equal(alone[..alone.LastIndexOf(" frames in ", StringComparison.Ordinal)], itself[..itself.LastIndexOf(" frames in ", StringComparison.Ordinal)]);

        // An extractor is for the one that sees features.
        string features = Tool.Succeed(_folder.Path, "train", "2", "2", "75", "75", "--model", "mlp", "--epochs", "1", "--inception", "random:1").TrimEnd().Split('\n')[^1].Split(' ')[4];
        foreach ((string one, string other) in ((string, string)[])[(features, moves), (moves, features)])
        {
            Assert.Contains("accuracy ", Tool.Succeed(_folder.Path, "evaluate", one, "--with", other, "--inception", "random:1"), StringComparison.Ordinal);
            Assert.Contains("31 frames in 6 windows", Tool.Succeed(_folder.Path, "classify", "2", "2", one, "long.mp4", "--no-video", "--with", other, "--inception", "random:1"), StringComparison.Ordinal);
        }
        Tool.Refuse(_folder.Path, 2, "sees frames and not features", "evaluate", frames, "--with", moves, "--inception", "random:1");

        // As they are where videos are labelled; those of two are so already, and their temperature is 1.
        double[] Probabilities(params string[] arguments)
        {
            JsonElement measures = JsonDocument.Parse(Tool.Succeed(_folder.Path, ["evaluate", .. arguments, "--json"])).RootElement;
            double temperature = measures.GetProperty("calibration").GetProperty("temperature").GetDouble();
            temperatures.Add(temperature);
            return
            [
                .. measures.GetProperty("predictions").EnumerateArray().SelectMany(p =>
                {
                    double[] powers = [.. p.GetProperty("probabilities").EnumerateObject().Select(c => Math.Pow(c.Value.GetDouble(), 1 / temperature))];
                    return powers.Select(x => x / powers.Sum());
                }),
            ];
        }
    }

    [SkippableTheory]
    [InlineData("cpu")]
    [InlineData("torch")]
    public void What_an_image_network_learnt_other_recipes_learn_from(string device)
    {
        Tool.Use(device);
        string tuned = Checkpoint("train", "2", "2", "96", "96", "--model", "mobilenet", "--mobilenet", "random:1", "--epochs", "1", "--learning-rate", "0.01");
        string[] train = ["train", "4", "2", "96", "96", "--model", "gru", "--epochs", "1", "--extractor"];
        string learnt = Checkpoint([.. train, "mobilenet:" + tuned]);
        Assert.Contains("31 frames in", Tool.Succeed(_folder.Path, "classify", "4", "2", learnt, "long.mp4", "--extractor", "mobilenet:" + tuned), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "mobilenet:random:1 is another network", "classify", "4", "2", learnt, "long.mp4", "--extractor", "mobilenet:random:1");
        Tool.Refuse(_folder.Path, 2, "holds no MobileNet v1", [.. train, "mobilenet:" + learnt]);

        string Checkpoint(params string[] arguments) => Tool.Succeed(_folder.Path, arguments).TrimEnd().Split('\n')[^1].Split(' ')[4];
    }

    [SkippableTheory]
    [InlineData("cpu")]
    [InlineData("torch")]
    public void Clips_of_unequal_length_are_padded_and_masked(string device)
    {
        Tool.Use(device);
        Tool.Draw(_folder.File("data", "train", "Bars", "short.mp4"), "testsrc=s=64x48:r=10", 4);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        string[] train = ["train", "8", "2", "75", "75", "--inception", "random:1", "--epochs", "2", "--validation-split", "0.4"];
        Assert.Contains("training gru on 3 clips, judged by 2 more, and at the end by 2 test clips", Tool.Succeed(_folder.Path, [.. train, "--model", "gru"]), StringComparison.Ordinal);
        foreach (string model in (string[])["lstm", "mlp", "attention"])
            Assert.Contains($"training {model} on 3 clips", Tool.Succeed(_folder.Path, [.. train, "--model", model, "--pad", "--units", "8", "--crop", "center", "--sampling", "head"]), StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "cannot leave steps out", "train", "11", "2", "80", "80", "--model", "conv3d", "--pad");
    }

    [SkippableTheory]
    [InlineData("cpu")]
    [InlineData("torch")]
    public void An_evaluation_says_how_good_and_how_sure(string device)
    {
        Tool.Use(device);
        string[] train = ["train", "6", "2", "75", "75", "--inception", "random:1", "--model", "mlp", "--epochs", "3", "--learning-rate", "1e-4"];
        string checkpoint = Tool.Succeed(_folder.Path, train).TrimEnd().Split('\n')[^1].Split(' ')[4];
        string text = Tool.Succeed(_folder.Path, "evaluate", checkpoint, "--set", "all", "--report", "page.html");
        Assert.Contains("(", text, StringComparison.Ordinal);
        Assert.Contains("precision  recall     f1  clips", text, StringComparison.Ordinal);
        Assert.Contains("<h1><bdi>Evaluation of mlp-features", File.ReadAllText(_folder.File("page.html")), StringComparison.Ordinal);
        JsonElement measures = JsonDocument.Parse(Tool.Succeed(_folder.Path, "evaluate", checkpoint, "--set", "train", "--json", "--top", "2")).RootElement;
        Assert.Equal(4, measures.GetProperty("clips").GetInt32());
        Assert.Equal(1, measures.GetProperty("top").GetProperty("accuracy").GetDouble());

        // Classes that it does not know are left out, and said.
        Tool.Draw(_folder.File("data", "test", "Other", "g.mp4"), "testsrc=s=64x48:r=10", 12);
        Tool.Draw(_folder.File("data", "train", "Other", "h.mp4"), "testsrc=s=64x48:r=10", 12);
        Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        (int exitCode, _, string errors) = Tool.Run(_folder.Path, "evaluate", checkpoint);
        Assert.Equal(0, exitCode);
        Assert.Contains("clips of Other are left out", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_prints_the_line_that_trains_so_again()
    {
        string[] train = ["train", "4", "2", "75", "75", "--inception", "random:1", "--model", "linear", "--seed", "3"];
        string tuned = Tool.Succeed(_folder.Path, [.. train, "--tune", "10m", "--epochs", "30", "--validation-split", "0.4"]);
        Assert.Contains("one of 2 parts of the train clips judges, and all of them in turn what is best then; no test clip is looked at", tuned, StringComparison.Ordinal);
        string[] lines = tuned.Split('\n');
        string line = lines[Array.FindIndex(lines, l => l.StartsWith("the same training again", StringComparison.Ordinal)) + 1];
        Assert.StartsWith($"vlstm {string.Join(' ', train)} --epochs 30 --validation-split 0.4 --learning-rate ", line, StringComparison.Ordinal);

        string again = Tool.Succeed(_folder.Path, line.Split(' ')[1..]);
        // To the same classifier, though the times differ.
        Assert.Equal(lines[^2], again.Split('\n')[^2]);
        Assert.Contains(tuned.Split('\n').Single(l => l.StartsWith("best epoch", StringComparison.Ordinal)), again, StringComparison.Ordinal);
        Tool.Refuse(_folder.Path, 2, "leave out --from and --resume", [.. train, "--tune", "10m", "--resume"]);
    }

    [Fact]
    public void A_search_that_has_too_little_time_leaves_the_training_as_it_is_without()
    {
        string[] train = ["train", "4", "2", "75", "75", "--inception", "random:1", "--model", "gru"];
        string tuned = Tool.Succeed(_folder.Path, [.. train, "--tune", "0.001s"]), plain = Tool.Succeed(_folder.Path, train);
        Assert.Matches(@"\n0\.001s is too short for one trial[^\n]*: training as without --tune\n", tuned);
        // To the same classifier, of the same run.
        Assert.Equal(plain.Split('\n')[^2], tuned.Split('\n')[^2]);
        foreach (string begin in (string[])["training gru on ", "best epoch "])
            Assert.Contains(plain.Split('\n').Single(l => l.StartsWith(begin, StringComparison.Ordinal)), tuned, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6 2 75 75 --model convnet-gru --units 8 --layers 2", "--layers: --model convnet-gru has no such choice")]
    [InlineData("6 2 75 75 --mobilenet random:1", "--mobilenet: --model lstm has no such choice")]
    [InlineData("6 2 75 75 --model lrcn --precision int8", "--precision: --model lrcn has no such choice")]
    [InlineData("6 2 96 96 --model mobilenet-gru --mobilenet random:1 --precision half", "--precision: --model mobilenet-gru has no such choice")]
    [InlineData("6 2 80 80 --model conv3d --extractor resnet18", "--extractor: --model conv3d has no such choice")]
    [InlineData("6 2 80 80 --model convnet-gru --inception random:1", "--inception: --model convnet-gru has no such choice")]
    [InlineData("6 2 80 80 --model c3d --preprocessing imagenet", "--preprocessing: --model c3d has no such choice")]
    [InlineData("6 2 75 75 --inception random:1 --cache-memory 100", "--cache-memory: --model lstm has no such choice")]
    [InlineData("6 2 75 75 --inception random:1 --momentum 0.9", "--momentum: does nothing without --optimizer sgd or rmsprop")]
    [InlineData("6 2 75 75 --inception random:1 --optimizer rmsprop --nesterov", "--nesterov: does nothing without --optimizer sgd")]
    [InlineData("6 2 75 75 --inception random:1 --plateau-patience 3", "--plateau-patience: does nothing without --reduce-lr-on-plateau FACTOR")]
    [InlineData("6 2 75 75 --tune soon", "--tune must be a time such as 90s, 10m or 2h, at most 1000h, not soon")]
    [InlineData("6 2 75 75 --tune 1001h", "at most 1000h, not 1001h")]
    [InlineData("6 2 75 75 --model linear --units 8", "--units: --model linear has no such choice")]
    [InlineData("6 2 75 75 --input flow --inception random:1", "--input: this model sees features")]
    [InlineData("6 2 75 75 --flip --inception random:1", "give --augmented-copies N")]
    [InlineData("6 2 75 75 --model lrcn --flip --augmented-copies 2", "--augmented-copies: --model lrcn sees frames")]
    [InlineData("6 2 80 80 --model mobilenet-gru --mobilenet random:1", "multiples of 32")]
    [InlineData("6 2 75 75 --model mobilenet-gru --mobilenet data/data_file.csv", "data_file.csv")]
    [InlineData("6 2 80 80 --model conv3d", "cannot be made for 6 frames of 80 x 80")]
    [InlineData("6 2 75 75 --from data/data_file.csv --inception random:1", "data_file.csv")]
    [InlineData("6 2 75 75 --class-weights Bars", "--class-weights must be")]
    [InlineData("6 2 75 75 --class-weights Bars=0", "--class-weights must be")]
    [InlineData("3 2 75 75 --model convnet-gru --class-weights Bars=2,Cars=3", "there is no class Cars")]
    [InlineData("20 2 75 75 --model convnet-gru", "shorter than the sequence")]
    public void What_does_not_fit_is_refused_in_one_line(string arguments, string text)
    {
        (int exitCode, _, string errors) = Tool.Run(_folder.Path, ["train", .. arguments.Split(' ')]);
        Assert.Equal(2, exitCode);
        Assert.Contains(text, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    /// <summary>Clips of two classes, listed, and a longer video, made once for all tests.</summary>
    public sealed class Clips : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Clips()
        {
            string[] names = ["train/Bars/a", "train/Bars/b", "train/Noise/c", "train/Noise/d", "test/Bars/e", "test/Noise/f"];
            for (int i = 0; i < names.Length; i++)
            {
                string source = names[i].Contains("Bars", StringComparison.Ordinal) ? $"testsrc=s=64x48:r=10,hue=h={20 * i}" : $"cellauto=s=64x48:r=10:rule=30:random_seed={i}";
                Tool.Draw(_folder.File("data", names[i] + ".mp4"), source, 12);
            }
            Tool.Draw(_folder.File("long.mp4"), "testsrc=s=64x48:r=10", 31);
            Tool.Succeed(_folder.Path, "extract-files", "mp4", "--no-images");
        }

        /// <summary>The folder; its files are not to be changed.</summary>
        public string Path => _folder.Path;

        public void Dispose() => _folder.Dispose();
    }
}
