using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Models;
using VideoLstm.Core.Training;

namespace VideoLstm.Cli;

/// <summary>A search before a training: how long, what is printed of it, and the line that trains so again.</summary>
internal sealed partial class TuningOption
{
    private const double ValidationShare = 0.2;
    private const int MostEpochs = 200, MostHours = 1000;

    private readonly Option<string?> _time = new("--tune")
    {
        Description = "First search the learning rate, the units and the patience that suit the clips, for at most TIME (90s, 10m, 2h): " +
            "on train clips alone, never on test clips. What is given (--learning-rate, --units, --patience) is not searched. Then train " +
            $"with what was found, at most {MostEpochs} epochs, judged by a fifth of the train clips, unless --epochs or " +
            "--validation-split says otherwise; where TIME is too short for one trial, as without this option",
        HelpName = "TIME",
    };

    public TuningOption() => _time.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && Parse(result.Tokens[0].Value) is null)
            result.AddError($"{Name} must be a time such as 90s, 10m or 2h, at most {MostHours}h, not {result.Tokens[0].Value}.");
    });

    public string Name => _time.Name;

    public void AddTo(Command command) => command.Add(_time);

    /// <summary>How long to search; null: not at all.</summary>
    public TimeSpan? Read(ParseResult parsed) => parsed.GetValue(_time) is { } text ? Parse(text) : null;

    /// <summary>What to search. Recipes with few epochs, or judged by the test clips, would show nothing of it.</summary>
    /// <param name="budget">How long.</param>
    /// <param name="options">What is trained with where nothing is searched.</param>
    /// <param name="epochsAreGiven">Whether the user said how many epochs.</param>
    /// <param name="splitIsGiven">Whether the user said what judges them.</param>
    public static TuningRequest Request(TimeSpan budget, TrainingOptions options, bool epochsAreGiven, bool splitIsGiven) => new(budget)
    {
        Epochs = epochsAreGiven ? options.Epochs : MostEpochs,
        ValidationSplit = splitIsGiven ? options.ValidationSplit : options.ValidationSplit ?? ValidationShare,
    };

    /// <summary>Searches, prints each trial and the line that trains with the best, and gives the training with it.</summary>
    public TrainingJob Search(TrainingJob job, TuningRequest tuning, ParseResult parsed, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        (Trial? best, TimeSpan? shortest) = job.Tune(tuning,
            divisions =>
            {
                string how = divisions == 1 ? "a fifth of the train clips judges"
                    : $"one of {divisions} parts of the train clips judges, and all of them in turn what is best then";
                Console.WriteLine($"tuning {job.Request.Recipe.Name} for at most {parsed.GetValue(_time)}: {how}; no test clip is " +
                    $"looked at");
                Console.WriteLine(" learning_rate  units  val_loss  val_acc  epochs  parts  seconds");
            },
            trial =>
            {
                string loss = double.IsFinite(trial.Loss) ? trial.Loss.ToString("0.0000", CultureInfo.InvariantCulture) : "none";
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{trial.LearningRate,14:g4}  {Units(trial),5}  {loss,8}  " +
                    $"{trial.Accuracy,7:0.000}  {trial.Epochs,6}  {trial.Divisions,5}  {clock.Elapsed.TotalSeconds,7:0.0}"));
                clock.Restart();
            }, ct);
        if (best is null)
        {
            string why = shortest is { } least
                ? $"{parsed.GetValue(_time)} is too short for one trial, which takes {Rounded(least)} or more"
                : "in no trial was the loss a number";
            Console.WriteLine($"{why}: training as without {Name}");
            return job;
        }
        TrainingJob found = job.With(best, tuning);
        Console.WriteLine("the same training again, without the search:");
        Console.WriteLine(Line(best, found.Request.Options, parsed));
        return found;
    }

    private static string Rounded(TimeSpan time) => time.TotalHours >= 2 ? FormattableString.Invariant($"{time.TotalHours:0}h")
        : time.TotalMinutes >= 2 ? FormattableString.Invariant($"{time.TotalMinutes:0}m")
        : FormattableString.Invariant($"{time.TotalSeconds:0.#}s");

    private static string Units(Trial trial) => trial.Units?.ToString(CultureInfo.InvariantCulture) ?? "own";

    private string Line(Trial best, TrainingOptions options, ParseResult parsed)
    {
        List<string> words = ["vlstm"];
        for (int i = 0; i < parsed.Tokens.Count; i++)
        {
            if (parsed.Tokens[i].Value == Name)
                i++;
            else
                words.Add(Commands.TrainCommand.ShellQuote(parsed.Tokens[i].Value));
        }
        Add("--learning-rate", best.LearningRate.ToString("g6", CultureInfo.InvariantCulture));
        Add("--patience", best.Patience.ToString(CultureInfo.InvariantCulture));
        if (best.Units is { } units)
            Add("--units", units.ToString(CultureInfo.InvariantCulture));
        Add("--epochs", options.Epochs.ToString(CultureInfo.InvariantCulture));
        Add("--validation-split", (options.ValidationSplit ?? 0).ToString("g6", CultureInfo.InvariantCulture));
        return string.Join(' ', words);

        // What the user gave stands there already.
        void Add(string option, string value)
        {
            if (!words.Contains(option))
                words.AddRange([option, value]);
        }
    }

    private static TimeSpan? Parse(string text) => Time().Match(text) is { Success: true } match
        && double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is > 0 and var count
        && TimeSpan.FromSeconds(count * match.Groups[2].Value switch { "h" => 3600, "m" => 60, _ => 1 }) is var time
        && time.TotalHours <= MostHours ? time : null;

    [GeneratedRegex(@"^(\d{1,6}(?:\.\d{1,3})?)([smh])\z")]
    private static partial Regex Time();
}
