using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace VideoLstm.Cli;

/// <summary>
/// The arguments of `vlstm classify`, as the article's script has them: seq_length class_limit weights video. The classifier knows its
/// number of classes, which may be left out: a whole number before the classifier is it.
/// </summary>
internal sealed class ClassifyArguments
{
    private readonly Argument<int> _length = CommonOptions.SequenceLength();
    private readonly Argument<string?> _classes = new("class_limit")
    {
        Description = "How many classes the classifier tells apart, as the article's script has it; may be left out",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Argument<string> _weights = new("weights")
    {
        Description = "A classifier that `vlstm train` wrote, e.g. lstm-features.bin, or a Keras model (.hdf5, .h5, .keras)",
    };
    private readonly Argument<string[]> _videos = new("video")
    {
        Description = "What to label: videos, folders, patterns such as 'recordings/**/*.ts'; or something live: - (standard input), " +
            "rtsp://, rtmp://, srt://, udp://, rtp://, http(s)://, /dev/video0, dshow:video=NAME, avfoundation:0",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Gives them to the verb.</summary>
    public void AddTo(Command command)
    {
        foreach (Argument argument in (Argument[])[_length, _classes, _weights, _videos])
            command.Add(argument);
        // Of the one that is always there: what is wrong with options is still said, as it would not be after errors of the command.
        _length.Validators.Add(result =>
        {
            (int? classes, string[] words) = Positions(result);
            if (classes < 1)
                result.AddError($"{_classes.Name} must be at least 1, not {classes}.");
            // Where the classifier is missing as well, the parser says so.
            if (words.Length == 1 && result.GetResult(_weights)?.Tokens.Count > 0)
                result.AddError($"{_videos.Name} is missing: seq_length [class_limit] weights video, e.g. 75 2 lstm-features.bin " +
                    $"match.mp4.");
        });
    }

    /// <summary>What a user gave; of the classes null where their number was left out.</summary>
    public (int Length, int? Classes, string Weights, string[] Videos) Read(ParseResult parsed)
    {
        (int? classes, string[] words) = Positions(parsed.CommandResult);
        return (parsed.GetValue(_length), classes, words[0], words[1..]);
    }

    // The words behind seq_length: the parser gives the first to class_limit, whatever it is.
    private (int? Classes, string[] Words) Positions(SymbolResult result)
    {
        string[] given = [.. ((Argument[])[_classes, _weights, _videos]).SelectMany(a => result.GetResult(a)?.Tokens ?? [])
            .Select(token => token.Value)];
        return int.TryParse(given.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out int classes)
            ? (classes, given[1..]) : (null, given);
    }
}
