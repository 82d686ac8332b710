using System.CommandLine;
using VideoLstm.Core.Accelerators;
using VideoLstm.Core.Compute;

namespace VideoLstm.Cli;

/// <summary>The option with which a user says what computes.</summary>
/// <param name="given">What computes whatever is said; null: what is said.</param>
internal sealed class DeviceOption(IBackend? given)
{
    private const string Variable = "VLSTM_DEVICE";

    private readonly Option<string?> _device = new("--device")
    {
        Description = "What computes: the processor, a graphics card of NVIDIA (after `vlstm accelerator install`), or libtorch on the " +
            $"processor, to compare [default: {Variable}, or auto: a card where one can be used]",
        HelpName = "auto|cpu|cuda|cuda:N|torch",
    };

    /// <summary>Gives a verb the option.</summary>
    public void AddTo(Command command) => command.Add(_device);

    /// <summary>What computes.</summary>
    public IBackend Open(ParseResult parsed) => given ?? AcceleratorLoader.Open(
        parsed.GetValue(_device) ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? set : AcceleratorLoader.Auto),
        new JobReport());
}
