namespace VideoLstm.Core.Timelines;

/// <summary>One way to write a timeline down.</summary>
/// <param name="extension">What names of such files end with.</param>
/// <param name="clockRate">Steps of the format's clock in a second.</param>
internal abstract class TimelineFormat(string extension, int clockRate)
{
    /// <summary>What names of such files end with.</summary>
    public string Extension => extension;

    /// <summary>Steps of the format's clock in a second.</summary>
    public int ClockRate => clockRate;

    /// <summary>Whether it says only what to skip.</summary>
    public virtual bool IsSkipList => false;

    /// <summary>Whether a file is of this format, by its name.</summary>
    public bool Fits(string path) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is not what it should be.</exception>
    public abstract Timeline Read(TimelineText text);

    /// <summary>Writes a timeline.</summary>
    /// <param name="writer">Where to; ends lines as the format wants them.</param>
    /// <param name="timeline">Segments that last at least a step of the clock; in a skip list, what to skip.</param>
    /// <param name="name">Name of the file, for messages.</param>
    public abstract void Write(TextWriter writer, Timeline timeline, string name);

    /// <summary>What a format that counts frames says to a timeline without a rate.</summary>
    protected static InputException NoRate(string name) => new(
        $"{name}: such a file counts frames, but the rate of the video is not known; take another format, e.g. .json");

    /// <summary>What a file that counts frames without a rate says where that of the video is not known.</summary>
    protected static InputException NoRate(TimelineText text) =>
        new($"{text.Path}: counts frames, and the rate of the video is not known", Remedy.SayFrameRate);
}
