using System.CommandLine;
using System.CommandLine.Parsing;
using VideoLstm.Core;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Samples;

namespace VideoLstm.Cli;

/// <summary>How many changed copies of each train clip are learnt from besides it.</summary>
internal static class AugmentedCopies
{
    /// <summary>The option that goes with <see cref="AugmentationOptions"/> where features are taken.</summary>
    public static Option<int> Option() => CommonOptions.Between(
        new Option<int>("--augmented-copies") { Description = "Take features of N copies of each train clip too, changed at random as " +
            "the options below say", HelpName = "N", DefaultValueFactory = _ => 0 }, 0, 1000);

    /// <summary>What the user has asked for, besides the clips themselves.</summary>
    /// <exception cref="InputException">Copies without a change, or changes without copies.</exception>
    public static SequenceRequest Read(ParseResult parsed, Option<int> number, AugmentationOptions options, SequenceRequest request)
    {
        int copies = parsed.GetValue(number);
        Augmentation augmentation = options.Read(parsed);
        bool changes = augmentation.ChangesFrames;
        if (copies > 0 && !changes)
            throw new InputException(
                $"{number.Name} {copies}: the copies would be equal to the clips; say what changes, e.g. --zoom 0.1 --flip");
        if (copies == 0 && changes)
            throw new InputException(
                $"clips are changed at random only in copies of them; give {number.Name} N, or leave {augmentation} out");
        return request with { Copies = copies, Augmentation = augmentation };
    }
}
