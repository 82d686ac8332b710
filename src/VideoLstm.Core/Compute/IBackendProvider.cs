namespace VideoLstm.Core.Compute;

/// <summary>Something that a backend can compute on.</summary>
/// <param name="Name">As a user names it: <c>torch</c>, <c>cuda:0</c>.</param>
/// <param name="Description">What it is: a card's name and memory.</param>
public sealed record ComputeDevice(string Name, string Description);

/// <summary>What a library of backends offers here; one that is loaded when it is asked for.</summary>
public interface IBackendProvider
{
    /// <summary>The devices that answer, the best first.</summary>
    IReadOnlyList<ComputeDevice> Devices { get; }

    /// <summary>A backend on one of the devices.</summary>
    /// <param name="device">Name of one of <see cref="Devices"/>.</param>
    /// <param name="observer">Told of what is worth knowing while the backend computes; null: nobody is.</param>
    IBackend Create(string device, IJobObserver? observer = null);
}
