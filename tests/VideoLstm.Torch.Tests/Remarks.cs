using VideoLstm.Core;

namespace VideoLstm.Torch.Tests;

/// <summary>Keeps what is said.</summary>
internal sealed class Remarks : IJobObserver
{
    /// <summary>A line each.</summary>
    public List<string> Lines { get; } = [];

    public void Remark(Finding finding) => Lines.Add(finding.Fact);

    public void Failure(Finding finding) => Lines.Add(finding.Fact);

    public T Watch<T>(string title, string unit, Func<IProgress<WorkProgress>, T> work) => work(new Progress<WorkProgress>());

    public Task<T> WatchAsync<T>(string title, string unit, Func<IProgress<WorkProgress>, Task<T>> work) =>
        work(new Progress<WorkProgress>());
}
