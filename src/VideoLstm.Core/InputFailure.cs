namespace VideoLstm.Core;

/// <summary>Tells what is wrong with one input, after which the others go on, from what ends a run.</summary>
public static class InputFailure
{
    /// <summary>
    /// Whether an exception concerns the input that was worked on: it cannot be used, is gone, or may not be read, or its results cannot be
    /// written.
    /// </summary>
    public static bool IsOfOne(Exception e) => e is InputException or InvalidDataException or IOException or UnauthorizedAccessException;

    /// <summary>Whether the machine is to blame and not the input: a full disk, a folder that may not be written.</summary>
    public static bool IsOfMachine(Exception e)
    {
        ArgumentNullException.ThrowIfNull(e);
        Exception cause = e.InnerException ?? e;
        return cause is UnauthorizedAccessException or (IOException and not (FileNotFoundException or DirectoryNotFoundException));
    }

    /// <summary>One line that names the input.</summary>
    /// <param name="input">As a person would point to it; messages that name a file themselves go without.</param>
    /// <param name="e">What happened.</param>
    public static Finding Of(string input, Exception e) => e is InputException known ? known.Finding : $"{input}: {e.Message}";
}
