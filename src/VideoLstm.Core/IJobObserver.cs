namespace VideoLstm.Core;

/// <summary>What long work tells whoever has it done.</summary>
public interface IJobObserver
{
    /// <summary>Something worth knowing.</summary>
    void Remark(Finding finding);

    /// <summary>An input that cannot be used; the others go on.</summary>
    void Failure(Finding finding);

    /// <summary>Does a part of the work and shows how far it is.</summary>
    /// <param name="title">What is done, e.g. <c>features</c>.</param>
    /// <param name="unit">What is counted, e.g. <c>frames</c>.</param>
    /// <param name="work">The work; it reports how far it is.</param>
    T Watch<T>(string title, string unit, Func<IProgress<WorkProgress>, T> work);

    /// <inheritdoc cref="Watch"/>
    Task<T> WatchAsync<T>(string title, string unit, Func<IProgress<WorkProgress>, Task<T>> work);
}
