using System.CommandLine;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Samples;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm preview`: a picture of what a network will see of the training clips.</summary>
internal sealed class PreviewCommand
{
    private const int UsualSide = 299;
    private const int GifHeading = 26, SmallestGif = 240;
    private const double AssumedRate = 25, SlowestRate = 1, FastestRate = 50;

    private readonly DataFolder _data;
    private readonly SequenceSpec _spec;
    private readonly FrameInput _input;
    private readonly Augmentation _augmentation;
    private readonly ulong _seed;
    private readonly CancellationToken _ct;

    private PreviewCommand(DataFolder data, SequenceSpec spec, FrameInput input, Augmentation augmentation, ulong seed,
        CancellationToken ct) =>
        (_data, _spec, _input, _augmentation, _seed, _ct) = (data, spec, input, augmentation, seed, ct);

    public static Command Create()
    {
        Argument<int> length = CommonOptions.SequenceLength();
        Argument<int?> height = Side("height"), width = Side("width");
        Option<FrameInput> input = CommonOptions.Input();
        var augmentation = new AugmentationOptions();
        Option<int> seed = CommonOptions.Between(new Option<int>("--seed") { Description = "Where the random numbers start; equal seeds " +
            "give equal changes", HelpName = "N", DefaultValueFactory = _ => 0 }, 0, int.MaxValue);
        Option<string?> classes = ClassesOption.Create("How many classes: the first ones by name; or these, in this order [default: all]",
            takesNumber: true);
        Option<int> clips = CommonOptions.Between(new Option<int>("--clips") { Description =
            "How many clips of each class, spread over all", HelpName = "N", DefaultValueFactory = _ => 3 }, 1, int.MaxValue);
        Option<int> columns = CommonOptions.Between(new Option<int>("--columns") { Description = "How many frames of each clip, spread " +
            "over the sequence", HelpName = "N", DefaultValueFactory = _ => 8 }, 1, int.MaxValue);
        var only = new Option<string?>("--only") { Description = "One clip alone: its name in data_file.csv, or train/<Class>/<name>",
            HelpName = "CLIP" };
        var gif = new Option<bool>("--gif") { Description = "A moving picture of one clip, all its frames, instead of the sheet" };
        var output = new Option<string?>("--output") { Description =
            "The picture [default: preview.png or preview.gif in the data folder]", HelpName = "FILE" };
        Option<FrameSampling> sampling = CommonOptions.Sampling();
        Option<string> crop = CommonOptions.Crop();
        Option<string> data = CommonOptions.Data();
        Option<string?> work = CommonOptions.Work();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("preview",
            "Shows what a network will see of the training clips, after sampling and random changes: rows of frames, class by class, in " +
            "data/preview.png.")
        {
            length, height, width, input,
        };
        augmentation.AddTo(command);
        foreach (Option option in (Option[])[seed, classes, clips, columns, only, gif, output, sampling, crop, data, work, threads])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            foreach ((Option idle, Option other) in ((Option, Option)[])[(clips, only), (classes, only), (clips, gif), (columns, gif)])
            {
                if (result.GetResult(idle) is { Implicit: false } && result.GetResult(other) is { Implicit: false })
                    result.AddError($"{idle.Name}: does nothing with {other.Name}; leave one of them out.");
            }
        });
        command.WithExamples(
            "vlstm preview 75", "vlstm preview 75 --zoom 0.1 --flip --rotate 8 --shift 0.2", "vlstm preview 75 --input flow --clips 1",
                "vlstm preview 75 --gif --only \"match 1\"");
        command.SetAction((parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            DataFolder folder = CommonOptions.Folder(parsed, data, work);
            var spec = new SequenceSpec(
                parsed.GetValue(length), parsed.GetValue(height) ?? UsualSide, parsed.GetValue(width) ?? UsualSide,
                    parsed.GetValue(sampling), CommonOptions.ToFit(parsed.GetValue(crop)!), WeightsDigest: "");
            var preview = new PreviewCommand(folder, spec, parsed.GetValue(input), augmentation.Read(parsed),
                (ulong)parsed.GetValue(seed), ct);
            IReadOnlyList<Clip> chosen = Choose(folder, parsed.GetValue(only), ClassesOption.Choose(parsed, classes),
                parsed.GetValue(gif) ? 1 : parsed.GetValue(clips));
            string file = FileFor(parsed.GetValue(output), folder, parsed.GetValue(gif) ? ".gif" : ".png");
            return Task.FromResult(parsed.GetValue(gif) ? preview.WriteGif(chosen[0], file)
                : preview.WriteSheet(chosen, parsed.GetValue(columns), file));
        });
        return command;
    }

    private static Argument<int?> Side(string name) => CommonOptions.With(
        CommonOptions.Side(name, UsualSide.ToString(CultureInfo.InvariantCulture)), CommonOptions.IsSide, CommonOptions.PossibleSide);

    private static string FileFor(string? output, DataFolder data, string extension) =>
        output is null ? Path.Combine(data.Work, "preview" + extension)
        : Path.GetExtension(output).Equals(extension, StringComparison.OrdinalIgnoreCase) ? output
        : throw new InputException($"{output}: expected a name that ends with {extension}");

    private static IReadOnlyList<Clip> Choose(DataFolder data, string? only, ClassChoice classes, int clipsOfEach)
    {
        Clip[] train = [.. DataFile.Read(data.DataFile).Where(c => c.Set == ClipSet.Train)];
        if (train.Length == 0)
            throw new InputException($"{data.DataFile}: lists no training clip; put clips into " +
                $"{Path.Combine(data.Root, "train", "<Class>")} and run `vlstm extract-files` again");
        if (only is not null)
            return train.FirstOrDefault(c => c.Label == only) is { } exact ? [exact]
                : train.FirstOrDefault(c => c.Name == only) is { } named ? [named]
                : throw new InputException(
                    $"{data.DataFile}: lists no training clip `{only}`; give the name of one, or train/<Class>/<name>");
        return
        [
            .. classes.Of(ClassNames.Of(train), data.DataFile, leftOut: _ => { })
                .Select(name => train.Where(c => ClassNames.Same.Equals(c.Class, name)).ToArray())
                .SelectMany(of => FrameSampler.Indices(of.Length, Math.Min(clipsOfEach, of.Length), FrameSampling.Even)
                    .Select(i => of[i])),
        ];
    }

    private int WriteSheet(IReadOnlyList<Clip> clips, int columns, string output)
    {
        long[] shown = FrameSampler.Indices(_spec.Length, Math.Min(columns, _spec.Length), FrameSampling.Even);
        var sheet = new ContactSheet(Title(shown.Length),
            [.. shown.Select(i => string.Create(CultureInfo.InvariantCulture, $"frame {i + 1}"))], _spec.Height, _spec.Width);
        var failures = new SortedSet<Finding>(Finding.Order);
        WorkDisplay.Run("preview", "clips", progress =>
        {
            for (int i = 0; i < clips.Count; i++)
            {
                progress.Report(new WorkProgress(i, clips.Count));
                try
                {
                    (byte[][] pictures, FrameTransform transform) = Read(clips[i]);
                    sheet.Add(clips[i].Class, clips[i].Name, transform.ToString().Split(", ", StringSplitOptions.RemoveEmptyEntries),
                        [.. shown.Select(s => pictures[s])]);
                }
                catch (Exception e) when (InputFailure.IsOfOne(e))
                {
                    failures.Add(InputFailure.Of(clips[i].Label, e));
                }
            }
            return 0;
        });
        Report.Failures(failures);
        if (sheet.Rows == 0)
            return ExitCode.Unusable;
        sheet.Write(output, _ct);
        Console.WriteLine($"{output}: {sheet.Rows} clips, {shown.Length} of {_spec.Length} frames each");
        return failures.Count == 0 ? ExitCode.Success : ExitCode.SomeFailed;
    }

    private int WriteGif(Clip clip, string output)
    {
        (byte[][] pictures, FrameTransform transform) = Read(clip);
        // Small pictures are enlarged, so that the text above them can be read.
        int times = (SmallestGif + _spec.Width - 1) / _spec.Width, width = _spec.Width * times, height = _spec.Height * times + GifHeading;
        byte[][] frames = [.. pictures.Select(p => UnderHeading(p, times))];
        double rate = Math.Clamp(RateOf(clip) * _spec.Length / clip.Frames, SlowestRate, FastestRate);
        PictureText[] texts = [new($"{clip.Class}: {clip.Name}", 6, 5, 16, width - 12)];
        PictureFile.WriteGif(output, frames, height, width, rate, texts, _ct);
        string change = transform.ToString();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{output}: {clip.Label}, {_spec.Length} frames, {rate:0.#} a second{(change.Length > 0 ? $"; {change}" : "")}"));
        return ExitCode.Success;
    }

    private (byte[][] Pictures, FrameTransform Transform) Read(Clip clip)
    {
        FrameTransform transform = _augmentation.Draw(_spec.Height, _spec.Width, _seed, clip.Label, epoch: 1);
        return (ClipFrames.ReadInput(_data, clip, _spec, _input, transform, _ct), transform);
    }

    private string Title(int shown)
    {
        string changes = _augmentation.ToString();
        string title = $"{shown} of {_spec.Length} frames, {_spec.Height} x {_spec.Width}, {_input.ToString().ToLowerInvariant()}";
        return changes.Length == 0 ? title : $"{title}; at random: {changes}";
    }

    private double RateOf(Clip clip) => _data.FindClip(clip) is { } file ? VideoProbe.Read(file, _ct).FrameRate.Value : AssumedRate;

    private byte[] UnderHeading(byte[] picture, int times)
    {
        int width = _spec.Width * times;
        var frame = new byte[(_spec.Height * times + GifHeading) * width * 3];
        frame.AsSpan(0, GifHeading * width * 3).Fill(250);
        for (int y = 0; y < _spec.Height * times; y++)
        {
            for (int x = 0; x < width; x++)
                picture.AsSpan((y / times * _spec.Width + x / times) * 3, 3).CopyTo(frame.AsSpan(((GifHeading + y) * width + x) * 3));
        }
        return frame;
    }
}
