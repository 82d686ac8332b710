namespace VideoLstm.Core.Media;

/// <summary>A line of text on a picture.</summary>
/// <param name="Text">The text.</param>
/// <param name="X">Where its left edge is, pixels.</param>
/// <param name="Y">Where its upper edge is, pixels.</param>
/// <param name="Size">Height of the line, pixels.</param>
/// <param name="Width">Where it is cut off, pixels from the left edge.</param>
/// <param name="Bold">Whether it stands out.</param>
/// <param name="Faint">Whether it stands back.</param>
public sealed record PictureText(string Text, int X, int Y, int Size, int Width, bool Bold = false, bool Faint = false)
{
    /// <summary>On which of several pictures it is: numbers of the first and of that after the last; null: on all.</summary>
    public (int First, int End)? Pictures { get; init; }
}
