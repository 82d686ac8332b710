using VideoLstm.Core;

namespace VideoLstm.Cli;

/// <summary>Shows a person what a job tells.</summary>
internal class JobReport : IJobObserver
{
    /// <inheritdoc/>
    public void Remark(Finding finding) => Report.Remarks([finding]);

    /// <inheritdoc/>
    public void Failure(Finding finding) => Report.Failures([finding]);

    /// <inheritdoc/>
    public T Watch<T>(string title, string unit, Func<IProgress<WorkProgress>, T> work) => WorkDisplay.Run(title, unit, work);

    /// <inheritdoc/>
    public Task<T> WatchAsync<T>(string title, string unit, Func<IProgress<WorkProgress>, Task<T>> work) =>
        WorkDisplay.RunAsync(title, unit, work);
}
