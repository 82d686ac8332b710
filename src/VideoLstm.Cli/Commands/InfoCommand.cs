using System.CommandLine;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm info`: what a file holds.</summary>
internal static class InfoCommand
{
    // At most a screen: lines of a list, and characters of a line.
    private const int ShownItems = 12, ShownGroups = 30, ShownCharacters = 400, MostCharacters = 1 << 16, LongestName = 200;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description =
            "A classifier, sequence, weights file, ONNX network, video or data_file.csv" };
        var all = new Option<bool>("--all") { Description = "Show everything, not only a screen" };
        Option<string?> key = WeightsCommand.Key();
        var command = new Command("info",
            "Says what a file holds: a classifier (.bin, or a Keras model), a sequence (.npy), weights (.h5, .pth, .safetensors), a " +
            "network (.onnx), a video, a data_file.csv.") { file, all, key };
        command.WithExamples("vlstm info data/checkpoints/lstm-features.012-0.034.1a2b3c4d.bin", "vlstm info data/data_file.csv",
            "vlstm info match.mp4", "vlstm info dinov2.onnx");
        command.SetAction((parsed, ct) => Task.FromResult(Run(parsed.GetValue(file)!, parsed.GetValue(all), parsed.GetValue(key), ct)));
        return command;
    }

    private static int Run(string path, bool all, string? key, CancellationToken ct)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a folder; give a file");
        if (!File.Exists(path))
            throw new InputException($"{path}: no such file");

        switch (FileKinds.Of(path))
        {
            case FileKind.Npy:
                WriteArray(path, all);
                break;
            case FileKind.Tensors:
                WriteTensors(path, key, all);
                break;
            case FileKind.DataFile:
                WriteDataFile(path, all);
                break;
            case FileKind.Onnx:
                WriteOnnx(path, all);
                break;
            default:
                WriteVideo(VideoProbe.Read(path, ct));
                break;
        }
        return ExitCode.Success;
    }

    private static void WriteArray(string path, bool all)
    {
        using FileStream stream = File.OpenRead(path);
        NpyArray array = NpyFile.ReadSingle(stream, path);
        Write("file", $"{path}, NumPy array");
        Write("shape", $"({string.Join(", ", array.Shape)}), {array.DataType}");
        if (array.Values.Length > 0)
            Write("values", string.Create(CultureInfo.InvariantCulture,
                $"{array.Values.Min():g6} to {array.Values.Max():g6}, mean {array.Values.Average(v => (double)v):g6}"));
        Write("taken from", NpyFile.ReadBytes(stream, path) is { } note
            ? System.Text.Encoding.UTF8.GetString(note).ReplaceLineEndings(" ") : "unknown: written by another program", all);
    }

    private static void WriteTensors(string path, string? key, bool all)
    {
        using TensorFile file = TensorFile.Open(path, key);
        if (file is SafetensorsFile safetensors && Checkpoint.IsCheckpoint(file.Metadata))
        {
            CheckpointInfo info = Checkpoint.ReadInfo(safetensors);
            Write("file", $"{path}, classifier ({Describe(info.Model)})");
            Write("classes", string.Join(", ", info.Classes), all);
            Write("sequence", $"{info.Sequences.Length} frames of {info.Sequences.Height} x {info.Sequences.Width} (height x width), " +
                $"sampling {info.Sequences.Sampling}, fit {info.Sequences.Fit}, clips of {info.ClipFrames} frames");
            Write("sees", info.Source.Input is { } input
                ? $"frames, {input}"
                : $"features of InceptionV3 {info.Source.WeightsName}, {info.Source.Dialect} dialect, digest " +
                    $"{info.Sequences.WeightsDigest}, precision {info.Sequences.Precision}");
            if (info.Source.Origin is { } origin)
                Write("origin", origin);
            if (info.Epoch is not null)
                Write("epoch", string.Create(CultureInfo.InvariantCulture,
                    $"{info.Epoch}, validation loss {info.ValidationLoss:0.0000}, accuracy {info.ValidationAccuracy:0.000}"));
        }
        else if (KerasModel.Is(file))
        {
            WriteKeras(path, (KerasFile)file, all);
        }
        else
        {
            Write("file", $"{path}, {file.FormatName}");
            List(file.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal)
                .Select(m => $"{Printable.Short(m.Key, LongestName) + ":",-12} {Shown(m.Value, 100, all)}"), file.Metadata.Count,
                ShownItems, "metadata", all);
        }
        // Sizes come from the file and may be anything: counted as real numbers, they cannot overflow.
        Write("tensors", string.Create(CultureInfo.InvariantCulture,
            $"{file.Entries.Count}, {file.Entries.Sum(e => e.Shape.Aggregate(1.0, (a, b) => a * b)):#,0} values"));
        List(file.Entries.Select(e =>
            $"  {Printable.Short(e.Name, LongestName)}  {Printable.Short(e.DataType, LongestName)} [{string.Join(", ", e.Shape)}]"),
            file.Entries.Count, ShownItems, "tensors", all);
    }

    // Also a model that is no classifier of ours has layers that are worth knowing; what stands in the way is said.
    private static void WriteKeras(string path, KerasFile file, bool all)
    {
        Write("file", $"{path}, {file.FormatName}, a model of Keras " +
            $"{file.Metadata.GetValueOrDefault("keras_version") ?? "of an unknown version"}");
        try
        {
            KerasModel model = KerasModel.Read(file);
            string classes = model.ClassNames is { } names ? $"classes {string.Join(", ", names)}"
                : $"{model.Classes} classes, whose names are not in the file (--classes A,B,... or data_file.csv)";
            Write("classifier", $"{Describe(model.Spec(model.Time ?? 1))}; {classes}", all);
            Write("sequence", $"{(model.Time is { } time ? $"{time}" : "any number of")} frames, features of " +
                $"InceptionV3{(model.TakesMask ? ", with a mask" : "")}");
            Report.Remarks(model.Notes);
        }
        catch (InputException e)
        {
            Write("classifier", $"no: {Remedies.Line(e.Finding)}");
        }
    }

    private static string Describe(ModelSpec model)
    {
        if (model.Sequential is { } layers)
            return string.Join(" - ", layers);
        var plain = new ModelSpec(model.Recipe, model.SequenceLength, model.Features, model.Classes);
        return string.Join(", ", ModelSpec.Options.Where(o => !Equals(o.Get(model), o.Get(plain))).Select(Words)
            .Prepend(model.Recipe));

        string Words(ModelOption option)
        {
            string name = option.Key.Replace('_', ' ');
            return option.Get(model) is not true and var value ? string.Create(CultureInfo.InvariantCulture, $"{value} {name}") : name;
        }
    }

    private static void WriteOnnx(string path, bool all)
    {
        var network = OnnxSummary.Read(path);
        Write("file", string.Create(CultureInfo.InvariantCulture,
            $"{path}, ONNX network, {new FileInfo(path).Length / 1e6:0.0} MB ({network.Producer})"));
        foreach (string input in network.Inputs.Take(all ? int.MaxValue : ShownItems))
            Write("input", input, all);
        foreach (string output in network.Outputs.Take(all ? int.MaxValue : ShownItems))
            Write("output", output, all);
        Write("weights", string.Create(CultureInfo.InvariantCulture, $"{network.Weights:#,0} values") +
            (network.External.Count > 0 ? $", in part in {string.Join(", ", network.External)}" : ""));
        Write("operators", string.Create(CultureInfo.InvariantCulture, $"{network.Operators.Sum(o => o.Count)}: ") +
            string.Join(", ", network.Operators.Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Name} {o.Count}"))), all);
        Write("values", string.Join(", ", network.Computed.Take(all ? int.MaxValue : ShownItems).Select(v => Printable.Short(v))) +
            (all || network.Computed.Count <= ShownItems ? "" : $" and {network.Computed.Count - ShownItems} more before them"), all);
        List(network.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => $"{Printable.Short(m.Key, LongestName) + ":",-12} {Shown(m.Value, 100, all)}"), network.Metadata.Count,
            ShownItems, "metadata", all);
        Write("extractor", network.Fault is { } fault ? $"no: {Remedies.Line(fault)}" : network.Assumed!, all);
    }

    private static void WriteDataFile(string path, bool all)
    {
        IReadOnlyList<Clip> clips = DataFile.Read(path);
        Write("file", $"{path}, list of clips");
        Write("clips", $"{clips.Count}, {clips.Sum(c => c.Frames)} frames");
        IGrouping<(ClipSet Set, string Class), Clip>[] groups = [.. clips.GroupBy(c => (c.Set, c.Class))];
        List(
            groups.Select(g => $"  {Clip.SetName(g.Key.Set)}/{Printable.Short(g.Key.Class, LongestName)}: {g.Count()} clips of " +
                $"{g.Min(c => c.Frames)} to {g.Max(c => c.Frames)} frames"),
            groups.Length, ShownGroups, "classes", all);
    }

    private static void WriteVideo(VideoInfo video)
    {
        Write("file", $"{video.Path}, video ({video.Container})");
        Write("picture", $"{video.Width} x {video.Height} (width x height, as shown), {video.Codec}");
        if (video.Streams.Count > 1)
            Write("streams", $"{string.Join(", ", video.Streams)}; {video.StreamIndex} is the one that is read, --stream takes another");
        Write("rate", string.Create(CultureInfo.InvariantCulture, $"{video.FrameRate.Value:0.###} frames/s"));
        Write("length", string.Create(CultureInfo.InvariantCulture,
            $"{(video.DurationSeconds is { } s ? $"{s.ToString("0.00", CultureInfo.InvariantCulture)} s" : "unknown")}, " +
            $"{(video.FrameCount is { } n ? $"{n} frames" : "number of frames not stated")}"));
        Write("audio", video.HasAudio ? "yes" : "no");
    }

    private static void Write(string name, string value, bool all = false) =>
        Console.WriteLine($"{name + ":",-12} {Shown(value, ShownCharacters, all)}");

    private static void List(IEnumerable<string> lines, int count, int shown, string what, bool all)
    {
        foreach (string line in lines.Take(all ? int.MaxValue : shown))
            Console.WriteLine(line);
        if (!all && count > shown)
            Console.WriteLine($"  ... and {count - shown} more {what} (--all lists them)");
    }

    private static string Shown(string value, int longest, bool all)
    {
        longest = all ? MostCharacters : longest;
        return value.Length <= longest ? value.ReplaceLineEndings(" ")
            : $"{Printable.Short(value, longest).ReplaceLineEndings(" ")} ({value.Length} characters)";
    }
}
