namespace VideoLstm.Core.Classification;

/// <summary>Where one class becomes another within a shot.</summary>
/// <param name="From">It lies after this frame: a window that begins there is of the class before.</param>
/// <param name="To">It lies before this frame: a window that ends there is of the class after.</param>
/// <param name="Before">Number of the class before.</param>
/// <param name="After">Number of the class after.</param>
/// <param name="Frame">Number of the first frame of the class after.</param>
internal sealed record FoundBorder(long From, long To, int Before, int After, long Frame);
