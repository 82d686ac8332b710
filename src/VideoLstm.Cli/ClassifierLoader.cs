using System.CommandLine;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Cli;

/// <summary>Opens classifiers of every kind, and has the options with which a user says what a Keras model's file does not say.</summary>
internal sealed class ClassifierLoader
{
    private readonly Option<string?> _classes = new("--classes") { Description = "For a Keras model: the names of its classes, in the " +
        "order of its outputs [default: the first of data_file.csv by name]", HelpName = "A,B,..." };
    private readonly Option<string?> _size = new("--size") { Description = "For a Keras model: height and width of the pictures whose " +
        "features it learnt from, e.g. 720x1280 [default: 299x299]", HelpName = "HEIGHTxWIDTH" };
    private readonly Option<string?> _crop = new("--crop") { Description = "For a Keras model: how frames come to that size",
        HelpName = "none|center" };
    private readonly Option<FrameSampling?> _sampling = new("--sampling") { Description = "For a Keras model: which frames of a clip its " +
        "sequences were [default: stride, as the Python scripts; head for Keras' CNN-RNN example]", HelpName = "even|stride|head" };
    private readonly Option<int?> _length = CommonOptions.Between(new Option<int?>("--seq-length") { Description =
        "For a Keras model that takes sequences of any length: frames of a sequence", HelpName = "N" }, 1, 1 << 20);
    private readonly bool _sequences;

    /// <summary>Adds the options to a verb.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="sequences">Whether it takes sequences from clips, and has no argument that says how long they are.</param>
    public ClassifierLoader(Command command, bool sequences)
    {
        _sequences = sequences;
        _crop.AcceptOnlyFromAmong("none", "center");
        foreach (Option option in (Option[])[_classes, _size, _crop, .. sequences ? (Option[])[_sampling, _length] : []])
            command.Add(option);
        _size.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && Size(result.Tokens[0].Value) is null)
                result.AddError($"--size must be HEIGHTxWIDTH, each {CommonOptions.SmallestSide} to {CommonOptions.LargestSide}, e.g. " +
                    $"720x1280, not {result.Tokens[0].Value}.");
        });
        _sampling.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value.Equals(nameof(FrameSampling.Sliding), StringComparison.OrdinalIgnoreCase))
                result.AddError("--sampling must be even, stride or head.");
        });
    }

    /// <summary>Opens a classifier and says what was assumed of it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="path">The classifier, or <c>best</c> or <c>latest</c> of the data folder.</param>
    /// <param name="data">The data folder, whose classes a Keras model's may be.</param>
    /// <param name="length">Frames of a sequence, where an argument says it.</param>
    public ClassifierFile Open(ParseResult parsed, string path, DataFolder data, int? length = null)
    {
        string? crop = parsed.GetValue(_crop);
        if (!File.Exists(path) && ClassifierFile.IsWord(path))
        {
            string word = path;
            path = ClassifierFile.Find(word, data, _sequences ? parsed.GetValue(_length) : length);
            Report.Remarks([$"{word}: {path}"]);
        }
        ClassifierFile file = ClassifierFile.Open(path, new ClassifierHints
        {
            Classes = parsed.GetValue(_classes)?.Split(',', StringSplitOptions.TrimEntries),
            DataFile = data.DataFile,
            SequenceLength = _sequences ? parsed.GetValue(_length) : length,
            Size = parsed.GetValue(_size) is { } size ? Size(size) : null,
            Fit = crop is null ? null : CommonOptions.ToFit(crop),
            Sampling = _sequences ? parsed.GetValue(_sampling) : null,
        });
        Report.Remarks(file.Notes);
        return file;
    }

    private static (int Height, int Width)? Size(string text)
    {
        int[] sides = [.. text.Split('x').Select(s => int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out int side)
            ? side : 0)];
        return sides is [var height, var width] && sides.All(s => s is >= CommonOptions.SmallestSide and <= CommonOptions.LargestSide)
            ? (height, width) : null;
    }
}
