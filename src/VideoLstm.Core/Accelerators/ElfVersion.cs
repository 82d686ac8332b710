namespace VideoLstm.Core.Accelerators;

/// <summary>A version that a library asks of another: <c>GLIBCXX_3.4.32</c> of <c>libstdc++.so.6</c>.</summary>
/// <param name="Library">The file that has to have it.</param>
/// <param name="Name">The version.</param>
/// <param name="IsWeak">Where it is missing, the loader goes on.</param>
/// <param name="IsBound">A relocation refers to a symbol of it: without it the library cannot work.</param>
public sealed record ElfVersion(string Library, string Name, bool IsWeak, bool IsBound)
{
    /// <summary>Where in the file its flags are.</summary>
    internal int FlagsOffset { get; init; }
}
