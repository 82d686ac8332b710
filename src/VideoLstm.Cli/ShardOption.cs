using System.CommandLine;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Datasets;

namespace VideoLstm.Cli;

/// <summary>Which part of the work is done here: the option of all verbs whose work can be shared, and what says it otherwise.</summary>
internal sealed class ShardOption
{
    /// <summary>Names a shard where Slurm and Kubernetes do not.</summary>
    public const string Variable = "VLSTM_SHARD";

    private const string Auto = "auto";

    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Do this part of the work alone, 1/8 to 8/8 of it; what belongs to it is told by a hash of its name; auto: by " +
            $"{Variable}, or the task of an array job of Slurm, or the index of a Job of Kubernetes (with JOB_COMPLETIONS)",
        HelpName = $"I/N|{Auto}",
    };

    public ShardOption()
    {
        _shard.CompletionSources.Add(Auto);
        _shard.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value != Auto && Shard.Parse(result.Tokens[0].Value) is null)
                result.AddError($"--shard must be I/N with I of 1 to N and N at most {Shard.Most}, e.g. 3/8, or auto, not " +
                    $"{result.Tokens[0].Value}.");
        });
    }

    /// <summary>Gives a verb the option.</summary>
    public void AddTo(Command command) => command.Add(_shard);

    /// <summary>What the user asks for; null: all of the work.</summary>
    /// <exception cref="InputException">Nothing says which shard, or what says it makes no sense.</exception>
    public Shard? Read(ParseResult parsed) =>
        parsed.GetValue(_shard) is not { } text ? null : text == Auto ? Find(Environment.GetEnvironmentVariable) : Shard.Parse(text);

    /// <summary>What a line begins with that is of a shard alone.</summary>
    public static string Prefix(Shard? shard) => shard is null ? "" : $"shard {shard}: ";

    /// <summary>The shard that the environment names.</summary>
    /// <param name="variable">A variable of it; null where there is none.</param>
    internal static Shard Find(Func<string, string?> variable)
    {
        if (variable(Variable) is { Length: > 0 } named)
            return Shard.Parse(named) ?? throw new InputException($"{Variable}: expected I/N, e.g. 3/8, found `{named}`");
        if (variable("SLURM_ARRAY_TASK_ID") is { Length: > 0 })
            return OfSlurm(variable);
        if (variable("JOB_COMPLETION_INDEX") is { Length: > 0 })
            return Shard.Of(Number(variable, "JOB_COMPLETION_INDEX") + 1, Number(variable, "JOB_COMPLETIONS"))
                ?? throw new InputException($"JOB_COMPLETION_INDEX {variable("JOB_COMPLETION_INDEX")}: is no index of JOB_COMPLETIONS " +
                    $"{variable("JOB_COMPLETIONS")}; set JOB_COMPLETIONS to the completions of the Job");
        throw new InputException($"--shard {Auto}: nothing says which: there is no {Variable}, SLURM_ARRAY_TASK_ID or " +
            "JOB_COMPLETION_INDEX; give --shard I/N, e.g. 3/8");
    }

    // The tasks of an array count from any number on, but all of them are needed to know how many shards there are.
    private static Shard OfSlurm(Func<string, string?> variable)
    {
        long id = Number(variable, "SLURM_ARRAY_TASK_ID"), first = Number(variable, "SLURM_ARRAY_TASK_MIN"),
            count = Number(variable, "SLURM_ARRAY_TASK_COUNT");
        if (variable("SLURM_ARRAY_TASK_STEP") is { Length: > 0 } && Number(variable, "SLURM_ARRAY_TASK_STEP") is var step and not 1)
            throw new InputException($"SLURM_ARRAY_TASK_STEP {step}: tasks must follow each other one by one; give --array without a " +
                "step, e.g. --array=1-8");
        if (variable("SLURM_ARRAY_TASK_MAX") is { Length: > 0 } && Number(variable, "SLURM_ARRAY_TASK_MAX") is var last
            && last - first + 1 != count)
            throw new InputException($"SLURM_ARRAY_TASK_COUNT {count}: is not all of {first} to {last}; give all tasks, e.g. " +
                $"--array=1-8, or say which shard this is with {Variable}");
        return Shard.Of(id - first + 1, count)
            ?? throw new InputException($"SLURM_ARRAY_TASK_ID {id}: is none of {count} tasks from {first} on");
    }

    private static long Number(Func<string, string?> variable, string name) =>
        long.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < int.MaxValue ? number
            : throw new InputException($"{name}: expected a number, found `{variable(name)}`");
}
